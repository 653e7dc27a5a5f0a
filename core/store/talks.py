"""The conversations of people: what of them lies within a reach is counted, erased a little at a time, and told.

How turns go is said in erasing.py; what else is kept of people, and the orders to erase it, in people.py.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Role
from core.privacy import Holdings, Reach
from core.store import erasing
from core.store.tables import ConversationRow, MessageRow, TurnRow, is_open

Condition = ColumnElement[bool]


async def counted(session: AsyncSession, reach: Reach, *, through: int | None) -> Holdings:
    """How much there is within the reach, up to that turn."""
    query = select(func.count(), func.max(TurnRow.id)).where(*_turns(reach, through), ~TurnRow.forgotten)
    answers, last = (await session.execute(query)).one()
    messages = (await session.execute(select(func.count()).where(*_messages(reach, through)))).scalar_one()
    return Holdings(
        messages=messages, answers=answers, summaries=await _summaries(session, reach, through), through=last or 0
    )


async def _summaries(session: AsyncSession, reach: Reach, through: int | None) -> int:
    first = select(TurnRow.conversation_id, func.min(TurnRow.seq).label("seq")).where(*_turns(reach, through))
    found = first.group_by(TurnRow.conversation_id).subquery()
    query = select(func.count()).select_from(ConversationRow).join(found, found.c.conversation_id == ConversationRow.id)
    query = query.where(found.c.seq <= ConversationRow.summary_through)
    return (await session.execute(query)).scalar_one()


async def erased(session: AsyncSession, reach: Reach, *, through: int, limit: int, now: datetime) -> int:
    """At most that many turns within the reach are gone, or are stopping; how many it was."""
    picked = await _picked(session, _due(reach, through).limit(limit))
    if picked:
        await erasing.erased(session, picked, now=now)
        return len(picked)
    if reach.person is None:
        return 0
    return await _unsaid(session, reach, reach.person, through=through, limit=limit, now=now)


async def _unsaid(session: AsyncSession, reach: Reach, person: str, *, through: int, limit: int, now: datetime) -> int:
    """What the person said in turns that are asked in another's name."""
    where = _messages(reach, through)
    picked = await _picked(session, select(MessageRow.turn_id, MessageRow.conversation_id).where(*where).limit(limit))
    if not picked:
        return 0
    shared = await erasing.others_asked(session, {turn for turn, _ in picked}, person)
    if alone := [pick for pick in picked if pick[0] not in shared]:
        await erasing.erased(session, alone, now=now)
    if together := [pick for pick in picked if pick[0] in shared]:
        await erasing.unsaid(session, together, person)
    return len(picked)


async def _picked(session: AsyncSession, query: Select[int, int]) -> list[erasing.Pick]:
    return sorted({(turn, conversation) for turn, conversation in await session.execute(query)})


def _due(reach: Reach, through: int) -> Select[int, int]:
    stopping = TurnRow.forgotten & is_open()
    return select(TurnRow.id, TurnRow.conversation_id).where(*_turns(reach, through), ~stopping)


async def stopping(session: AsyncSession, reach: Reach, *, through: int) -> bool:
    """Whether a turn within the reach has been told to stop and has not yet."""
    query = select(TurnRow.id).where(*_turns(reach, through), TurnRow.forgotten, is_open()).limit(1)
    return (await session.execute(query)).scalar_one_or_none() is not None


def _turns(reach: Reach, through: int | None) -> list[Condition]:
    place = reach.place
    conditions = [TurnRow.platform == place.platform.value, TurnRow.workspace == place.workspace]
    if place.channel is not None:
        conditions.append(TurnRow.channel == place.channel)
    if reach.conversation is not None:
        conditions.append(TurnRow.conversation_id == reach.conversation)
    if reach.person is not None:
        conditions.append(TurnRow.asker_id == reach.person)
    if through is not None:
        conditions.append(TurnRow.id <= through)
    return conditions


def _messages(reach: Reach, through: int | None) -> list[Condition]:
    """What people said."""
    place = reach.place
    conditions = [
        MessageRow.platform == place.platform.value,
        MessageRow.workspace == place.workspace,
        MessageRow.role == Role.USER.value,
    ]
    if place.channel is not None:
        conditions.append(MessageRow.channel == place.channel)
    if reach.conversation is not None:
        conditions.append(MessageRow.conversation_id == reach.conversation)
    if reach.person is None:
        conditions.append(MessageRow.message_id.is_not(None))
    else:
        conditions.append(MessageRow.author_id == reach.person)
    if through is not None:
        conditions.append(MessageRow.turn_id <= through)
    return conditions


def _later(after: tuple[str, int]) -> Condition:
    types = [TurnRow.channel.type, TurnRow.id.type]
    return tuple_(TurnRow.channel, TurnRow.id) > tuple_(*after, types=types)


async def exchanges(
    session: AsyncSession, reach: Reach, *, after: tuple[str, int], limit: int
) -> list[tuple[TurnRow, ConversationRow, list[MessageRow]]]:
    """What the person asked and was answered, by channel and age, after that channel and turn: the turns, each with
    its conversation and its messages."""
    query = (
        select(TurnRow, ConversationRow)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(*_turns(reach, None), ~TurnRow.forgotten, _later(after))
        .order_by(TurnRow.channel, TurnRow.id)
        .limit(limit)
    )
    found = [(turn, conversation) for turn, conversation in await session.execute(query)]
    if not found:
        return []
    messages = (
        select(MessageRow)
        .where(MessageRow.turn_id.in_([turn.id for turn, _ in found]))
        .order_by(MessageRow.turn_id, MessageRow.position)
    )
    said: dict[int, list[MessageRow]] = {turn.id: [] for turn, _ in found}
    for message in (await session.execute(messages)).scalars():
        said[message.turn_id].append(message)
    return [(turn, conversation, said[turn.id]) for turn, conversation in found]
