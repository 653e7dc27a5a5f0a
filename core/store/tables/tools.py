"""What tools do on behalf of a turn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Id
from core.store.tables.base import Row


class ApprovalRow(Row):
    """A call that changes something, about which who asked has to say a word. Goes with its turn."""

    __tablename__ = "approvals"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    turn_id: Mapped[int] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"))
    call_id: Mapped[str]
    tool: Mapped[str]
    state: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("turn_id", "call_id"),
        {"sqlite_autoincrement": True},  # a button keeps its number, so it must never come back
    )
