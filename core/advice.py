"""Words that one person alone reads beside an answer: what they may still spend, and what an admin can mend."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from core.conversation import Platform
from core.errors import ModelError, SurfaceError
from core.ports import Clock, Surface
from core.turn import Turn

log = structlog.get_logger()

ADVISE_EVERY = 3_600.0
"""Seconds for which an admin is not told of the same kind of failure again."""


class Advice:
    """Of one process."""

    def __init__(self, surfaces: Mapping[Platform, Surface], clock: Clock) -> None:
        self._surfaces = surfaces
        self._clock = clock
        self._advised: dict[str, float] = {}

    async def tell(self, turn: Turn, sentence: str) -> None:
        """The asker reads it, as far as the platform has a way."""
        try:
            await self._surfaces[turn.key.platform].whisper(turn.target, turn.asker, sentence)
        except SurfaceError as failure:
            log.info("asker not told", action="advice.not_told", turn=turn.id, detail=failure.detail)

    async def of_failure(self, turn: Turn, error: ModelError) -> None:
        """An admin who ran into it is told what to do, once in a while; others were told who can mend it."""
        now, advice = self._clock.monotonic(), error.advice
        self._advised = {told: at for told, at in self._advised.items() if now - at < ADVISE_EVERY}
        if not advice or advice in self._advised:
            return
        surface = self._surfaces[turn.key.platform]
        try:
            if await surface.is_admin(turn.target, turn.asker):
                self._advised[advice] = now
                await surface.whisper(turn.target, turn.asker, advice)
        except SurfaceError as failure:
            log.info("admin not told", action="engine.advice_failed", turn=turn.id, detail=failure.detail)
