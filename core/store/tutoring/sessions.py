"""Sessions: begun, paused, gone on with and ended; in one conversation at most one goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, Platform
from core.incoming import Incoming, IncomingKind, ReplyTarget
from core.privacy import Place
from core.store.columns import LARGEST_ID
from core.store.tables import SessionRow
from core.store.tutoring.documents import target_document, target_of, wanted_document, wanted_of
from core.turn import MessageRef
from core.tutoring.session import Session, SessionState, Wanted

LISTED = 25


def held_in(key: ConversationKey) -> ColumnElement[bool]:
    """The session is held in that conversation."""
    return and_(
        SessionRow.channel == key.channel,
        SessionRow.workspace == key.workspace,
        SessionRow.platform == key.platform.value,
        SessionRow.thread == (key.thread or ""),
    )


async def active(session: AsyncSession, key: ConversationKey, *, lock: bool = False) -> SessionRow | None:
    """The session that goes on in that conversation."""
    query = select(SessionRow).where(held_in(key), SessionRow.state == SessionState.ACTIVE.value)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def gathered(session: AsyncSession, incoming: Incoming) -> Incoming:
    """The message as one of the tutoring session that goes on there: in direct messages whatever is not said in a
    thread belongs to it, also where the platform would begin a conversation with each message."""
    key = incoming.key
    if incoming.kind is not IncomingKind.DIRECT or key.thread not in (None, incoming.message_id):
        return incoming
    row = await active(session, key.channel_key)
    if row is None or row.person_id != incoming.author.id or key == key.channel_key:
        return incoming
    return replace(incoming, key=key.channel_key, target=target_of(row.target), continues=None)


async def begun(
    session: AsyncSession, target: ReplyTarget, *, home: str, person: str, wanted: Wanted, now: datetime
) -> SessionRow:
    """A new session goes on there; one that did is paused."""
    key = target.key
    await _paused(session, key)
    row = SessionRow(
        platform=key.platform.value,
        workspace=key.workspace,
        channel=key.channel,
        thread=key.thread or "",
        home=home,
        person_id=person,
        name=wanted.name,
        wanted=wanted_document(wanted),
        target=target_document(target),
        state=SessionState.ACTIVE.value,
        checks=0,
        timed=False,
        course_id=wanted.course,
        started_at=now,
        active_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def _paused(session: AsyncSession, key: ConversationKey) -> None:
    statement = update(SessionRow).where(held_in(key), SessionRow.state == SessionState.ACTIVE.value)
    statement = statement.values(state=SessionState.PAUSED.value).execution_options(synchronize_session="fetch")
    await session.execute(statement)


async def found(session: AsyncSession, number: int, *, lock: bool = False) -> SessionRow | None:
    """The session of that number; none for one that nobody was given (buttons come from outside)."""
    if not 0 < number <= LARGEST_ID:
        return None
    query = select(SessionRow).where(SessionRow.id == number).execution_options(populate_existing=True)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def moved(session: AsyncSession, number: int, state: SessionState, *, now: datetime) -> Session | None:
    """The session stands there now; where it goes on, another one of its conversation is paused."""
    row = await found(session, number, lock=True)
    if row is None:
        return None
    if state is SessionState.ACTIVE and row.state != state.value:
        await _paused(session, session_of(row).key)
        row.resumed_at, row.timed, row.checks = now, False, 0
    row.state, row.active_at = state.value, now
    await session.flush()
    return session_of(row)


async def of_person(session: AsyncSession, place: Place, person: str) -> list[SessionRow]:
    """The person's sessions in that workspace's direct messages, the last used first."""
    query = (
        select(SessionRow)
        .where(
            SessionRow.person_id == person,
            SessionRow.workspace == place.workspace,
            SessionRow.platform == place.platform.value,
        )
        .order_by(SessionRow.active_at.desc(), SessionRow.id.desc())
        .limit(LISTED)
    )
    return list((await session.execute(query)).scalars())


def session_of(row: SessionRow) -> Session:
    """The value that the row holds."""
    card = None
    if row.card_channel is not None and row.card_message is not None:
        card = MessageRef(channel=row.card_channel, message=row.card_message)
    return Session(
        id=row.id,
        key=ConversationKey(
            platform=Platform(row.platform), workspace=row.workspace, channel=row.channel, thread=row.thread or None
        ),
        home=row.home,
        learner=row.person_id,
        target=target_of(row.target),
        wanted=wanted_of(row.wanted, name=row.name, course=row.course_id),
        state=SessionState(row.state),
        checks=row.checks,
        timed=row.timed,
        card=card,
        started_at=row.started_at,
        active_at=row.active_at,
        resumed_at=row.resumed_at,
    )
