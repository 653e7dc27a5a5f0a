"""Notes that people have Parley keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Id
from core.store.tables.base import Row


class NoteRow(Row):
    """One note."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    """Where it was written, whoever it is for."""
    thread: Mapped[str]
    """Likewise; empty where the channel was the conversation."""
    scope: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[str]
    """The person or the channel that it is for."""
    slot: Mapped[int]
    """One of as many as its owner may have: the key keeps the bound, however many write at once."""
    turn_id: Mapped[int] = mapped_column(Id)
    """In which it was written. No foreign key: the turn may go first."""
    author_id: Mapped[str]
    author_name: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("platform", "workspace", "scope", "owner_id", "slot", name="uq_notes_slot"),
        CheckConstraint("slot >= 0", name="slot"),
        # What a person had kept, to be counted, given out and erased.
        Index("ix_notes_author", "author_id", "workspace", "platform", "channel"),
        # What has become old in a channel.
        Index("ix_notes_place", "channel", "workspace", "platform", "at"),
        {"sqlite_autoincrement": True},  # models remember a note's number, so it must never come back
    )
