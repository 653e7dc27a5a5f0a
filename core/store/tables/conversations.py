"""Conversations, their turns, and what was said and posted in them.

A state is written out as text in indexes and queries alike: a partial index serves a query only where both name the
same constants. Indexes of ended turns begin with a person or a channel and not with a workspace, so that SQLite cannot
take one for the way to a workspace's open turns and read them all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    false,
    literal_column,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Document, Id, Words
from core.store.tables.base import Row, only

OPEN_STATES = "state IN ('queued', 'running', 'streaming')"
LIVE_STATES = "state IN ('running', 'streaming')"
ONLY_OPEN = only(OPEN_STATES)
ONLY_LIVE = only(LIVE_STATES)


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
    erasures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How often something of it was erased: a summary made of what was read before is not stored any more."""
    shared: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Several people read and write there; not so in direct messages."""
    persona_id: Mapped[int | None] = mapped_column(Id)
    persona_version: Mapped[int | None]
    """The persona with which a thread began, or to which it was moved. Version 0 is the built-in one; none as long as
    nobody has answered there. No foreign key: versions are never deleted."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("platform", "workspace", "channel", "thread"),)


class TurnRow(Row):
    """One reply being made, or made."""

    __tablename__ = "turns"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Id, ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int]
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default=text("''"))
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    """What the person did who opened it; nothing joins a command's turn."""
    asker_id: Mapped[str]
    asker_name: Mapped[str]
    asker_roles: Mapped[list[str]] = mapped_column(Document, default=list, server_default=text("'[]'"))
    """Ids of the groups they were in when they asked, as far as was known."""
    target: Mapped[dict[str, Any]] = mapped_column(Document)
    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    lease_number: Mapped[int] = mapped_column(default=0)
    """Grows with each owner and is never set back."""
    replaces: Mapped[int | None] = mapped_column(Id)
    """No foreign key: the turn whose answer is given anew may be purged before this one."""
    asked_tokens: Mapped[int | None]
    """Of the prompt that the owner with this lease sent to the model, and when; none where no owner did, or where what
    it used is in `spent` already."""
    asked_lease: Mapped[int | None]
    asked_at: Mapped[datetime | None]
    """When something was reserved for it first: its use counts for that time."""
    spent_prompt: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Tokens that earlier owners used for it, who did not end it."""
    spent_completion: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    signal: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None]
    text: Mapped[str | None]
    forgotten: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its questions were erased while it was being answered: what it ends with is not stored."""
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
            **only("claimed_at IS NOT NULL"),
        ),
        # What a person asked, to be counted, given out and erased.
        Index("ix_turns_asker", "asker_id", "workspace", "platform", "channel", "id"),
        # What has become old in a channel.
        Index("ix_turns_place", "channel", "workspace", "platform", "finished_at"),
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
    readings: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    """What was read of the attachments, by their ids; the last column, so that sizes are read without it."""

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
            **only("message_id IS NOT NULL"),
        ),
        Index(
            "ix_messages_author",
            "author_id",
            "workspace",
            "platform",
            "channel",
            **only("author_id IS NOT NULL"),
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
            **only("root IS NOT NULL"),
        ),
    )


def is_open(turn: type[TurnRow] = TurnRow) -> ColumnElement[bool]:
    """Somebody still waits for the turn's answer: the very constants that the partial indexes name."""
    return turn.state.in_([literal_column(f"'{state}'") for state in ("queued", "running", "streaming")])


def is_live(turn: type[TurnRow] = TurnRow) -> ColumnElement[bool]:
    """A process holds the turn's lease: the very constants that the partial index names."""
    return turn.state.in_([literal_column(f"'{state}'") for state in ("running", "streaming")])
