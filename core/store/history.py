"""Reading a conversation from its end, no further back than there is room for.

First only sizes are read, turn by turn and newest first, until the room is full; then exactly the messages that
fit. So the cost of a turn depends on what the model will read and not on how long the conversation is (law 8).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Message
from core.store.messages import message_of
from core.store.tables import MessageRow

MESSAGE_OVERHEAD = 4
"""Tokens that framing adds to a message (chat-completions.md, section 7)."""
FIRST_BATCH = 32
"""Turns whose sizes are read at first; each further batch is twice as large, so that few are read in vain."""


async def newest(
    session: AsyncSession, conversation_id: int, *, after: int, through: int, room: int
) -> tuple[tuple[Message, ...], int, bool]:
    """The messages of the newest turns up to `through` that fit the room, oldest first; the earliest of these turns;
    and whether they are all there are after the turn `after`. The turn `through` is in, however long it is."""
    oldest, whole = through, True
    async for seq, size in _sizes(session, conversation_id, after=after, through=through):
        room -= size
        if room < 0 and seq < through:
            whole = False
            break
        oldest = seq
    return await _between(session, conversation_id, oldest, through), oldest, whole


async def oldest(
    session: AsyncSession, conversation_id: int, *, after: int, before: int, room: int
) -> tuple[tuple[Message, ...], int]:
    """The messages of the oldest turns after `after` and before `before` that fit the room, at least one turn where
    there is one, oldest first; and the last of these turns (`after` where there is none)."""
    last = after
    async for seq, size in _sizes(session, conversation_id, after=after, through=before - 1, newest_first=False):
        room -= size
        if room < 0 and last > after:
            break
        last = seq
    return await _between(session, conversation_id, after + 1, last), last


async def _sizes(
    session: AsyncSession, conversation_id: int, *, after: int, through: int, newest_first: bool = True
) -> AsyncIterator[tuple[int, int]]:
    """Turn by turn its place and its size in tokens, read in batches."""
    batch = FIRST_BATCH
    size = func.sum(MessageRow.tokens + MESSAGE_OVERHEAD)
    while after < through:
        query = (
            select(MessageRow.turn_seq, size)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.turn_seq > after,
                MessageRow.turn_seq <= through,
            )
            .group_by(MessageRow.turn_seq)
            .order_by(MessageRow.turn_seq.desc() if newest_first else MessageRow.turn_seq)
            .limit(batch)
        )
        rows = (await session.execute(query)).all()
        for seq, tokens in rows:
            yield seq, tokens
        if len(rows) < batch:
            return
        if newest_first:
            through = rows[-1][0] - 1
        else:
            after = rows[-1][0]
        batch *= 2


async def _between(session: AsyncSession, conversation_id: int, first: int, last: int) -> tuple[Message, ...]:
    query = (
        select(MessageRow)
        .where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.turn_seq >= first,
            MessageRow.turn_seq <= last,
        )
        .order_by(MessageRow.turn_seq, MessageRow.position)
    )
    return tuple(message_of(row) for row in (await session.execute(query)).scalars())
