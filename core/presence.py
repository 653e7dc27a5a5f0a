"""That we are at work, as long as there is no text: the platform's own sign, renewed before it goes, which costs no
edit; and after a while a message that says so, with something to stop. That one is written by reply.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from core.errors import SurfaceError
from core.incoming import ReplyTarget
from core.ports import Clock, Surface

PLACEHOLDER_AFTER = 4.0
"""Seconds without text after which a message says that we think."""
SAID_EVERY = 2.0
"""Seconds between changes of what the sign says, at least."""


class Presence:
    """The sign of one reply. Made inside a running loop, and shown at once."""

    def __init__(self, surface: Surface, target: ReplyTarget, clock: Clock, *, due: Callable[[], None]) -> None:
        self._surface = surface
        self._target = target
        self._clock = clock
        self._due = due
        self.thinking = False
        """Whether a message shall say that we think; `due` was called."""
        self._saying = ""
        self._said = asyncio.Event()
        self._signing = asyncio.create_task(self._sign(), name="working")
        self._waiting = asyncio.create_task(self._wait(), name="placeholder")

    def say(self, words: str) -> None:
        """The sign says this, where the platform's can say anything; empty: what it says by itself."""
        if words != self._saying:
            self._saying = words
            self._said.set()

    async def _sign(self) -> None:
        every = self._surface.limits(self._target).working_every
        while True:
            self._said.clear()
            with contextlib.suppress(SurfaceError):
                await self._surface.working(self._target, self._saying)
            await self._clock.sleep(min(every, SAID_EVERY))
            if every > SAID_EVERY and not self._said.is_set():
                await self._until_said(every - SAID_EVERY)

    async def _until_said(self, seconds: float) -> None:
        """Returns when there is something else to say, or when that time has passed."""
        waits = {asyncio.create_task(self._said.wait()), asyncio.create_task(self._clock.sleep(seconds))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _wait(self) -> None:
        await self._clock.sleep(PLACEHOLDER_AFTER)
        self.thinking = True
        self._due()

    def text_is_there(self) -> None:
        """No further sign is needed, and none that waits for its turn is given any more."""
        self._signing.cancel()

    async def end(self) -> None:
        """No sign is given any more, and none stays."""
        self._signing.cancel()
        self._waiting.cancel()
        await asyncio.gather(self._signing, self._waiting, return_exceptions=True)
        await self._surface.idle(self._target)
