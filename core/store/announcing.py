"""Something that we say by ourselves in a conversation, such as a reminder: an answer to nobody's question."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Role, text_message
from core.incoming import Author, ReplyTarget
from core.store import conversations, messages, posts, turns
from core.store.tables import TurnRow
from core.turn import MessageRef, TurnState

KIND = "announcement"


async def announced(
    session: AsyncSession,
    target: ReplyTarget,
    person: Author,
    text: str,
    ref: MessageRef,
    *,
    tokens: int,
    now: datetime,
) -> None:
    """The words stand in the conversation as ours, after all that was said there, and that message shows them."""
    key = target.key
    conversation = await conversations.created(session, key, now, shared=False)
    last = await turns.last_of(session, conversation.id)
    row = TurnRow(
        conversation_id=conversation.id,
        seq=1 if last is None else last.seq + 1,
        platform=key.platform.value,
        workspace=key.workspace,
        channel=key.channel,
        state=TurnState.DONE.value,
        kind=KIND,
        asker_id=person.id,
        asker_name=person.name,
        asker_roles=[],
        target=turns.target_document(target),
        reason="stop",
        text=text,
        queued_at=now,
        finished_at=now,
    )
    session.add(row)
    await session.flush()
    message = replace(text_message(Role.ASSISTANT, text), tokens=tokens)
    messages.answered(session, row, key, message, position=0, now=now)
    await posts.recorded(session, row, 0, ref)
    conversation.updated_at = now
