"""The first tables: conversations, what had its effect, turns, messages, posts, settings of channels.

Column types are written out here, not taken from core: a revision must go on saying what it said.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('queued', 'running', 'streaming')")
PLACE = ["platform", "workspace", "channel"]
LIVE = sa.text("state IN ('running', 'streaming')")


def upgrade() -> None:
    """All tables are there, empty."""
    _conversations()
    _effects()
    _turns()
    _messages()
    _posts()
    _channels()


def downgrade() -> None:
    """No table is left, and nothing that was in them."""
    for table in ("channels", "posts", "messages", "turns", "effects", "conversations"):
        op.drop_table(table)


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text()),
        sa.Column("summary_through", sa.Integer(), nullable=False),
        sa.Column("summary_tokens", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint(
            "platform",
            "workspace",
            "channel",
            "thread",
            name="uq_conversations_platform_workspace_channel_thread",
        ),
    )
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "channel", "event_id", name="pk_effects"),
    )
    op.create_index("ix_effects_at", "effects", ["at"])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("asker_id", sa.Text(), nullable=False),
        sa.Column("asker_name", sa.Text(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", TIME),
        sa.Column("lease_number", sa.Integer(), nullable=False),
        sa.Column("replaces", ID),
        sa.Column("signal", sa.String(16)),
        sa.Column("reason", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), nullable=False),
        sa.Column("reasoning_tokens", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_turns_conversation_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_turns_conversation_id_seq"),
        sa.CheckConstraint(f"({LIVE}) = (lease_owner IS NOT NULL)", name=op.f("ck_turns_live_has_owner")),
        sa.CheckConstraint("(lease_owner IS NULL) = (lease_until IS NULL)", name=op.f("ck_turns_lease_whole")),
        sa.CheckConstraint(f"({OPEN}) = (finished_at IS NULL)", name=op.f("ck_turns_open_unfinished")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_turns_live", "turns", ["conversation_id"], unique=True, postgresql_where=LIVE, sqlite_where=LIVE
    )
    op.create_index(
        "ix_turns_open",
        "turns",
        ["platform", "workspace", "queued_at"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index("ix_turns_open_seq", "turns", ["conversation_id", "seq"], postgresql_where=OPEN, sqlite_where=OPEN)
    _create_index_of_known("ix_turns_claimed", "turns", ["platform", "workspace"], "claimed_at")


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("turn_id", ID, nullable=False),
        sa.Column("turn_seq", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("author_id", sa.Text()),
        sa.Column("author_name", sa.Text()),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("tool_calls", sa.JSON()),
        sa.Column("tool_call_id", sa.Text()),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.Column("attachments", sa.JSON()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("edited_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_messages_turn_id", ondelete="CASCADE"),
        sa.UniqueConstraint(
            "conversation_id", "turn_seq", "position", name="uq_messages_conversation_id_turn_seq_position"
        ),
    )
    op.create_index("ix_messages_turn_id", "messages", ["turn_id"])
    _create_index_of_known("ix_messages_platform_message", "messages", PLACE, "message_id")


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("turn_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("root", sa.Text()),
        sa.PrimaryKeyConstraint("turn_id", "position", name="pk_posts"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_posts_turn_id", ondelete="CASCADE"),
    )
    op.create_index("ix_posts_message", "posts", ["platform", "workspace", "channel", "message"])
    _create_index_of_known("ix_posts_root", "posts", PLACE, "root")


def _create_index_of_known(name: str, table: str, place: list[str], column: str) -> None:
    known = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [*place, column], postgresql_where=known, sqlite_where=known)


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "channel", name="pk_channels"),
    )
