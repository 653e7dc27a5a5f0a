"""What is kept beside conversations: what was done already, what is to be erased, accounts of use and of rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Document, Id, Words
from core.store.tables.base import Row, only


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


class ErasureRow(Row):
    """Something that a person asked to be forgotten and that is not gone altogether yet. Gone itself when all is."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str | None]
    """None for all of the workspace."""
    conversation_id: Mapped[int | None] = mapped_column(Id)
    """None for all of the channel. No foreign key: the conversation may go first."""
    person_id: Mapped[str | None]
    """Whose; none for everybody's."""
    through_turn: Mapped[int] = mapped_column(Id)
    """The last turn that was there to be forgotten: what is said afterwards stays."""
    asked_at: Mapped[datetime]


class UsageRow(Row):
    """What one ended turn used. An account, not a memory: it holds no words and outlives the conversation."""

    __tablename__ = "usage"

    turn_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    """No foreign key: the turn goes first. Ids of turns never come back."""
    at: Mapped[datetime]
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    person_id: Mapped[str]
    model: Mapped[str] = mapped_column(Words)
    """As the provider named it; empty where no model was reached."""
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    """Part of the prompt tokens."""
    reasoning_tokens: Mapped[int]
    """Part of the completion tokens."""
    estimated: Mapped[bool]
    requests: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    """0 where no model was asked."""
    tokens: Mapped[int] = mapped_column(BigInteger(), default=0, server_default=text("0"))
    """As they count against limits: cached ones by their price (core/quota/price.py)."""
    cost: Mapped[int | None] = mapped_column(BigInteger())
    """In nano-units of the price's currency; None where nobody knows the price."""
    price: Mapped[dict[str, Any] | None] = mapped_column(Document)
    """At which it was charged."""
    persona_id: Mapped[int | None] = mapped_column(Id)
    """Whose answer it was; None for the built-in persona. No foreign key: an account stays as it is."""
    persona_version: Mapped[int | None]
    """0 for the built-in one; None where it was not asked who answers."""

    __table_args__ = (
        Index("ix_usage_person", "platform", "workspace", "person_id", "at"),
        Index("ix_usage_workspace", "platform", "workspace", "at"),
        Index("ix_usage_place", "channel", "workspace", "platform", "at"),
        Index("ix_usage_persona", "persona_id", "workspace", "platform", "at", **only("persona_id IS NOT NULL")),
    )


class AuditRow(Row):
    """Something an admin did, or was refused."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    """Empty for what concerns the whole workspace."""
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    action: Mapped[str] = mapped_column(String(64))
    """The command and what it did, such as `retention.set`."""
    allowed: Mapped[bool]
    subject: Mapped[str]
    """What it was done to, in a few words."""
    details: Mapped[dict[str, Any]] = mapped_column(Document)

    __table_args__ = (
        Index("ix_audit_workspace", "platform", "workspace", "at"),
        Index("ix_audit_place", "channel", "workspace", "platform", "at"),
    )
