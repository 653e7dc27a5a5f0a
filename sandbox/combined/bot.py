"""Parley as a child process: started, watched, stopped in order, or killed on request. Nothing is restarted in silence.

Only the command is known here. Its lines are passed on as they are; turns.py reads them.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_LONGEST_LINE = 1024 * 1024


class BotState(StrEnum):
    """Where the child stands."""

    STOPPED = "stopped"
    """Not started yet, or stopped by us."""
    RUNNING = "running"
    KILLED = "killed"
    """Ended by kill -9 from here."""
    EXITED = "exited"
    """Ended by itself; the exit code says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStatus:
    """What is known of the child."""

    state: BotState = BotState.STOPPED
    pid: int | None = None
    exit_code: int | None = None
    starts: int = 0


class BotProcess:
    """One child at a time. Starting, stopping and killing wait for one another."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        say: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        stop_seconds: float = 15.0,
    ) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._say = say
        self._changed = changed
        self._stop_seconds = stop_seconds
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._ending: BotState = BotState.EXITED
        self._ended = asyncio.Event()
        self._status = BotStatus()

    @property
    def status(self) -> BotStatus:
        """What is known now."""
        return self._status

    def equip(self, environment: Mapping[str, str]) -> None:
        """The next child that is started gets this environment."""
        self._environment = dict(environment)

    async def start(self) -> None:
        """A child runs; one that runs already is left alone."""
        async with self._turn:
            await self._start()

    async def stop(self) -> None:
        """No child runs: it was asked by SIGTERM, and killed where that took longer than the time allowed."""
        async with self._turn:
            await self._stop()

    async def kill(self) -> None:
        """The child ended without warning, as by kill -9. Nothing starts it again."""
        async with self._turn:
            if self._process is not None and self._process.returncode is None:
                self._ending = BotState.KILLED
                self._process.kill()
                await self._gone()

    async def restart(self) -> None:
        """The old child was stopped in order and a new one runs."""
        async with self._turn:
            await self._stop()
            await self._start()

    async def ended(self) -> None:
        """Returns when the child that runs now has ended, for whatever reason."""
        await self._ended.wait()

    async def _start(self) -> None:
        if self._process is not None and self._process.returncode is None:
            return
        await self._gone()
        self._ending = BotState.EXITED
        self._ended = asyncio.Event()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=PIPE,
            stderr=STDOUT,
            limit=_LONGEST_LINE,
            env=self._environment,
            # A Ctrl-C in the terminal is for the sandbox, which then stops its children in order.
            start_new_session=True,
        )
        self._tell(BotStatus(state=BotState.RUNNING, pid=self._process.pid, starts=self._status.starts + 1))
        self._watch = asyncio.create_task(self._watched(self._process))

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            await self._gone()
            return
        self._ending = BotState.STOPPED
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self._stop_seconds)
        except TimeoutError:
            self._say(f"Parley did not stop within {self._stop_seconds:g} s and is killed.")
            process.kill()
        await self._gone()

    async def _gone(self) -> None:
        """Its last lines have been passed on, and its end is in the status."""
        if self._watch is not None:
            await self._watch
            self._watch = None

    async def _watched(self, process: Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than the limit: asyncio has thrown it away
                line = b"(a line of more than a megabyte was left out)\n"
            if not line:
                break
            self._say(line.decode(errors="replace").rstrip())
        code = await process.wait()
        if self._ending is BotState.EXITED:
            self._say(_epitaph(code))
        self._tell(BotStatus(state=self._ending, exit_code=code, starts=self._status.starts))
        self._ended.set()

    def _tell(self, status: BotStatus) -> None:
        self._status = status
        self._changed()


def _epitaph(code: int) -> str:
    if code == 0:
        return "Parley ended by itself, without an error (exit code 0). It is not started again."
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return f"Parley ended {how}; the lines above say why. It is not started again by itself: use the page's button."
