"""The message that shows a session's plan: posted once, and edited in place as the session moves."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from core.conversation import Platform
from core.errors import PostGone, StoreUnavailable, SurfaceError
from core.ports import Messenger
from core.store import Store
from core.turn import MessageRef
from core.tutoring.session import Lesson
from core.tutoring.showing import card

log = structlog.get_logger()

KEPT = 1_000
"""Sessions of which it is remembered what their cards show."""


class Cards:
    """The cards of one process."""

    def __init__(self, store: Store, outlets: Mapping[Platform, Messenger]) -> None:
        """Without an outlet a platform's sessions have none."""
        self._store = store
        self._outlets = outlets
        self._shown: dict[int, str] = {}

    async def show(self, lesson: Lesson) -> None:
        """The card shows the lesson as it is. That it cannot is no reason to stop: the next step shows it again."""
        session = lesson.session
        outlet, text = self._outlets.get(session.key.platform), card(lesson)
        if outlet is None or (session.card is not None and self._shown.get(session.id) == text):
            return
        try:
            ref = await self._put(outlet, lesson, text)
            if ref != session.card:
                await self._store.show_card(session.id, ref)
        except (SurfaceError, StoreUnavailable) as error:
            log.info("card not shown", action="tutoring.card_failed", session=session.id, detail=error.detail)
            return
        if len(self._shown) >= KEPT:
            self._shown.clear()
        self._shown[session.id] = text

    async def _put(self, outlet: Messenger, lesson: Lesson, text: str) -> MessageRef:
        session = lesson.session
        key = f"tutor-card-{session.id}-{int(session.started_at.timestamp() * 1000)}"
        if session.card is not None:
            try:
                await outlet.resend(session.target, session.card, text)
                return session.card
            except PostGone:
                key = f"{key}-{session.card.message}"
        return await outlet.send(session.target, text, key=key)
