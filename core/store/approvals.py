"""Calls of tools that change something, and what the person said who asked: may it be done?

A call is begun at most once: whoever finds one begun by an owner who died does not know whether it was done, and says
so instead of doing it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey
from core.store.columns import LARGEST_ID
from core.store.conversations import key_of
from core.store.database import upsert
from core.store.tables import ApprovalRow, ConversationRow, TurnRow


class ApprovalState(StrEnum):
    """Where a call stands that changes something."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    ALLOWED_PRIVATELY = "allowed_privately"
    """And nobody but who asked reads what comes of it."""
    DECLINED = "declined"
    EXPIRED = "expired"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One call that a person is asked about."""

    id: int
    turn_id: int
    call_id: str
    key: ConversationKey
    asker_id: str
    tool: str
    state: ApprovalState
    expires_at: datetime


async def asked(
    session: AsyncSession, row: TurnRow, *, call_id: str, tool: str, now: datetime, expires_at: datetime
) -> Approval:
    """The call waits for a word, or stands where it stood."""
    values = {"turn_id": row.id, "call_id": call_id, "tool": tool, "state": ApprovalState.WAITING.value}
    statement = upsert(session, ApprovalRow).values(**values, created_at=now, expires_at=expires_at)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["turn_id", "call_id"]))
    query = select(ApprovalRow).where(ApprovalRow.turn_id == row.id, ApprovalRow.call_id == call_id)
    return await _loaded(session, (await session.execute(query)).scalar_one())


async def found(session: AsyncSession, number: int, *, lock: bool = False) -> ApprovalRow | None:
    """The row of that number; none for one that nobody was given (buttons come from outside)."""
    if not 0 < number <= LARGEST_ID:
        return None
    query = select(ApprovalRow).where(ApprovalRow.id == number).execution_options(populate_existing=True)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def loaded(session: AsyncSession, number: int) -> Approval | None:
    """The call of that number, as it stands."""
    row = await found(session, number)
    return None if row is None else await _loaded(session, row)


async def moved(session: AsyncSession, number: int, state: ApprovalState, *, since: frozenset[ApprovalState]) -> bool:
    """The call stands there now; false, and nothing changed, unless it stood at one of `since`."""
    row = await found(session, number, lock=True)
    if row is None or row.state not in since:
        return False
    row.state = state.value
    return True


async def _loaded(session: AsyncSession, row: ApprovalRow) -> Approval:
    query = (
        select(TurnRow.asker_id, ConversationRow)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(TurnRow.id == row.turn_id)
    )
    asker, conversation = (await session.execute(query)).one()
    return Approval(
        id=row.id,
        turn_id=row.turn_id,
        call_id=row.call_id,
        key=key_of(conversation),
        asker_id=asker,
        tool=row.tool,
        state=ApprovalState(row.state),
        expires_at=row.expires_at,
    )
