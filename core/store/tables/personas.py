"""Personas, their versions, and where which one is used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Document, Id
from core.store.tables.base import Row, only


class PersonaRow(Row):
    """One persona of a workspace, through all its versions and names."""

    __tablename__ = "personas"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    folded_name: Mapped[str]
    """As names are compared. An archived persona leaves its name to others."""
    latest: Mapped[int]
    """The newest version."""
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_personas_name", "platform", "workspace", "folded_name", unique=True, **only("archived_at IS NULL")),
        {"sqlite_autoincrement": True},  # conversations keep a persona's id
    )


class PersonaVersionRow(Row):
    """What a persona was from one change to the next. Never changed and never deleted."""

    __tablename__ = "persona_versions"

    persona_id: Mapped[int] = mapped_column(Id, ForeignKey("personas.id", ondelete="CASCADE"))
    version: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(Document)
    author_id: Mapped[str]
    author_name: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str]
    """What the change was, in a few words of ours."""

    __table_args__ = (PrimaryKeyConstraint("persona_id", "version"), Index("ix_persona_versions_author", "author_id"))


class PersonaUseRow(Row):
    """Which persona answers in a channel, in direct messages, or in all of a workspace."""

    __tablename__ = "persona_uses"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    scope: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str]
    """Empty where the scope is not a channel."""
    persona_id: Mapped[int] = mapped_column(Id, ForeignKey("personas.id", ondelete="CASCADE"))
    at: Mapped[datetime]

    __table_args__ = (
        PrimaryKeyConstraint("platform", "workspace", "scope", "channel"),
        Index("ix_persona_uses_persona_id", "persona_id"),
    )
