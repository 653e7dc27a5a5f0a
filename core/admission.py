"""Who may ask in a channel, and telling those who may not: in private, and not again and again.

Where everyone may ask, nothing is looked up. Otherwise the platform is asked who somebody is, as far as the message did
not tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from core.channel import Askers, ChannelSettings
from core.conversation import Platform
from core.errors import SurfaceError
from core.incoming import Incoming, IncomingKind
from core.ports import Clock, Outlet
from core.store import Store

log = structlog.get_logger()

TELL_EVERY = 3_600.0
"""Seconds for which a person who goes on in a thread is not told again; one who mentions us is told each time."""
TOLD_KEPT = 10_000


class Admission:
    """The door of one process."""

    def __init__(self, store: Store, outlets: Mapping[Platform, Outlet], clock: Clock) -> None:
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._told: dict[tuple[str, ...], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def refusal(self, incoming: Incoming, settings: ChannelSettings) -> str | None:
        """Why the person may not ask here, with who may; none where they may."""
        if settings.who_may_ask is Askers.EVERYONE or await self._may(incoming, settings):
            return None
        return _sentence(settings)

    async def _may(self, incoming: Incoming, settings: ChannelSettings) -> bool:
        author = incoming.author
        listed = author.id in settings.asking_people or author.roles & settings.asking_roles
        if settings.who_may_ask is Askers.NAMED and listed:
            return True
        return author.runs_channel or await self._outlets[incoming.key.platform].is_admin(incoming.target, author)

    async def turned_away(self, incoming: Incoming, sentence: str) -> None:
        """The person is being told, once for a thing that is delivered twice. Who merely goes on in a thread is told
        only where we take part, and once in a while."""
        log.info("may not ask", action="admission.refused", conversation=str(incoming.key), kind=incoming.kind.value)
        if incoming.kind is IncomingKind.FOLLOW_UP:
            mark = (str(incoming.key), incoming.author.id)
            if await self._store.conversation_number(incoming.key) is None:
                return
        else:
            mark = (str(incoming.key.channel_key), incoming.event_id)
        now = self._clock.monotonic()
        if now - self._told.get(mark, -TELL_EVERY) < TELL_EVERY:
            return
        if len(self._told) >= TOLD_KEPT:
            self._told.clear()
        self._told[mark] = now
        self.tell(incoming, sentence)

    def tell(self, incoming: Incoming, sentence: str) -> None:
        """The person is being told in private."""
        task = asyncio.create_task(self._tell(incoming, sentence))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, incoming: Incoming, sentence: str) -> None:
        try:
            await self._outlets[incoming.key.platform].whisper(incoming.target, incoming.author, sentence)
        except SurfaceError as error:
            log.info("not told", action="admission.not_told", detail=error.detail)

    async def close(self) -> None:
        """No task of ours is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _sentence(settings: ChannelSettings) -> str:
    who = "admins"
    if settings.who_may_ask is Askers.NAMED:
        parts = [
            f"{len(found)} {one if len(found) == 1 else several}"
            for found, one, several in (
                (settings.asking_people, "person", "people"),
                (settings.asking_roles, "role", "roles"),
            )
            if found
        ]
        who = f"admins and whom they have named ({' and '.join(parts) or 'nobody yet'})"
    return f"In this channel only {who} may ask me. An admin can change that with `/settings`."
