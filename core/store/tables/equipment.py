"""Servers that bring tools, as the admins of workspaces set them up."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Id
from core.store.tables.base import Row


class ToolServerRow(Row):
    """What a workspace says of one server (core/equipment.py)."""

    __tablename__ = "tool_servers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    name: Mapped[str] = mapped_column(String(64))
    enabled: Mapped[bool]
    address: Mapped[str]
    token: Mapped[str]
    """Sealed; without the operator's key it says nothing."""

    __table_args__ = (
        UniqueConstraint("platform", "workspace", "name", name="uq_tool_servers"),
        CheckConstraint("address <> '' OR token = ''", name="token"),
    )
