"""A program of Parley as a process of its own, whose words can be waited for."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from dataclasses import dataclass

from tests.bots.nursery import Forked

PATIENCE = 30.0
"""Seconds; two busy cores load the libraries slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended, and all that it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams."""
        return self.out + self.err


class Program:
    """One process. Its output is read as it comes, so that it never waits for us."""

    def __init__(self, process: Process | Forked) -> None:
        self._process = process
        self._out: list[str] = []
        self._err: list[str] = []
        self._moved = asyncio.Event()
        self._reading = [
            asyncio.create_task(self._read(process.stdout, self._out)),
            asyncio.create_task(self._read(process.stderr, self._err)),
        ]

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it said on standard error so far."""
        return "".join(self._err)

    async def said(self, text: str) -> None:
        """Returns when standard error has that text. AssertionError, with all that it said, when it never does."""
        try:
            async with asyncio.timeout(PATIENCE):
                while text not in self.log and not all(task.done() for task in self._reading):
                    await self._moved.wait()
        except TimeoutError:
            pass
        assert text in self.log, f"{text!r} was never said:\n{''.join(self._out)}{self.log}"

    async def ended(self) -> Ended:
        """Returns when it has ended by itself or by a signal."""
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*self._reading)
                code = await self._process.wait()
        except TimeoutError:
            raise AssertionError(f"it has not ended:\n{''.join(self._out)}{self.log}") from None
        return Ended(code=code, out="".join(self._out), err=self.log)

    def terminate(self) -> None:
        """SIGTERM was sent."""
        self._process.terminate()

    async def kill(self) -> None:
        """It has ended, by kill -9 where it still ran."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._reading)

    async def _read(self, stream: asyncio.StreamReader | None, into: list[str]) -> None:
        assert stream is not None
        while line := await stream.readline():
            into.append(line.decode(errors="replace"))
            self._tell()
        self._tell()

    def _tell(self) -> None:
        waiting, self._moved = self._moved, asyncio.Event()
        waiting.set()
