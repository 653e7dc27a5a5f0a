"""How a turn that is being worked on is told to stop, to begin anew, or to let go.

The worker and the buttons set it, the engine waits on it. The strongest word wins: who lost the lease has nothing
to finish, whoever else asked for what.
"""

from __future__ import annotations

import asyncio
from enum import IntEnum

from core.turn import Signal


class Interruption(IntEnum):
    """Why a turn does not simply go on. A higher one overrides a lower one."""

    NONE = 0
    RESTART = 1
    STOP = 2
    HAND_OVER = 3
    """This process is going down: another one goes on in the same message."""
    LOST = 4
    """Another process has the lease: not one more write."""


class TurnControl:
    """One turn's ear for interruptions, on one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._leaving = asyncio.Event()
        self._interruption = Interruption.NONE

    @property
    def interruption(self) -> Interruption:
        """The strongest one so far."""
        return self._interruption

    def interrupt(self, interruption: Interruption) -> None:
        """The turn is told, unless it was told something stronger."""
        if interruption > self._interruption:
            self._interruption = interruption
            self._event.set()
            if interruption >= Interruption.HAND_OVER:
                self._leaving.set()

    def signal(self, signal: Signal) -> None:
        """What a person asked for, as it came through the database or from this process."""
        self.interrupt(Interruption.STOP if signal is Signal.STOP else Interruption.RESTART)

    def restarted(self) -> None:
        """A restart has been obeyed; nothing stronger may have come meanwhile."""
        if self._interruption is Interruption.RESTART:
            self._interruption = Interruption.NONE
            self._event.clear()

    async def interrupted(self) -> Interruption:
        """Returns as soon as there is an interruption."""
        await self._event.wait()
        return self._interruption

    async def leaving(self) -> None:
        """Returns as soon as this process is to let go of the turn."""
        await self._leaving.wait()
