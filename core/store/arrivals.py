"""What becomes of something a person did: a message, an edit, a deletion, a wish for another answer.

Each has its effect once (law 1): the row in `effects` comes first, and whoever finds it there already changes
nothing. Where a thing turns out not to concern us, everything is rolled back, that row included.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, Role
from core.incoming import Incoming, IncomingKind
from core.store import conversations, enclosures, erasing, messages, turns
from core.store.database import upsert
from core.store.results import Accepted, Amended, AmendKind, Duplicate, NotOurs, Retracted, Shed
from core.store.shedding import Bounds, shed
from core.store.tables import ConversationRow, EffectRow, MessageRow, TurnRow
from core.store.tutoring import sessions
from core.store.wakeup import announce_work
from core.turn import TurnState


async def accepted(
    session: AsyncSession, incoming: Incoming, *, tokens: int, now: datetime, bounds: Bounds
) -> Accepted | Duplicate | NotOurs | Shed:
    """The message is stored and a turn will answer it, unless that would be one turn too many."""
    if not await _first_time(session, incoming, now):
        return Duplicate()
    incoming = await sessions.gathered(session, incoming)
    conversation = await conversations.locked_for(session, incoming)
    if conversation is None:
        if incoming.kind is IncomingKind.FOLLOW_UP:
            return await _not_ours(session)
        too_many = await shed(session, incoming, bounds)
        if too_many is not None:
            return too_many  # a conversation that nobody answers in is not begun
        conversation = await conversations.created(session, incoming.key, now, shared=incoming.shared)
        return await _asked_in(session, conversation, incoming, tokens=tokens, now=now, bounds=None)
    return await _asked_in(session, conversation, incoming, tokens=tokens, now=now, bounds=bounds)


async def _asked_in(
    session: AsyncSession,
    conversation: ConversationRow,
    incoming: Incoming,
    *,
    tokens: int,
    now: datetime,
    bounds: Bounds | None,
) -> Accepted | Shed:
    """Without bounds, room for a turn was found before."""
    last = await turns.last_of(session, conversation.id)
    if last is not None and turns.takes_in(last, incoming):
        conversation.updated_at = now
        turns.retarget(last, incoming)
        position = await messages.next_position(session, last)
        messages.asked(session, last, incoming, position=position, tokens=tokens, now=now)
        await announce_work(session)  # a claimer may have skipped the turn while we held it
        return Accepted(turn=await turns.loaded(session, last), joined=True)
    too_many = None if bounds is None else await shed(session, incoming, bounds)
    if too_many is not None:
        return too_many
    conversation.updated_at = now
    seq = 1 if last is None else last.seq + 1
    turn = await turns.queued(session, conversation, incoming, seq=seq, now=now)
    messages.asked(session, turn, incoming, position=0, tokens=tokens, now=now)
    return Accepted(turn=await turns.loaded(session, turn))


async def amended(
    session: AsyncSession, incoming: Incoming, *, tokens: int, now: datetime
) -> Amended | Duplicate | NotOurs:
    """The edited message has its new text, unless a later edit came first."""
    if not await _first_time(session, incoming, now):
        return Duplicate()
    found = await _locked_message(session, incoming)
    if found is None:
        return await _not_ours(session)
    conversation, turn, message = found
    files = enclosures.kept(message, incoming)
    same = message.parts == [{"text": incoming.text}] and files.attachments == message.attachments
    if same or _outdated(message, incoming):
        return await _not_ours(session)
    message.parts = [{"text": incoming.text}]
    message.attachments, message.readings = files.attachments, files.readings
    message.tokens = tokens + files.tokens
    message.edited_at = incoming.sent_at
    conversation.updated_at = now
    kind = await _meaning(session, turn)
    return Amended(kind=kind, turn=await turns.loaded(session, turn))


def _outdated(message: MessageRow, incoming: Incoming) -> bool:
    """Platforms may deliver two edits in the wrong order."""
    return message.edited_at is not None and incoming.sent_at < message.edited_at


async def _meaning(session: AsyncSession, turn: TurnRow) -> AmendKind:
    if turn.state == TurnState.QUEUED:
        await announce_work(session)  # a claimer may have skipped the turn while we held it
        return AmendKind.QUEUED
    if turns.still_open(turn):
        return AmendKind.RESTARTED if await turns.restarted(session, turn) else AmendKind.NOTED
    last = await turns.last_of(session, turn.conversation_id)
    return AmendKind.OFFERED if last is not None and last.id == turn.id else AmendKind.NOTED


async def retracted(session: AsyncSession, incoming: Incoming, *, now: datetime) -> Retracted | Duplicate | NotOurs:
    """The deleted message has left its conversation, and a turn with nothing left to answer ends."""
    if not await _first_time(session, incoming, now):
        return Duplicate()
    found = await _locked_message(session, incoming)
    if found is None:
        return await _not_ours(session)
    conversation, turn, message = found
    await session.delete(message)
    await session.flush()
    erasing.unsummarised(conversation, turn.seq)
    conversation.updated_at = now
    if not turns.still_open(turn):
        return Retracted(turn=None, stopped=False)
    stopped = not await _asks_left(session, turn)
    if stopped:
        await turns.stopped(session, turn, reason="deleted", now=now)
    elif turn.state == TurnState.QUEUED:
        await announce_work(session)  # a claimer may have skipped the turn while we held it
    return Retracted(turn=await turns.loaded(session, turn), stopped=stopped)


async def asked_again(
    session: AsyncSession, turn_id: int, incoming: Incoming, *, now: datetime
) -> Accepted | Duplicate | NotOurs:
    """A new turn gives the last answer of its conversation anew, in the same messages."""
    if not await _first_time(session, incoming, now):
        return Duplicate()
    old = await _last_answer(session, turn_id, incoming.key)
    if old is None or not await _asks_left(session, old):
        return await _not_ours(session)
    turn = await turns.queued_again(session, old, now=now)
    await _hand_over(session, old, turn)
    return Accepted(turn=await turns.loaded(session, turn))


async def _last_answer(session: AsyncSession, turn_id: int, scope: ConversationKey) -> TurnRow | None:
    """That turn with its conversation locked, if it has ended, is the last one there, and the scope is its channel."""
    row = await turns.row_of(session, turn_id)
    if row is None:
        return None
    conversation = await conversations.locked(session, row.conversation_id)
    if not turns.within(conversations.key_of(conversation), scope):
        return None
    last = await turns.last_of(session, conversation.id)
    return last if last is not None and last.id == turn_id and not turns.still_open(last) else None


async def _hand_over(session: AsyncSession, old: TurnRow, turn: TurnRow) -> None:
    """The questions go over to the new turn; the old answer is not part of the conversation any more."""
    of_old = MessageRow.turn_id == old.id
    asks = MessageRow.role == Role.USER.value
    await session.execute(delete(MessageRow).where(of_old, ~asks))
    await session.execute(update(MessageRow).where(of_old, asks).values(turn_id=turn.id, turn_seq=turn.seq))


async def _first_time(session: AsyncSession, incoming: Incoming, now: datetime) -> bool:
    """False when this was done before. A second delivery at the same moment waits here for the first to commit."""
    statement = upsert(session, EffectRow).values(
        platform=incoming.key.platform.value,
        workspace=incoming.key.workspace,
        channel=incoming.key.channel,
        event_id=incoming.event_id,
        at=now,
    )
    statement = statement.on_conflict_do_nothing()
    return (await session.execute(statement.returning(EffectRow.event_id))).scalar_one_or_none() is not None


async def _not_ours(session: AsyncSession) -> NotOurs:
    await session.rollback()
    return NotOurs()


async def _locked_message(
    session: AsyncSession, incoming: Incoming
) -> tuple[ConversationRow, TurnRow, MessageRow] | None:
    """The message, its turn and its conversation as they are once the conversation is locked."""
    message = await messages.found(session, incoming)
    if message is None:
        return None
    conversation = await conversations.locked(session, message.conversation_id)
    message = await messages.found(session, incoming)
    if message is None:
        return None
    turn = await turns.row_of(session, message.turn_id, lock=True)
    assert turn is not None
    return conversation, turn, message


async def _asks_left(session: AsyncSession, turn: TurnRow) -> bool:
    query = select(func.count()).where(MessageRow.turn_id == turn.id, MessageRow.role == Role.USER.value)
    return (await session.execute(query)).scalar_one() > 0
