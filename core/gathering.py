"""Lets text gather where nobody could be shown it anyway, instead of waking for each piece."""

from __future__ import annotations

from collections.abc import Callable

from core.ports import Clock

LEAST_REST = 0.02
"""Seconds below which it is not worth while to let text gather."""
DRAINING = 0.005
"""Seconds after a rest in which what has gathered comes, piece by piece."""


class Gathering:
    """The pauses of one reader of a stream."""

    def __init__(self, clock: Clock, rest: Callable[[], float]) -> None:
        """`rest` tells for how many seconds more text is of no use yet."""
        self._clock = clock
        self._rest = rest
        self._rested = clock.monotonic() - DRAINING

    async def gathered(self) -> None:
        """More text may be read."""
        if self._clock.monotonic() - self._rested < DRAINING:
            return
        seconds = self._rest()
        if seconds >= LEAST_REST:
            await self._clock.sleep(seconds)
            self._rested = self._clock.monotonic()
