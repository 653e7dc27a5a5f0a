"""Messages: how they become rows and values again, and finding one by the platform's id."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, ImagePart, Message, Part, Role, TextPart, ToolCall
from core.incoming import Attachment, Incoming
from core.reading import ReadAs, Reading, parts_of
from core.store.tables import MessageRow, TurnRow


def message_of(row: MessageRow) -> Message:
    """The value that the row holds."""
    return Message(
        role=Role(row.role),
        parts=_parts_of(row),
        author=row.author_name,
        author_id=row.author_id,
        tool_calls=tuple(ToolCall(**call) for call in row.tool_calls or ()),
        tool_call_id=row.tool_call_id,
        tokens=row.tokens,
    )


def _parts_of(row: MessageRow) -> tuple[Part, ...]:
    if not row.attachments:
        return tuple(_part_of(part) for part in row.parts)
    text = "".join(part.get("text", "") for part in row.parts)
    return parts_of(text, attachments_of(row), readings_of(row))


def attachments_of(row: MessageRow) -> tuple[Attachment, ...]:
    """The files that came with it."""
    return tuple(Attachment(**one) for one in row.attachments or ())


def readings_of(row: MessageRow) -> tuple[Reading, ...]:
    """What was read of them."""
    return tuple(Reading(**{**one, "kind": ReadAs(one["kind"])}) for one in row.readings or ())


def _part_of(document: dict[str, Any]) -> Part:
    if "text" in document:
        return TextPart(text=document["text"])
    return ImagePart(url=document["url"], detail=document["detail"])


def _part_document(part: Part) -> dict[str, Any]:
    match part:
        case TextPart():
            return {"text": part.text}
        case ImagePart():
            return {"url": part.url, "detail": part.detail}
        case _:
            assert_never(part)


def asked(
    session: AsyncSession, turn: TurnRow, incoming: Incoming, *, position: int, tokens: int, now: datetime
) -> None:
    """What the person said is one of the messages that the turn answers."""
    session.add(
        MessageRow(
            **_place(turn, position, incoming.key),
            role=Role.USER.value,
            author_id=incoming.author.id,
            author_name=incoming.author.name,
            parts=[{"text": incoming.text}],
            tokens=tokens,
            message_id=incoming.message_id,
            attachments=[asdict(attachment) for attachment in incoming.attachments] or None,
            created_at=now,
        )
    )


def answered(
    session: AsyncSession, turn: TurnRow, key: ConversationKey, message: Message, *, position: int, now: datetime
) -> None:
    """What the model or a tool said stands after the messages that the turn answers."""
    if message.tokens is None:
        raise ValueError("count a message's tokens before it is stored")
    session.add(
        MessageRow(
            **_place(turn, position, key),
            role=message.role.value,
            author_id=message.author_id,
            author_name=message.author,
            parts=[_part_document(part) for part in message.parts],
            tool_calls=[asdict(call) for call in message.tool_calls] or None,
            tool_call_id=message.tool_call_id,
            tokens=message.tokens,
            created_at=now,
        )
    )


def _place(turn: TurnRow, position: int, key: ConversationKey) -> dict[str, Any]:
    return {
        "conversation_id": turn.conversation_id,
        "turn_id": turn.id,
        "turn_seq": turn.seq,
        "position": position,
        "platform": key.platform.value,
        "workspace": key.workspace,
        "channel": key.channel,
    }


async def next_position(session: AsyncSession, turn: TurnRow) -> int:
    """The place after the turn's last message."""
    query = select(func.max(MessageRow.position)).where(
        MessageRow.conversation_id == turn.conversation_id, MessageRow.turn_seq == turn.seq
    )
    last: int | None = (await session.execute(query)).scalar_one()
    return 0 if last is None else last + 1


async def found(session: AsyncSession, incoming: Incoming) -> MessageRow | None:
    """The message that this edit or deletion is about."""
    query = select(MessageRow).where(
        MessageRow.platform == incoming.key.platform.value,
        MessageRow.workspace == incoming.key.workspace,
        MessageRow.channel == incoming.key.channel,
        MessageRow.message_id == incoming.message_id,
        MessageRow.message_id.is_not(None),
    )
    return (await session.execute(query.order_by(MessageRow.id.desc()).limit(1))).scalar_one_or_none()


async def asks(session: AsyncSession, turn_id: int) -> tuple[Message, ...]:
    """The messages of people that the turn answers, oldest first."""
    query = (
        select(MessageRow)
        .where(MessageRow.turn_id == turn_id, MessageRow.role == Role.USER.value)
        .order_by(MessageRow.position)
    )
    return tuple(message_of(row) for row in (await session.execute(query)).scalars())
