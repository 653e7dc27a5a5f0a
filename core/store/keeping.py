"""What the store promises about what it keeps: for how long, of whom, until when, and who decided it.

A part of Store, apart because other rooms are about conversing. Its methods are short transactions like the others;
what takes long is done a little at a time, by whoever calls again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.privacy import Ages, Due, Holdings, Kept, Place, Reach
from core.store import audit, conversations, notes, people, retention, talks
from core.store.database import Database
from core.store.results import ErasureProgress
from core.store.tutoring import kept as tutored


class Keeping:
    """What is kept of people, for how long, and the log of what admins did."""

    _database: Database

    # ── the audit log ──

    async def record_audit(self, entry: AuditEntry) -> None:
        """The entry is in the log. Changes take their entry along instead: both are there, or neither."""
        async with self._database.writing() as session:
            audit.recorded(session, entry)

    async def audit(
        self, place: Place, *, action: str = "", actor: str | None = None, limit: int = 20
    ) -> tuple[AuditEntry, ...]:
        """The newest entries of the workspace (or of the one channel), newest first: those whose action begins so, and
        of that actor."""
        async with self._database.reading() as session:
            return await audit.newest(session, place, action=action, actor=actor, limit=limit)

    # ── retention ──

    async def ages(self, place: Place) -> Ages:
        """For how long things are kept, as set for that very place."""
        async with self._database.reading() as session:
            return await retention.ages(session, place)

    async def set_age(self, place: Place, kept: Kept, days: int | None, *, by: AuditEntry, now: datetime) -> Ages:
        """The place keeps things of that kind for so many days (0: for ever; None: as the wider place does). Returns
        what it had before."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            return await retention.set_age(session, place, kept, days, now=now)

    async def places_with(self, kept: Kept, *, after: Place | None, limit: int = 100) -> tuple[Due, ...]:
        """The next places in which there is something of that kind, each with its oldest; none after the last."""
        async with self._database.reading() as session:
            return await retention.places_with(session, kept, after=after, limit=limit)

    async def purge(self, kept: Kept, place: Place, *, before: datetime, limit: int = 100) -> int:
        """At most that many things of the place that ended before that time are gone. Returns how many; call again
        until there are none. Several processes may do it at once."""
        async with self._database.writing() as session:
            return await retention.purged(session, kept, place, before=before, limit=limit)

    async def purge_effects(self, *, before: datetime, limit: int = 1_000) -> int:
        """About that many of the things done before that time may have their effect again. Returns how many. No
        platform delivers a thing again after a day, so a week is ample."""
        async with self._database.writing() as session:
            return await retention.purged_effects(session, before=before, limit=limit)

    # ── what is stored of people ──

    async def conversation_number(self, key: ConversationKey) -> int | None:
        """How the key's conversation is numbered in a Reach, where there is one."""
        async with self._database.reading() as session:
            return await conversations.number_of(session, key)

    async def holdings(self, reach: Reach, *, through: int | None = None) -> Holdings:
        """How much is stored within the reach, up to that turn where one is named."""
        async with self._database.reading() as session:
            talked = await talks.counted(session, reach, through=through)
            number, last = await notes.counted(session, reach, through=through)
            sessions = await tutored.counted(session, reach)
            return replace(talked, notes=number, sessions=sessions, through=max(talked.through, last))

    async def order_erasure(self, reach: Reach, *, through: int, by: AuditEntry, now: datetime) -> int:
        """What is within the reach up to that turn will be erased, whatever happens to this process. Returns the
        order's number."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            return await people.ordered(session, reach, through=through, now=now)

    async def erasures(self, *, limit: int = 100) -> tuple[int, ...]:
        """The numbers of the oldest orders that are not done."""
        async with self._database.reading() as session:
            return await people.orders(session, limit=limit)

    async def erase(self, order: int, *, now: datetime, limit: int = 50) -> ErasureProgress:
        """At most that many turns of the order are gone; turns that are being answered are told to stop, store nothing
        and go once they have. Call again until it is done; where nothing was erased, later."""
        async with self._database.writing() as session:
            return await people.carried_on(session, order, limit=limit, now=now)

    async def told(self, reach: Reach) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """All that is stored of a person, entry by entry with its kind, read in pages."""
        for name in (*people.HOLDINGS, *people.ACCOUNTS):
            mark = None
            while True:
                async with self._database.reading() as session:
                    page = await people.told(session, reach, name, mark)
                for one in page.entries:
                    yield name, one
                if page.next is None:
                    break
                mark = page.next

    async def scrub(self) -> None:
        """What was deleted is in no file of SQLite's any more, unless somebody reads it at this moment. PostgreSQL sees
        to it by itself, in time."""
        await self._database.checkpoint()
