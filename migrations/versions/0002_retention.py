"""Finding what is a person's or old, what admins set for a workspace, and the accounts of use and of rule.

The turns that are there learn their channel. Their use becomes accounts, as if it had been written when they ended.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
AUTHORED = sa.text("author_id IS NOT NULL")


def upgrade() -> None:
    """The new columns, indexes and tables are there."""
    _conversations()
    _erasures()
    _usage()
    _audit()
    _workspaces()


def downgrade() -> None:
    """The tables are those of 0001 again. Accounts and the settings of workspaces are lost."""
    for table in ("workspaces", "audit", "usage", "erasures"):
        op.drop_table(table)
    op.drop_index("ix_messages_author", "messages")
    op.drop_index("ix_turns_place", "turns")
    op.drop_index("ix_turns_asker", "turns")
    op.drop_column("turns", "forgotten")
    op.drop_column("turns", "channel")
    op.drop_column("conversations", "erasures")
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])


def _conversations() -> None:
    # Columns are added in place: SQLite would make a table anew by dropping it, and that cascades to all its rows.
    op.drop_index("ix_conversations_updated_at", "conversations")
    op.add_column("conversations", sa.Column("erasures", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("turns", sa.Column("channel", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("turns", sa.Column("forgotten", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE turns SET channel = (SELECT channel FROM conversations WHERE conversations.id = turns.conversation_id)"
    )
    op.create_index("ix_turns_asker", "turns", ["asker_id", "workspace", "platform", "channel", "id"])
    op.create_index("ix_turns_place", "turns", ["channel", "workspace", "platform", "finished_at"])
    op.create_index(
        "ix_messages_author",
        "messages",
        ["author_id", "workspace", "platform", "channel"],
        postgresql_where=AUTHORED,
        sqlite_where=AUTHORED,
    )


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("conversation_id", ID),
        sa.Column("person_id", sa.Text()),
        sa.Column("through_turn", ID, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("turn_id", ID, autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), nullable=False),
        sa.Column("reasoning_tokens", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name="pk_usage"),
    )
    op.execute(
        "INSERT INTO usage (turn_id, at, platform, workspace, channel, person_id, model, prompt_tokens,"
        " completion_tokens, cached_tokens, reasoning_tokens, estimated)"
        " SELECT id, finished_at, platform, workspace, channel, asker_id, model, prompt_tokens,"
        " completion_tokens, cached_tokens, reasoning_tokens, estimated"
        " FROM turns WHERE finished_at IS NOT NULL AND claimed_at IS NOT NULL"
    )
    op.create_index("ix_usage_person", "usage", ["platform", "workspace", "person_id", "at"])
    op.create_index("ix_usage_workspace", "usage", ["platform", "workspace", "at"])
    op.create_index("ix_usage_place", "usage", ["channel", "workspace", "platform", "at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_workspace", "audit", ["platform", "workspace", "at"])
    op.create_index("ix_audit_place", "audit", ["channel", "workspace", "platform", "at"])


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", name="pk_workspaces"),
    )
