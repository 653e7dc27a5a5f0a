"""Files that came with messages: which there are, and what was read of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Role
from core.incoming import Attachment, Incoming
from core.reading import ReadAs, Reading
from core.store.messages import attachments_of, readings_of
from core.store.results import Enclosed
from core.store.tables import MessageRow, TurnRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Of one message, as its row holds them."""

    attachments: list[dict[str, Any]] | None
    readings: list[dict[str, Any]] | None
    tokens: int
    """Of the readings."""


def kept(row: MessageRow, edited: Incoming) -> Files:
    """The message's files after that edit. What was read of one that stays is kept, and of one that was taken away
    nothing; an address that was signed anew makes no other file."""
    before = {one["id"]: one for one in row.attachments or ()}
    attachments = [before.get(one.id) or asdict(one) for one in edited.attachments]
    ids = {one["id"] for one in attachments}
    readings = [one for one in row.readings or () if one["id"] in ids]
    return Files(attachments=attachments or None, readings=readings or None, tokens=_tokens(readings))


def _tokens(readings: Sequence[dict[str, Any]]) -> int:
    return sum(one["tokens"] for one in readings)


async def of_turn(session: AsyncSession, turn_id: int) -> tuple[Enclosed, ...]:
    """The messages of people that the turn answers, oldest first, with their files."""
    query = (
        select(MessageRow)
        .where(MessageRow.turn_id == turn_id, MessageRow.role == Role.USER.value)
        .order_by(MessageRow.position)
    )
    rows = (await session.execute(query)).scalars()
    return tuple(
        Enclosed(message=row.id, attachments=attachments_of(row), readings=readings_of(row), tokens=row.tokens)
        for row in rows
    )


async def recorded(session: AsyncSession, turn: TurnRow, message: int, readings: Sequence[Reading]) -> bool:
    """That was read of the message's files, in the place of what was read of the same ones before. False where the
    message is not among those that the turn answers any more."""
    query = select(MessageRow).where(MessageRow.id == message, MessageRow.turn_id == turn.id).with_for_update()
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        return False
    there = {one["id"] for one in row.attachments or ()}
    new = [asdict(reading) for reading in readings if reading.id in there]
    replaced = {one["id"] for one in new}
    left = [one for one in row.readings or () if one["id"] not in replaced]
    row.tokens += _tokens(new) + _tokens(left) - _tokens(row.readings or ())
    row.readings = [*left, *new]
    return True


async def pictures(
    session: AsyncSession, conversation_id: int, *, first: int, last: int, most: int
) -> tuple[Attachment, ...]:
    """The newest pictures of those turns, newest first."""
    query = (
        select(MessageRow)
        .where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.turn_seq >= first,
            MessageRow.turn_seq <= last,
            MessageRow.readings.is_not(None),
        )
        .order_by(MessageRow.turn_seq.desc(), MessageRow.position.desc())
        .limit(most)
    )
    found: list[Attachment] = []
    for row in (await session.execute(query)).scalars():
        seen = {reading.id for reading in readings_of(row) if reading.kind is ReadAs.PICTURE}
        found += [attachment for attachment in reversed(attachments_of(row)) if attachment.id in seen]
    return tuple(found[:most])
