"""Taking turns and messages out of conversations, so that nothing of them is left in any row.

A turn goes with its messages and posts. A summary that covers any of it is dropped: what remains is summarised anew
when there is need. A turn that somebody works on is told to stop and stores nothing when it ends; then it goes too.
Conversations are locked in the order of their ids, then turns in theirs, so that erasing never waits in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Role
from core.store import turns
from core.store.tables import ConversationRow, MessageRow, TurnRow
from core.store.wakeup import announce_work

Pick = tuple[int, int]
"""A turn and its conversation."""


async def erased(session: AsyncSession, picked: Sequence[Pick], *, now: datetime) -> None:
    """These turns are gone, or will be when they have stopped."""
    conversations = await _locked(session, {conversation for _, conversation in picked})
    rows = await _locked_turns(session, [turn for turn, _ in picked])
    unfinished = [row for row in rows if turns.still_open(row) and row.lease_number > 0]
    for row in unfinished:
        await _forsaken(session, row, now=now)
    await _gone(session, {row.id for row in rows} - {row.id for row in unfinished})
    if any(turns.still_open(row) for row in rows):
        await announce_work(session)  # the next turn of the conversation may be ready now
    await _settled(session, conversations, rows)


async def ended_erased(session: AsyncSession, picked: Sequence[Pick]) -> int:
    """These turns, which have ended, are gone; how many. Those that somebody else has in hand are left for later."""
    conversations = await _locked(session, {conversation for _, conversation in picked}, skip=True)
    within = {conversation.id for conversation in conversations}
    free = [turn for turn, conversation in picked if conversation in within]
    if not free:
        return 0
    rows = await _locked_turns(session, free, skip=True)
    await _gone(session, {row.id for row in rows})
    await _settled(session, conversations, rows)
    return len(rows)


async def unsaid(session: AsyncSession, picked: Sequence[Pick], person: str) -> None:
    """That person's messages have left these turns, which others asked as well and which are begun anew if need be."""
    conversations = await _locked(session, {conversation for _, conversation in picked})
    rows = await _locked_turns(session, [turn for turn, _ in picked])
    theirs = MessageRow.author_id == person
    for row in rows:
        await session.execute(delete(MessageRow).where(MessageRow.turn_id == row.id, theirs))
        await turns.restarted(session, row)
    await _settled(session, conversations, rows)


def unsummarised(conversation: ConversationRow, first_seq: int) -> None:
    """Something was taken out of the conversation, the earliest of it from that turn: a summary that covers it is
    gone, and one that is being made of it now will not be stored."""
    conversation.erasures += 1
    if conversation.summary_through >= first_seq:
        conversation.summary, conversation.summary_through, conversation.summary_tokens = None, 0, 0


async def _locked(session: AsyncSession, ids: Collection[int], *, skip: bool = False) -> list[ConversationRow]:
    # NO KEY UPDATE: whoever ends a turn there holds it and adds messages, which refer to the conversation.
    query = select(ConversationRow).where(ConversationRow.id.in_(sorted(ids))).order_by(ConversationRow.id)
    query = query.with_for_update(skip_locked=skip, key_share=True).execution_options(populate_existing=True)
    return list((await session.execute(query)).scalars())


async def _locked_turns(session: AsyncSession, ids: Collection[int], *, skip: bool = False) -> list[TurnRow]:
    query = select(TurnRow).where(TurnRow.id.in_(sorted(ids))).order_by(TurnRow.id)
    query = query.with_for_update(skip_locked=skip).execution_options(populate_existing=True)
    return list((await session.execute(query)).scalars())


async def _forsaken(session: AsyncSession, row: TurnRow, *, now: datetime) -> None:
    """Its questions are gone at once; its owner still needs to know where people see the answer, to stop it there."""
    row.forgotten, row.asker_name = True, ""
    await session.execute(delete(MessageRow).where(MessageRow.turn_id == row.id))
    await turns.stopped(session, row, reason="forgotten", now=now)


async def _gone(session: AsyncSession, ids: Collection[int]) -> None:
    """Messages and posts go with their turns by the database's own rule."""
    if ids:
        statement = delete(TurnRow).where(TurnRow.id.in_(sorted(ids)))
        await session.execute(statement.execution_options(synchronize_session=False))


async def _settled(session: AsyncSession, conversations: Iterable[ConversationRow], rows: Sequence[TurnRow]) -> None:
    """Summaries cover nothing that is gone, and no empty conversation is left."""
    for conversation in conversations:
        touched = [row.seq for row in rows if row.conversation_id == conversation.id]
        if touched:
            unsummarised(conversation, min(touched))
    await session.flush()
    ids = sorted(conversation.id for conversation in conversations)
    occupied = select(TurnRow.id).where(TurnRow.conversation_id == ConversationRow.id).exists()
    statement = delete(ConversationRow).where(ConversationRow.id.in_(ids), ~occupied)
    await session.execute(statement.execution_options(synchronize_session=False))


async def others_asked(session: AsyncSession, turn_ids: Collection[int], person: str) -> set[int]:
    """Those of the turns that hold a question of somebody else."""
    query = select(MessageRow.turn_id).where(
        MessageRow.turn_id.in_(sorted(turn_ids)), MessageRow.role == Role.USER.value, MessageRow.author_id != person
    )
    return set((await session.execute(query.distinct())).scalars())
