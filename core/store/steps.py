"""What a turn's model and tools have said before its answer is done, kept as it comes, so that whoever takes the turn
over goes on from there and does nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, Message, Role
from core.store.messages import answered
from core.store.tables import ApprovalRow, MessageRow, TurnRow


async def recorded(
    session: AsyncSession, row: TurnRow, key: ConversationKey, messages: Sequence[Message], *, at: int, now: datetime
) -> None:
    """The messages stand behind the turn's questions, from the place `at` on; one that stands there already is the same
    one. Nothing is kept of a turn whose questions were erased meanwhile."""
    if row.forgotten:
        return
    of_turn = MessageRow.turn_id == row.id
    asks = MessageRow.role == Role.USER.value
    last: int | None = (await session.execute(select(func.max(MessageRow.position)).where(of_turn, asks))).scalar_one()
    begins = (0 if last is None else last + 1) + at
    taken = set((await session.execute(select(MessageRow.position).where(of_turn))).scalars())
    for position, message in enumerate(messages, begins):
        if position not in taken:
            answered(session, row, key, message, position=position, now=now)


async def dropped(session: AsyncSession, row: TurnRow) -> None:
    """The turn has only its questions."""
    await session.execute(delete(MessageRow).where(MessageRow.turn_id == row.id, MessageRow.role != Role.USER.value))
    await session.execute(delete(ApprovalRow).where(ApprovalRow.turn_id == row.id))
