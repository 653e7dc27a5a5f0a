"""Notes that people have Parley keep, for themselves or for a channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The table is there, empty."""
    op.create_table(
        "notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("turn_id", ID, nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.UniqueConstraint("platform", "workspace", "scope", "owner_id", "slot", name="uq_notes_slot"),
        sa.CheckConstraint("slot >= 0", name=op.f("ck_notes_slot")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_author", "notes", ["author_id", "workspace", "platform", "channel"])
    op.create_index("ix_notes_place", "notes", ["channel", "workspace", "platform", "at"])


def downgrade() -> None:
    """The tables are those of 0006 again. Notes are lost."""
    op.drop_table("notes")
