"""Conversations: finding the one that something belongs to, and keeping its summary."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, Platform
from core.incoming import Incoming
from core.store.database import upsert
from core.store.results import Summary
from core.store.tables import ConversationRow, PostRow, TurnRow
from core.turn import Turn


def key_of(row: ConversationRow) -> ConversationKey:
    """The key whose conversation this is."""
    return ConversationKey(
        platform=Platform(row.platform), workspace=row.workspace, channel=row.channel, thread=row.thread or None
    )


def names(key: ConversationKey) -> ColumnElement[bool]:
    """The conversation is the key's."""
    return and_(
        ConversationRow.platform == key.platform.value,
        ConversationRow.workspace == key.workspace,
        ConversationRow.channel == key.channel,
        ConversationRow.thread == (key.thread or ""),
    )


def summary_of(row: ConversationRow) -> Summary | None:
    """The summary, once there is one."""
    if row.summary is None:
        return None
    return Summary(text=row.summary, through_seq=row.summary_through, tokens=row.summary_tokens)


async def locked_for(session: AsyncSession, incoming: Incoming) -> ConversationRow | None:
    """The conversation in which this was said, locked: the one in which we posted what it continues, else its key's."""
    continued = None
    if incoming.continues is not None:
        continued = await _posted_in(session, incoming.key, incoming.continues)
    if continued is not None:
        return await locked(session, continued)
    return await _locked_by_key(session, incoming.key)


async def locked(session: AsyncSession, conversation_id: int) -> ConversationRow:
    """That conversation; nobody else changes it or adds a turn until the transaction ends."""
    # NO KEY UPDATE: a plain lock would hold up (and be held up by) rows that only refer to the conversation.
    query = select(ConversationRow).where(ConversationRow.id == conversation_id).with_for_update(key_share=True)
    return (await session.execute(query)).scalar_one()


async def of_turn(session: AsyncSession, turn: Turn, *, lock: bool = False) -> ConversationRow:
    """The conversation in which that turn answers."""
    query = (
        select(ConversationRow)
        .join(TurnRow, TurnRow.conversation_id == ConversationRow.id)
        .where(TurnRow.id == turn.id)
    )
    if lock:
        query = query.with_for_update(of=ConversationRow, key_share=True)
    return (await session.execute(query)).scalar_one()


async def created(
    session: AsyncSession, key: ConversationKey, now: datetime, *, shared: bool = True
) -> ConversationRow:
    """The key's conversation, locked, new unless another transaction was faster."""
    values = {
        "platform": key.platform.value,
        "workspace": key.workspace,
        "channel": key.channel,
        "thread": key.thread or "",
        "shared": shared,
        "created_at": now,
        "updated_at": now,
    }
    await session.execute(upsert(session, ConversationRow).values(values).on_conflict_do_nothing())
    row = await _locked_by_key(session, key)
    assert row is not None
    return row


async def _locked_by_key(session: AsyncSession, key: ConversationKey) -> ConversationRow | None:
    query = select(ConversationRow).where(names(key))
    return (await session.execute(query.with_for_update(key_share=True))).scalar_one_or_none()


async def _posted_in(session: AsyncSession, key: ConversationKey, message: str) -> int | None:
    query = (
        select(TurnRow.conversation_id)
        .join(PostRow, PostRow.turn_id == TurnRow.id)
        .where(
            PostRow.platform == key.platform.value,
            PostRow.workspace == key.workspace,
            PostRow.channel == key.channel,
            or_(PostRow.message == message, PostRow.root == message),
        )
        .order_by(PostRow.turn_id.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def summarised(
    session: AsyncSession,
    conversation: ConversationRow,
    text: str,
    *,
    through_seq: int,
    tokens: int,
    erasures: int,
    now: datetime,
) -> bool:
    """The summary covers the turns through that one. One that reaches less far than what is there changes nothing, nor
    does one made of what was read before something was erased (false): it may hold what is to be forgotten."""
    current = ConversationRow.erasures == erasures
    await session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation.id, ConversationRow.summary_through < through_seq, current)
        .values(summary=text, summary_through=through_seq, summary_tokens=tokens, updated_at=now)
    )
    return conversation.erasures == erasures


async def number_of(session: AsyncSession, key: ConversationKey) -> int | None:
    """How the key's conversation is numbered, where there is one."""
    return (await session.execute(select(ConversationRow.id).where(names(key)))).scalar_one_or_none()
