"""What admins have set: for a workspace and for a channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Document
from core.store.tables.base import Row


class WorkspaceRow(Row):
    """What an admin has set for a workspace. Each feature has a key of its own in the settings."""

    __tablename__ = "workspaces"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(Document)
    updated_at: Mapped[datetime]

    __table_args__ = (PrimaryKeyConstraint("platform", "workspace"),)


class ChannelRow(Row):
    """What an admin has set for a channel."""

    __tablename__ = "channels"

    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(Document)
    updated_at: Mapped[datetime]

    __table_args__ = (PrimaryKeyConstraint("platform", "workspace", "channel"),)
