"""What places are called, as a platform told when it was asked: remembered for some minutes, and never an error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from adapters.recency import Recent
from core.errors import SurfaceError
from core.ports import Clock

log = structlog.get_logger()

NAME_FOR = 600.0
"""Seconds for which a name is not asked again."""
UNKNOWN_FOR = 60.0
"""Seconds for which one that could not be found out is not asked again."""
LOOK_WITHIN = 3.0
"""Seconds that an answer waits for a name."""


class Lookups:
    """Names by id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: Recent[str, tuple[str, float]] = Recent()

    async def name(self, id: str, ask: Callable[[], Awaitable[str | None]]) -> str:
        """The name that `ask` finds, or one that was known before, or the id."""
        now = self._clock.monotonic()
        name, until = self._known.get(id) or (id, now)
        if until > now:
            return name
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                found = await ask()
        except (SurfaceError, TimeoutError) as error:
            log.info("place unknown", action="platform.place_unknown", place=id, error=type(error).__name__)
            found = None
        self._known.put(id, (found or name, now + (NAME_FOR if found else UNKNOWN_FOR)))
        return found or name
