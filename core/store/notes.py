"""Notes: kept, read again, let go of one by one; and what of them lies within a reach, counted and erased.

An owner, a person or a channel, has a fixed number of slots, and each note takes the lowest free one. So the database
itself keeps anyone from having more. What is within a reach is decided by where a note was written and by whom, like
with messages: also a note for a channel goes with the words of the person who had it kept.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey
from core.incoming import Author
from core.notes import MOST, Note, NoteScope, NotesFull
from core.privacy import Reach
from core.store.database import upsert
from core.store.tables import ConversationRow, NoteRow
from core.turn import Turn

Condition = ColumnElement[bool]


async def kept(session: AsyncSession, turn: Turn, scope: NoteScope, text: str, *, now: datetime) -> Note:
    """The text is a note, or was one already: a turn that is begun anew writes nothing twice. Raises NotesFull."""
    while True:
        there = (await session.execute(select(NoteRow).where(_owned(turn.key, turn.asker, scope)))).scalars().all()
        for row in there:
            if row.text == text:
                return note_of(row)
        free = sorted(set(range(MOST)) - {row.slot for row in there})
        if not free:
            raise NotesFull
        added = upsert(session, NoteRow).values(_values(turn, scope, text, slot=free[0], now=now))
        row_added = (await session.execute(added.on_conflict_do_nothing().returning(NoteRow))).scalar_one_or_none()
        if row_added is not None:  # else another turn was faster to take the slot
            return note_of(row_added)


def _values(turn: Turn, scope: NoteScope, text: str, *, slot: int, now: datetime) -> dict[str, object]:
    return {
        "platform": turn.key.platform.value,
        "workspace": turn.key.workspace,
        "channel": turn.key.channel,
        "thread": turn.key.thread or "",
        "scope": scope.value,
        "owner_id": _owner(turn.key, turn.asker, scope),
        "slot": slot,
        "turn_id": turn.id,
        "author_id": turn.asker.id,
        "author_name": turn.asker.name,
        "text": text,
        "at": now,
    }


async def readable(session: AsyncSession, key: ConversationKey, reader: Author) -> tuple[Note, ...]:
    """The notes for that person and for that channel, the newest first."""
    where = or_(*(_owned(key, reader, scope) for scope in NoteScope))
    rows = await session.execute(select(NoteRow).where(where).order_by(NoteRow.id.desc()))
    return tuple(note_of(row) for row in rows.scalars())


async def dropped(session: AsyncSession, key: ConversationKey, reader: Author, number: int) -> Note | None:
    """That note is gone; None unless that person may read it there."""
    where = or_(*(_owned(key, reader, scope) for scope in NoteScope))
    gone = delete(NoteRow).where(NoteRow.id == number, where).returning(NoteRow)
    row = (await session.execute(gone)).scalar_one_or_none()
    return None if row is None else note_of(row)


def _owned(key: ConversationKey, person: Author, scope: NoteScope) -> Condition:
    return and_(
        NoteRow.platform == key.platform.value,
        NoteRow.workspace == key.workspace,
        NoteRow.scope == scope.value,
        NoteRow.owner_id == _owner(key, person, scope),
    )


def _owner(key: ConversationKey, person: Author, scope: NoteScope) -> str:
    return person.id if scope is NoteScope.PERSON else key.channel


def note_of(row: NoteRow) -> Note:
    """The value that the row holds."""
    return Note(
        id=row.id,
        scope=NoteScope(row.scope),
        text=row.text,
        author=row.author_name,
        author_id=row.author_id,
        at=row.at,
    )


# ── within a reach ──


async def counted(session: AsyncSession, reach: Reach, *, through: int | None) -> tuple[int, int]:
    """How many there are that were written up to that turn, and the last turn in which one was."""
    query = select(func.count(), func.max(NoteRow.turn_id)).where(*_within(reach, through))
    number, last = (await session.execute(query)).one()
    return number, last or 0


async def erased(session: AsyncSession, reach: Reach, *, through: int, limit: int) -> int:
    """At most that many notes are gone; how many it was."""
    picked = select(NoteRow.id).where(*_within(reach, through)).order_by(NoteRow.id).limit(limit)
    ids = (await session.execute(picked)).scalars().all()
    if ids:
        statement = delete(NoteRow).where(NoteRow.id.in_(ids))
        await session.execute(statement.execution_options(synchronize_session=False))
    return len(ids)


async def written(session: AsyncSession, reach: Reach, *, after: int, limit: int) -> list[NoteRow]:
    """The next notes within the reach after that one, oldest first."""
    query = select(NoteRow).where(*_within(reach, None), NoteRow.id > after).order_by(NoteRow.id).limit(limit)
    return list((await session.execute(query)).scalars())


def _within(reach: Reach, through: int | None) -> list[Condition]:
    place = reach.place
    conditions = [NoteRow.platform == place.platform.value, NoteRow.workspace == place.workspace]
    if place.channel is not None:
        conditions.append(NoteRow.channel == place.channel)
    if reach.conversation is not None:
        thread = select(ConversationRow.thread).where(ConversationRow.id == reach.conversation).scalar_subquery()
        conditions.append(NoteRow.thread == thread)
    if reach.person is not None:
        conditions.append(NoteRow.author_id == reach.person)
    if through is not None:
        conditions.append(NoteRow.turn_id <= through)
    return conditions
