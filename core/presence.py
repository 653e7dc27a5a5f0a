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


class Presence:
    """The sign of one reply. Made inside a running loop, and shown at once."""

    def __init__(self, surface: Surface, target: ReplyTarget, clock: Clock, *, due: Callable[[], None]) -> None:
        self._surface = surface
        self._target = target
        self._clock = clock
        self._due = due
        self.wanted = True
        """Until there is text."""
        self.thinking = False
        """Whether a message shall say that we think; `due` was called."""
        self._signing = asyncio.create_task(self._sign(), name="working")
        self._waiting = asyncio.create_task(self._wait(), name="placeholder")

    async def _sign(self) -> None:
        every = self._surface.limits(self._target).working_every
        while self.wanted:
            with contextlib.suppress(SurfaceError):
                await self._surface.working(self._target)
            await self._clock.sleep(every)

    async def _wait(self) -> None:
        await self._clock.sleep(PLACEHOLDER_AFTER)
        self.thinking = True
        self._due()

    async def end(self) -> None:
        """No sign is given any more."""
        self.wanted = False
        self._signing.cancel()
        self._waiting.cancel()
        await asyncio.gather(self._signing, self._waiting, return_exceptions=True)
