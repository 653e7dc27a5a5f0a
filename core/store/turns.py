"""Turns: how they become values, who has joined which, and what people ask of them from outside.

Working on a turn, which takes its lease, is leases.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, Message, Platform
from core.errors import IllegalMove
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.store.columns import LARGEST_ID
from core.store.conversations import key_of, names
from core.store.messages import answered, next_position
from core.store.results import OpenTurns
from core.store.tables import ConversationRow, PostRow, TurnRow, is_open
from core.store.wakeup import announce_signal, announce_work
from core.turn import LIVE, MOVES, OPEN, Lease, MessageRef, Outcome, Signal, Turn, TurnState


def turn_of(row: TurnRow, key: ConversationKey, posts: Iterable[PostRow]) -> Turn:
    """The value that the row and its posts hold."""
    return Turn(
        id=row.id,
        key=key,
        seq=row.seq,
        state=TurnState(row.state),
        asker=Author(id=row.asker_id, name=row.asker_name),
        target=_target_of(row),
        queued_at=row.queued_at,
        attempt=row.attempt,
        lease=lease_of(row),
        posts=tuple(MessageRef(channel=post.channel, message=post.message, root=post.root) for post in posts),
        replaces=row.replaces,
    )


def lease_of(row: TurnRow) -> Lease | None:
    """The lease, where somebody holds one."""
    if row.lease_owner is None or row.lease_until is None:
        return None
    return Lease(owner=row.lease_owner, until=row.lease_until, number=row.lease_number)


def _target_of(row: TurnRow) -> ReplyTarget:
    return ReplyTarget(
        key=ConversationKey.parse(row.target["key"]), kind=row.target["kind"], details=row.target["details"]
    )


def target_document(target: ReplyTarget) -> dict[str, object]:
    """The target as it is kept."""
    return {"key": str(target.key), "kind": target.kind, "details": dict(target.details)}


async def loaded(session: AsyncSession, row: TurnRow) -> Turn:
    """The turn's value, with its posts."""
    conversation = (
        await session.execute(select(ConversationRow).where(ConversationRow.id == row.conversation_id))
    ).scalar_one()
    return turn_of(row, key_of(conversation), await posts_of(session, row.id))


async def posts_of(session: AsyncSession, turn_id: int) -> list[PostRow]:
    """The messages of the turn's answer, in order."""
    query = select(PostRow).where(PostRow.turn_id == turn_id).order_by(PostRow.position)
    return list((await session.execute(query)).scalars())


async def row_of(session: AsyncSession, turn_id: int, *, lock: bool = False) -> TurnRow | None:
    """The row of that turn; none for an id that nobody was given, however odd (buttons come from outside)."""
    if not 0 < turn_id <= LARGEST_ID:
        return None
    query = select(TurnRow).where(TurnRow.id == turn_id).execution_options(populate_existing=True)
    if lock:
        query = query.with_for_update(key_share=True)
    return (await session.execute(query)).scalar_one_or_none()


async def last_of(session: AsyncSession, conversation_id: int) -> TurnRow | None:
    """The conversation's last turn, locked: nobody claims it until the transaction ends."""
    query = select(TurnRow).where(TurnRow.conversation_id == conversation_id).order_by(TurnRow.seq.desc()).limit(1)
    return (await session.execute(query.with_for_update(key_share=True))).scalar_one_or_none()


async def first_open(session: AsyncSession, key: ConversationKey) -> TurnRow | None:
    """The earliest turn of the key's conversation that has not ended: the live one, where there is one."""
    query = (
        select(TurnRow)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(names(key), is_open())
        .order_by(TurnRow.seq)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


def takes_in(row: TurnRow, incoming: Incoming) -> bool:
    """Whether the waiting turn answers this message too: the same person went on writing in the same way."""
    return (
        row.state == TurnState.QUEUED
        and row.attempt == 0
        and row.replaces is None
        and row.signal != Signal.STOP
        and row.asker_id == incoming.author.id
        and IncomingKind.COMMAND not in (row.kind, incoming.kind)
        and row.target["kind"] == incoming.target.kind
    )


def retarget(row: TurnRow, incoming: Incoming) -> None:
    """The answer goes where the newest of its messages was written."""
    row.target = target_document(incoming.target)
    row.asker_name = incoming.author.name
    row.asker_roles = sorted(incoming.author.roles)


async def queued(
    session: AsyncSession, conversation: ConversationRow, incoming: Incoming, *, seq: int, now: datetime
) -> TurnRow:
    """A new turn waits at the end of the conversation."""
    row = TurnRow(
        conversation_id=conversation.id,
        seq=seq,
        platform=conversation.platform,
        workspace=conversation.workspace,
        channel=conversation.channel,
        state=TurnState.QUEUED.value,
        kind=incoming.kind.value,
        asker_id=incoming.author.id,
        asker_name=incoming.author.name,
        asker_roles=sorted(incoming.author.roles),
        target=target_document(incoming.target),
        queued_at=now,
    )
    session.add(row)
    await session.flush()
    await announce_work(session)
    return row


async def ended(
    session: AsyncSession,
    row: TurnRow,
    key: ConversationKey,
    outcome: Outcome,
    said: Sequence[Message],
    *,
    now: datetime,
) -> None:
    """The turn has ended with that outcome, and what was said stands after the messages it answers."""
    if outcome.state not in MOVES[TurnState(row.state)] or outcome.state in OPEN:
        raise IllegalMove(f"turn {row.id}: {row.state} to {outcome.state}")
    if not row.forgotten:
        position = await next_position(session, row)
        for offset, message in enumerate(said):
            answered(session, row, key, message, position=position + offset, now=now)
        row.text = outcome.text
    row.state, row.reason = outcome.state.value, outcome.reason
    row.finished_at, row.signal, row.lease_owner, row.lease_until = now, None, None, None
    usage = outcome.usage
    row.prompt_tokens, row.completion_tokens = usage.prompt_tokens, usage.completion_tokens
    row.cached_tokens, row.reasoning_tokens = usage.cached_tokens, usage.reasoning_tokens
    row.estimated, row.model = usage.estimated, usage.model


async def queued_again(session: AsyncSession, old: TurnRow, *, now: datetime) -> TurnRow:
    """A new turn waits that will give the old one's answer anew, in the same messages."""
    row = TurnRow(
        conversation_id=old.conversation_id,
        seq=old.seq + 1,
        platform=old.platform,
        workspace=old.workspace,
        channel=old.channel,
        state=TurnState.QUEUED.value,
        kind=old.kind,
        asker_id=old.asker_id,
        asker_name=old.asker_name,
        asker_roles=old.asker_roles,
        target=old.target,
        replaces=old.id,
        queued_at=now,
    )
    session.add(row)
    await session.flush()
    for post in await posts_of(session, old.id):
        session.add(
            PostRow(
                turn_id=row.id,
                position=post.position,
                platform=post.platform,
                workspace=post.workspace,
                channel=post.channel,
                message=post.message,
                root=post.root,
            )
        )
    await announce_work(session)
    return row


def within(key: ConversationKey, scope: ConversationKey) -> bool:
    """Whether the turn of that key belongs to the channel from which somebody reaches for it (law 7)."""
    return key.channel_key == scope.channel_key


async def stopped(session: AsyncSession, row: TurnRow, *, reason: str, now: datetime) -> None:
    """The turn is cancelled where nobody has begun it. Otherwise its owner, or the next one, is told to stop: only an
    owner can put in order what people see already."""
    if row.state == TurnState.QUEUED and row.lease_number == 0:
        row.state, row.reason, row.finished_at = TurnState.CANCELLED.value, reason, now
        await announce_work(session)  # the next turn of the conversation may be ready now
    else:
        row.signal = Signal.STOP.value
        await announce_signal(session, row.id)


async def restarted(session: AsyncSession, row: TurnRow) -> bool:
    """The owner of a live turn is told to begin anew, unless it is told to stop already."""
    if TurnState(row.state) not in LIVE or row.signal == Signal.STOP:
        return False
    row.signal = Signal.RESTART.value
    await announce_signal(session, row.id)
    return True


def still_open(row: TurnRow) -> bool:
    """Whether somebody still waits for the turn's answer."""
    return TurnState(row.state) in OPEN


async def counted(session: AsyncSession, platforms: Iterable[Platform]) -> OpenTurns:
    """How many turns wait and how many are being answered. Reads open turns only."""
    query = (
        select(TurnRow.state, func.count(), func.min(TurnRow.queued_at))
        .where(is_open(), TurnRow.platform.in_([platform.value for platform in platforms]))
        .group_by(TurnRow.state)
    )
    states = {TurnState(state): (count, oldest) for state, count, oldest in await session.execute(query)}
    queued_count, oldest = states.get(TurnState.QUEUED, (0, None))
    return OpenTurns(
        queued=queued_count,
        live=sum(count for state, (count, _) in states.items() if state in LIVE),
        oldest_queued_at=oldest,
    )
