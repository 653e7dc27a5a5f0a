"""A person at a terminal: reads what a program shows there, and types when it has asked."""

from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from tests.bots.programs import Program

if TYPE_CHECKING:
    from tests.bots.conftest import Programs

PATIENCE = 30.0
"""Seconds; two busy cores load the libraries slowly."""
PRESSED_EVERY = 1.0
HEARD = "Interrupted"


class Person:
    """Sees one terminal, in order: what was waited for is not looked at again."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._shown = ""
        self._seen = 0
        self._moved = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    @property
    def shown(self) -> str:
        """Everything that the terminal has shown."""
        return self._shown

    async def sees(self, *texts: str) -> None:
        """Each has been shown after the one before. AssertionError, with all that was shown, where one never is."""
        for text in texts:
            try:
                async with asyncio.timeout(PATIENCE):
                    while (found := self._shown.find(text, self._seen)) < 0:
                        await self._more()
            except TimeoutError:
                raise AssertionError(f"{text!r} was never shown; the terminal has:\n{self._shown}") from None
            self._seen = found + len(text)

    async def answers(self, question: str, answer: str = "") -> None:
        """The question was shown, and the answer typed with Enter."""
        await self.sees(question, ": ")
        os.write(self._master, f"{answer}\n".encode())

    async def interrupts(self, question: str) -> None:
        """The question was shown, and Ctrl-C pressed until the program has heard it: Python hears one that comes in the
        moment before it begins to wait for a key with the next key only."""
        await self.sees(question, ": ")
        await self.leaves_by_interrupting()

    async def leaves_by_interrupting(self) -> None:
        """Ctrl-C was pressed and heard, whatever the program was doing."""
        while HEARD not in self._shown:
            os.write(self._master, b"\x03")
            with suppress(TimeoutError):
                async with asyncio.timeout(PRESSED_EVERY):
                    while HEARD not in self._shown:
                        await self._more()

    async def _more(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def leaves(self) -> None:
        """Nothing is read any more."""
        asyncio.get_running_loop().remove_reader(self._master)

    def _read(self) -> None:
        try:
            came = os.read(self._master, 65536)
        except OSError:  # the program has closed its end
            came = b""
        if not came:
            self.leaves()
        self._shown += came.decode(errors="replace").replace("\r\n", "\n")
        self._moved.set()


@asynccontextmanager
async def seated(programs: Programs, *arguments: str, env: Mapping[str, str]) -> AsyncIterator[tuple[Person, Program]]:
    """`parley` with those arguments runs on a terminal of its own."""
    master, slave = pty.openpty()
    person = Person(master)
    try:
        terminal = os.ttyname(slave)
        program = await programs.start("tests.bots.seated", terminal, *arguments, env={"TERM": "xterm", **env})
        yield person, program
    finally:
        person.leaves()
        os.close(slave)
        os.close(master)
