"""Giving something up: what only waits is called off at once, what is under way goes on to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Abandonment:
    """Whether one piece of work was given up. One task waits at a time."""

    def __init__(self) -> None:
        self.begun = False
        self._waiting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """It is given up, and no wait goes on."""
        self.begun = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def unless(self, wait: Coroutine[object, object, None]) -> None:
        """Returns after the wait, or as soon as the work is given up."""
        if self.begun:
            wait.close()
            return
        self._waiting = asyncio.create_task(wait)
        try:
            await self._waiting
        except asyncio.CancelledError:
            if not self.begun:
                raise
        finally:
            self._waiting = None
