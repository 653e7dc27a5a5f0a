"""The terminal as plain lines, for pipes, files and screen readers: a message is written once, when it is whole."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TextIO

from adapters.console.drawing import clean, plain
from adapters.console.screen import Interrupted, Question, Suggest
from adapters.console.shown import Shown
from core.conversation import ConversationKey


class PlainScreen:
    """Reads lines of `source` and writes to `out`. To be made inside a running loop."""

    def __init__(self, source: TextIO, out: TextIO) -> None:
        self._source = source
        self._out = out
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._written: dict[str, str] = {}
        # A thread of its own that nobody waits for: a read from a pipe cannot be broken off.
        threading.Thread(target=self._read_all, daemon=True, name="console lines").start()

    def draw(self, shown: Shown) -> None:
        """See Screen."""
        text = plain(shown)
        if not shown.growing and self._written.get(shown.id) != text:
            self._written[shown.id] = text
            self._write(text)

    def forget(self, message: str) -> None:
        """See Screen. Nothing of a growing message was written."""

    def status(self, key: ConversationKey, words: str) -> None:
        """See Screen. It is not said: each would stay."""

    def note(self, text: str) -> None:
        """See Screen."""
        self._write(clean(text))

    async def read(self, label: str) -> str | None:
        """See Screen. The label is for eyes."""
        return await self._lines.get()

    async def ask(self, question: Question) -> str:
        """See Screen. Several lines end with one that holds a single dot."""
        self._write(f"{question.label}{f' [{question.default}]' if question.default else ''}:")
        taken: list[str] = []
        while (line := await self._lines.get()) is not None:
            if not question.several_lines or line == ".":
                return (
                    "\n".join([*taken, *([] if line == "." and question.several_lines else [line])]) or question.default
                )
            taken.append(line)
        raise Interrupted

    def on_interrupt(self, told: Callable[[], bool]) -> None:
        """See Screen. Ctrl-C ends the program here, as a pipe expects."""

    def suggest(self, suggested: Suggest) -> None:
        """See Screen. Nobody sees what is proposed."""

    async def close(self) -> None:
        """See Screen."""
        self._out.flush()

    def _write(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()

    def _read_all(self) -> None:
        line: str | None = ""
        while line is not None:
            read = self._source.readline()
            line = read.rstrip("\r\n") if read else None
            try:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
            except RuntimeError:  # the loop has ended, and with it whoever would read this
                return
