"""Personas with their versions, where they are used, and which one a conversation began with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
PRESENT = sa.text("archived_at IS NULL")


def upgrade() -> None:
    """The tables and columns are there. No conversation has a persona yet: its next turn decides."""
    _personas()
    _versions()
    _uses()
    op.add_column("conversations", sa.Column("shared", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("conversations", sa.Column("persona_id", ID, nullable=True))
    op.add_column("conversations", sa.Column("persona_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    """The tables are those of 0003 again. Personas are lost: export them first."""
    for column in ("persona_version", "persona_id", "shared"):
        op.drop_column("conversations", column)
    for table in ("persona_uses", "persona_versions", "personas"):
        op.drop_table(table)


def _personas() -> None:
    op.create_table(
        "personas",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("archived_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_personas"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_personas_name",
        "personas",
        ["platform", "workspace", "folded_name"],
        unique=True,
        postgresql_where=PRESENT,
        sqlite_where=PRESENT,
    )


def _versions() -> None:
    op.create_table(
        "persona_versions",
        sa.Column("persona_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("persona_id", "version", name="pk_persona_versions"),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["personas.id"], name="fk_persona_versions_persona_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_persona_versions_author", "persona_versions", ["author_id"])


def _uses() -> None:
    op.create_table(
        "persona_uses",
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("persona_id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "scope", "channel", name="pk_persona_uses"),
        sa.ForeignKeyConstraint(["persona_id"], ["personas.id"], name="fk_persona_uses_persona_id", ondelete="CASCADE"),
    )
    op.create_index("ix_persona_uses_persona_id", "persona_uses", ["persona_id"])
