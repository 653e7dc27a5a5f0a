"""What workspaces say of servers that bring tools."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The table is there."""
    op.create_table(
        "tool_servers",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tool_servers"),
        sa.UniqueConstraint("platform", "workspace", "name", name="uq_tool_servers"),
        sa.CheckConstraint("address <> '' OR token = ''", name=op.f("ck_tool_servers_token")),
    )


def downgrade() -> None:
    """The tables are those of 0006 again. Servers that admins added are lost."""
    op.drop_table("tool_servers")
