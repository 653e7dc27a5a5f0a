"""For how long things are kept in a place, and letting go of what is older.

The ages stand among the settings of a channel and of its workspace. To find what is old, the places in which there is
anything are visited one after the other by an index that leads from each to the next, with its oldest thing; so a
visit costs one probe however much is stored, and only what is due is read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.conversation import Platform
from core.privacy import Ages, Due, Kept, Place
from core.store import erasing, places
from core.store.tables import AuditRow, EffectRow, NoteRow, SessionRow, TurnRow, UsageRow

SETTING = "retention"


async def ages(session: AsyncSession, place: Place) -> Ages:
    """As set for that very place."""
    return _ages((await places.document(session, place)).get(SETTING, {}))


def _ages(document: dict[str, Any]) -> Ages:
    return Ages(**{kept.value: document.get(kept.value) for kept in Kept})


async def set_age(session: AsyncSession, place: Place, kept: Kept, days: int | None, *, now: datetime) -> Ages:
    """The place keeps things of that kind for so many days; what it had before."""
    before = _ages((await places.locked_document(session, place, now=now)).get(SETTING, {}))
    after = before.having(kept, days)
    document = {one.value: after.of(one) for one in Kept if after.of(one) is not None}
    await places.set_part(session, place, {SETTING: document}, now=now)
    return before


# ── visiting places ──


async def places_with(session: AsyncSession, kept: Kept, *, after: Place | None, limit: int) -> tuple[Due, ...]:
    """The next places in which there is something of that kind, at most that many."""
    found: list[Due] = []
    while len(found) < limit:
        row = (await session.execute(_next(kept, after))).one_or_none()
        if row is None:
            break
        channel, workspace, platform, oldest = row
        after = Place(platform=Platform(platform), workspace=workspace, channel=channel or None)
        set_there = (await ages(session, after)).within(await ages(session, after.whole))
        found.append(Due(place=after, oldest=oldest, ages=set_there))
    return tuple(found)


Columns = tuple[
    InstrumentedAttribute[str], InstrumentedAttribute[str], InstrumentedAttribute[str], InstrumentedAttribute[Any]
]


def _columns(kept: Kept) -> Columns:
    """As the index has them: the place, and when a thing's age began."""
    match kept:
        case Kept.CONVERSATIONS:
            return TurnRow.channel, TurnRow.workspace, TurnRow.platform, TurnRow.finished_at
        case Kept.NOTES:
            return NoteRow.channel, NoteRow.workspace, NoteRow.platform, NoteRow.at
        case Kept.TUTORING:
            return SessionRow.channel, SessionRow.workspace, SessionRow.platform, SessionRow.active_at
        case Kept.USAGE:
            return UsageRow.channel, UsageRow.workspace, UsageRow.platform, UsageRow.at
        case Kept.AUDIT:
            return AuditRow.channel, AuditRow.workspace, AuditRow.platform, AuditRow.at


def _next(kept: Kept, after: Place | None) -> Select[str, str, str, Any]:
    columns = _columns(kept)
    query = select(*columns).where(columns[3].is_not(None)).order_by(*columns).limit(1)
    if after is None:
        return query
    here = [literal(value, column.type) for value, column in zip(_names(after), columns[:3], strict=True)]
    # The plain comparison is implied by the other. It tells SQLite where in the index to begin.
    return query.where(columns[0] >= here[0], tuple_(*columns[:3]) > tuple_(*here))


def _names(place: Place) -> tuple[str, str, str]:
    return place.channel or "", place.workspace, place.platform.value


# ── letting go ──


async def purged(session: AsyncSession, kept: Kept, place: Place, *, before: datetime, limit: int) -> int:
    """Things of that kind in the place that ended before that time are gone, the oldest first and at most that many.
    What another process has in hand is left to it."""
    match kept:
        case Kept.CONVERSATIONS:
            return await _purged_turns(session, place, before=before, limit=limit)
        case Kept.NOTES:
            return await _purged(session, NoteRow.id, kept, place, before=before, limit=limit)
        case Kept.TUTORING:
            return await _purged(session, SessionRow.id, kept, place, before=before, limit=limit)
        case Kept.USAGE:
            return await _purged(session, UsageRow.turn_id, kept, place, before=before, limit=limit)
        case Kept.AUDIT:
            return await _purged(session, AuditRow.id, kept, place, before=before, limit=limit)


def _old(kept: Kept, place: Place, before: datetime) -> list[ColumnElement[bool]]:
    columns = _columns(kept)
    here = [column == value for value, column in zip(_names(place), columns[:3], strict=True)]
    return [*here, columns[3] < before]


async def _purged_turns(session: AsyncSession, place: Place, *, before: datetime, limit: int) -> int:
    query = (
        select(TurnRow.id, TurnRow.conversation_id)
        .where(*_old(Kept.CONVERSATIONS, place, before))
        .order_by(TurnRow.finished_at)
        .limit(limit)
    )
    picked = [(turn, conversation) for turn, conversation in await session.execute(query)]
    return await erasing.ended_erased(session, picked) if picked else 0


async def _purged(
    session: AsyncSession,
    number: InstrumentedAttribute[int],
    kept: Kept,
    place: Place,
    *,
    before: datetime,
    limit: int,
) -> int:
    old = select(number).where(*_old(kept, place, before)).order_by(_columns(kept)[3]).limit(limit)
    ids = (await session.execute(old.with_for_update(skip_locked=True))).scalars().all()
    if ids:
        statement = delete(number.class_).where(number.in_(ids))
        await session.execute(statement.execution_options(synchronize_session=False))
    return len(ids)


async def purged_effects(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Effects of before that time are forgotten, about that many (more only where several are of one moment); how
    many."""
    old = select(EffectRow.at).where(EffectRow.at < before).order_by(EffectRow.at).limit(limit)
    times = (await session.execute(old)).scalars().all()
    if times:
        statement = delete(EffectRow).where(EffectRow.at <= times[-1])
        await session.execute(statement.execution_options(synchronize_session=False))
    return len(times)
