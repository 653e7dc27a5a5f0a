"""MCP servers of workspaces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is there."""
    op.create_table(
        "tool_servers",
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "name", name="pk_tool_servers"),
    )


def downgrade() -> None:
    """The table is gone."""
    op.drop_table("tool_servers")
