"""Limits with their counters, grants and holds; and what each turn cost, at which price."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True)
WITH_PERSONA = sa.text("persona_id IS NOT NULL")


def upgrade() -> None:
    """The tables and columns are there. What was used before counts no price: nobody knew it then."""
    _limits()
    _counters()
    _grants()
    _holds()
    for column in _columns_of_turns():
        op.add_column("turns", column)
    for column in _columns_of_usage():
        op.add_column("usage", column)
    op.execute("UPDATE usage SET tokens = prompt_tokens + completion_tokens")
    op.execute("UPDATE usage SET requests = 0 WHERE tokens = 0")
    op.create_index(
        "ix_usage_persona",
        "usage",
        ["persona_id", "workspace", "platform", "at"],
        postgresql_where=WITH_PERSONA,
        sqlite_where=WITH_PERSONA,
    )


def downgrade() -> None:
    """The tables are those of 0005 again. Limits and costs are lost."""
    op.drop_index("ix_usage_persona", "usage")
    for column in _columns_of_usage():
        op.drop_column("usage", column.name)
    for column in _columns_of_turns():
        op.drop_column("turns", column.name)
    for table in ("quota_holds", "quota_grants", "quota_counters", "quota_limits"):
        op.drop_table(table)


def _columns_of_turns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("asker_roles", DOCUMENT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("asked_tokens", sa.Integer(), nullable=True),
        sa.Column("asked_lease", sa.Integer(), nullable=True),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("spent_prompt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent_completion", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )


def _columns_of_usage() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("requests", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("price", DOCUMENT, nullable=True),
    )


def _place() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
    )


def _limits() -> None:
    op.create_table(
        "quota_limits",
        *_place(),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("sliding", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quota_limits"),
        sa.UniqueConstraint(
            "platform",
            "workspace",
            "subject_kind",
            "subject_id",
            "measure",
            "period",
            "sliding",
            name="uq_quota_limits",
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_quota_limits_amount")),
    )


def _counters() -> None:
    op.create_table(
        "quota_counters",
        *_place(),
        sa.Column("account_kind", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("sliding", sa.Boolean(), nullable=False),
        sa.Column("begins", TIME, nullable=False),
        sa.Column("ends", TIME, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.Column("warned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quota_counters"),
        sa.UniqueConstraint(
            "platform",
            "workspace",
            "account_kind",
            "account_id",
            "measure",
            "period",
            "sliding",
            "begins",
            name="uq_quota_counters",
        ),
        sa.CheckConstraint("used >= 0 AND reserved >= 0 AND extra >= 0", name=op.f("ck_quota_counters_amounts")),
    )
    op.create_index("ix_quota_counters_ends", "quota_counters", ["ends"])


def _grants() -> None:
    op.create_table(
        "quota_grants",
        *_place(),
        sa.Column("account_kind", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quota_grants"),
        sa.CheckConstraint('"left" >= 0 AND "left" <= amount', name=op.f("ck_quota_grants_left")),
    )
    op.create_index(
        "ix_quota_grants_account", "quota_grants", ["platform", "workspace", "account_kind", "account_id", "measure"]
    )
    op.create_index("ix_quota_grants_expires_at", "quota_grants", ["expires_at"])


def _holds() -> None:
    op.create_table(
        "quota_holds",
        sa.Column("turn_id", ID, nullable=False),
        sa.Column("counter_id", ID, nullable=False),
        sa.Column("grant_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "counter_id", "grant_id", name="pk_quota_holds"),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_quota_holds_amount")),
    )
