"""Messages of a reply that are no longer part of it: taken away, as far as the platform lets them go."""

from __future__ import annotations

import structlog

from core import fencing
from core.errors import SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.ports import Clock, Surface
from core.turn import MessageRef, Turn

log = structlog.get_logger()

TRIES = 4
"""For a message that shall go."""
PAUSE_MOST = 30.0
"""Seconds between them, at most."""


class Leftovers:
    """Those of one reply."""

    def __init__(self, turn: Turn, surface: Surface, clock: Clock) -> None:
        self._turn = turn
        self._surface = surface
        self._clock = clock

    async def delete(self, ref: MessageRef) -> None:
        """The message is gone, if the platform lets it go. One that is busy or away is asked again."""
        for failures in range(TRIES):
            fencing.check()
            try:
                await self._surface.delete(self._turn.target, ref)
                return
            except (SurfaceBusy, SurfaceUnavailable) as error:
                pause = error.retry_after if isinstance(error, SurfaceBusy) else None
                await self._clock.sleep(min(2.0**failures if pause is None else pause, PAUSE_MOST))
            except SurfaceError as error:
                log.info("not deleted", action="reply.not_deleted", turn=self._turn.id, detail=error.detail)
                return
