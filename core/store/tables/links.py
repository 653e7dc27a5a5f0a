"""Who is one person on several platforms, and the codes by which they show it (core/linking.py)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Row


class LinkRow(Row):
    """One of the places in which a linked person is known. All of theirs name the same home, which is one of them."""

    __tablename__ = "links"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    person_id: Mapped[str]
    home_platform: Mapped[str] = mapped_column(String(16))
    home_workspace: Mapped[str]
    home_person_id: Mapped[str]
    linked_at: Mapped[datetime]

    __table_args__ = (
        PrimaryKeyConstraint("platform", "workspace", "person_id"),
        Index("ix_links_home", "home_platform", "home_workspace", "home_person_id"),
    )


class LinkCodeRow(Row):
    """The newest code that was shown to a person, until it is entered or too old; and how many wrong ones they entered
    since when."""

    __tablename__ = "link_codes"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    person_id: Mapped[str]
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    """Of the code."""
    wrong: Mapped[int] = mapped_column(default=0)
    wrong_since: Mapped[datetime]

    __table_args__ = (
        PrimaryKeyConstraint("platform", "workspace", "person_id"),
        Index("ix_link_codes_expires_at", "expires_at"),
    )
