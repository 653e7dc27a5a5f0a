"""The tables. Constraints carry the promises, and every reader has its index.

    conversations 1 ──── n turns 1 ──── n messages        effects     what was done already (law 1)
                                └────── n posts           channels    settings of a channel

A state is written out as text in indexes and queries alike: a partial index serves a query only where both name the
same constants. How rows become values is said in the module of each noun.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.store.columns import Document, Id, UtcTime, Words

OPEN_STATES = "state IN ('queued', 'running', 'streaming')"
LIVE_STATES = "state IN ('running', 'streaming')"


def _only(condition: str) -> dict[str, Any]:
    """An index of these rows alone, said to both databases."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


ONLY_OPEN = _only(OPEN_STATES)
ONLY_LIVE = _only(LIVE_STATES)


class Row(DeclarativeBase):
    """What all tables share: how constraints are named, and which Python type is which column."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Words, datetime: UtcTime}


class ConversationRow(Row):
    """One conversation, and the summary of what no longer fits a model's window."""

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    thread: Mapped[str]
    """Empty where the channel is the conversation: NULLs would not be unique."""
    summary: Mapped[str | None]
    summary_through: Mapped[int] = mapped_column(default=0)
    """The last turn the summary covers."""
    summary_tokens: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("platform", "workspace", "channel", "thread"),
        Index("ix_conversations_updated_at", "updated_at"),
    )


class EffectRow(Row):
    """Something a person did that has had its effect. The key is the promise that it has only one."""

    __tablename__ = "effects"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    event_id: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        PrimaryKeyConstraint("platform", "workspace", "channel", "event_id"),
        Index("ix_effects_at", "at"),
    )


class TurnRow(Row):
    """One reply being made, or made."""

    __tablename__ = "turns"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Id, ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int]
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    """What the person did who opened it; nothing joins a command's turn."""
    asker_id: Mapped[str]
    asker_name: Mapped[str]
    target: Mapped[dict[str, Any]] = mapped_column(Document)
    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    lease_number: Mapped[int] = mapped_column(default=0)
    """Grows with each owner and is never set back."""
    replaces: Mapped[int | None] = mapped_column(Id)
    """No foreign key: the turn whose answer is given anew may be purged before this one."""
    signal: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None]
    text: Mapped[str | None]
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    cached_tokens: Mapped[int] = mapped_column(default=0)
    reasoning_tokens: Mapped[int] = mapped_column(default=0)
    estimated: Mapped[bool] = mapped_column(default=False)
    model: Mapped[str] = mapped_column(Words, default="")
    queued_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        CheckConstraint(f"({LIVE_STATES}) = (lease_owner IS NOT NULL)", name="live_has_owner"),
        CheckConstraint("(lease_owner IS NULL) = (lease_until IS NULL)", name="lease_whole"),
        CheckConstraint(f"({OPEN_STATES}) = (finished_at IS NULL)", name="open_unfinished"),
        # Law 2: at most one turn answers in a conversation.
        Index(
            "uq_turns_live",
            "conversation_id",
            unique=True,
            **ONLY_LIVE,
        ),
        # Claiming reads open turns only, however many have ended.
        Index(
            "ix_turns_open",
            "platform",
            "workspace",
            "queued_at",
            **ONLY_OPEN,
        ),
        Index(
            "ix_turns_open_seq",
            "conversation_id",
            "seq",
            **ONLY_OPEN,
        ),
        # When a workspace was served last. Of claimed turns only, so that SQLite cannot take it for the index of a
        # workspace's turns and read them all.
        Index(
            "ix_turns_claimed",
            "platform",
            "workspace",
            "claimed_at",
            **_only("claimed_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},  # a button keeps its turn's id, so an id must never come back
    )


class MessageRow(Row):
    """One message of a conversation. A deleted message is a deleted row."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Id, ForeignKey("conversations.id", ondelete="CASCADE"))
    turn_id: Mapped[int] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"))
    turn_seq: Mapped[int]
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[str | None]
    author_name: Mapped[str | None]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    tool_calls: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    tool_call_id: Mapped[str | None]
    tokens: Mapped[int]
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    message_id: Mapped[str | None]
    """The platform's own id; none for what a model or a tool said."""
    attachments: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]

    __table_args__ = (
        # The order of a conversation; read backwards it serves "newest first".
        UniqueConstraint("conversation_id", "turn_seq", "position"),
        Index("ix_messages_turn_id", "turn_id"),
        Index(
            "ix_messages_platform_message",
            "platform",
            "workspace",
            "channel",
            "message_id",
            **_only("message_id IS NOT NULL"),
        ),
    )


class PostRow(Row):
    """A message of ours that shows part of a turn's answer."""

    __tablename__ = "posts"

    turn_id: Mapped[int] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"))
    position: Mapped[int]
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    message: Mapped[str]
    root: Mapped[str | None]

    __table_args__ = (
        PrimaryKeyConstraint("turn_id", "position"),
        Index("ix_posts_message", "platform", "workspace", "channel", "message"),
        Index(
            "ix_posts_root",
            "platform",
            "workspace",
            "channel",
            "root",
            **_only("root IS NOT NULL"),
        ),
    )


class ChannelRow(Row):
    """What an admin has set for a channel."""

    __tablename__ = "channels"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(Document)
    updated_at: Mapped[datetime]

    __table_args__ = (PrimaryKeyConstraint("platform", "workspace", "channel"),)


def is_open(turn: type[TurnRow] = TurnRow) -> ColumnElement[bool]:
    """Somebody still waits for the turn's answer: the very constants that the partial indexes name."""
    return turn.state.in_([literal_column(f"'{state}'") for state in ("queued", "running", "streaming")])


def is_live(turn: type[TurnRow] = TurnRow) -> ColumnElement[bool]:
    """A process holds the turn's lease: the very constants that the partial index names."""
    return turn.state.in_([literal_column(f"'{state}'") for state in ("running", "streaming")])
