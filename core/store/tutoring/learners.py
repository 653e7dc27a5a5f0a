"""Learners over all their sessions: how they learn, and where and when they want to be reminded.

A reminder is claimed before it is sent, by the day for which it is: of several processes one gets it. One that was
claimed by a process that died is sent by another under the same key, so that it stands there once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.incoming import ReplyTarget
from core.privacy import Place
from core.store.database import upsert
from core.store.tables import LearnerRow, ObjectiveRow, SessionRow
from core.store.tutoring.documents import target_document, target_of
from core.tutoring.reminding import Wishes, read_hours
from core.tutoring.session import SessionState

HOURS = "17:00-20:00"
"""In which reminders come unless the learner said otherwise."""


async def seen(session: AsyncSession, row: SessionRow, target: ReplyTarget) -> None:
    """The learner is known, and reminders go where they last began a session."""
    place = {"platform": row.platform, "workspace": row.workspace, "person_id": row.person_id}
    await _set(session, place, target=target_document(target))


async def note(session: AsyncSession, place: Place, person: str) -> str:
    """How they learn; empty where nothing is noted."""
    return (await session.execute(select(LearnerRow.note).where(one(place, person)))).scalar_one_or_none() or ""


async def set_note(session: AsyncSession, place: Place, person: str, text: str) -> None:
    """That is how they learn."""
    values = {"platform": place.platform.value, "workspace": place.workspace, "person_id": person}
    await _set(session, values, note=text)


def one(place: Place, person: str) -> ColumnElement[bool]:
    """The row of that person there."""
    return and_(
        LearnerRow.platform == place.platform.value,
        LearnerRow.workspace == place.workspace,
        LearnerRow.person_id == person,
    )


async def _set(session: AsyncSession, who: dict[str, str], **values: object) -> None:
    begin: dict[str, object] = {"note": "", "target": None, "reminding": False, "hours": HOURS, "zone": "UTC"}
    statement = upsert(session, LearnerRow).values(**who, **(begin | values))
    await session.execute(statement.on_conflict_do_update(index_elements=list(who), set_=values))


# ── reminders ──

STALE = timedelta(minutes=2)
"""After which a reminder that was claimed and not sent is anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A learner for whom something is due, and who wants to be told."""

    id: int
    person: str
    target: ReplyTarget
    wishes: Wishes
    due: int
    """Objectives."""
    session: int
    """The session that has most of them."""
    name: str
    """Of that session."""
    sending: str | None
    """A reminder that was begun and may stand there, by its key."""


async def wishes(session: AsyncSession, place: Place, person: str) -> Wishes:
    """What they said of reminders."""
    row = (await session.execute(select(LearnerRow).where(one(place, person)))).scalar_one_or_none()
    if row is None:
        return Wishes(on=False, hours=read_hours(HOURS), zone="UTC")
    return _wishes(row)


def _wishes(row: LearnerRow) -> Wishes:
    return Wishes(on=row.reminding, hours=read_hours(row.hours), zone=row.zone, last=row.reminded_on)


async def set_reminders(session: AsyncSession, place: Place, person: str, **values: object) -> None:
    """That is what they want."""
    who = {"platform": place.platform.value, "workspace": place.workspace, "person_id": person}
    await _set(session, who, **values)


async def candidates(session: AsyncSession, *, after: int, now: datetime, limit: int) -> list[Candidate]:
    """The next learners who want reminders and have something due, by their numbers."""
    due = (
        select(SessionRow.platform, SessionRow.workspace, SessionRow.person_id, SessionRow.id, SessionRow.name)
        .add_columns(func.count().label("due"))
        .join(ObjectiveRow, ObjectiveRow.session_id == SessionRow.id)
        .where(ObjectiveRow.due_at <= now, ~ObjectiveRow.dropped, SessionRow.state != SessionState.ACTIVE.value)
        .group_by(SessionRow.id)
        .subquery()
    )
    query = (
        select(LearnerRow, due.c.id, due.c.name, due.c.due)
        .join(
            due,
            and_(
                due.c.platform == LearnerRow.platform,
                due.c.workspace == LearnerRow.workspace,
                due.c.person_id == LearnerRow.person_id,
            ),
        )
        .where(LearnerRow.reminding, LearnerRow.id > after, LearnerRow.target.is_not(None))
        .order_by(LearnerRow.id, due.c.due.desc(), due.c.id)
        .limit(limit)
    )
    found: dict[int, Candidate] = {}
    for row, number, name, count in await session.execute(query):
        assert row.target is not None
        known = found.get(row.id)
        if known is None:
            found[row.id] = Candidate(
                id=row.id,
                person=row.person_id,
                target=target_of(row.target),
                wishes=_wishes(row),
                due=count,
                session=number,
                name=name,
                sending=row.sending,
            )
    return list(found.values())


async def claimed(session: AsyncSession, number: int, *, day: date, key: str, now: datetime) -> bool:
    """The reminder of that day is ours to send; false where somebody else has it, or had it."""
    statement = (
        update(LearnerRow)
        .where(
            LearnerRow.id == number,
            LearnerRow.reminding,
            or_(LearnerRow.reminded_on.is_(None), LearnerRow.reminded_on < day),
        )
        .values(reminded_on=day, sending=key, sending_since=now)
        .returning(LearnerRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def taken_over(session: AsyncSession, number: int, *, key: str, now: datetime) -> bool:
    """A reminder that somebody else began to send is ours to end."""
    statement = (
        update(LearnerRow)
        .where(LearnerRow.id == number, LearnerRow.sending == key, LearnerRow.sending_since <= now - STALE)
        .values(sending_since=now)
        .returning(LearnerRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def sent(session: AsyncSession, number: int, key: str) -> bool:
    """The reminder stands there; false where somebody else has said so already."""
    statement = (
        update(LearnerRow)
        .where(LearnerRow.id == number, LearnerRow.sending == key)
        .values(sending=None, sending_since=None)
        .returning(LearnerRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None
