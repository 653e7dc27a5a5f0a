"""Who is one person on several platforms, and the codes by which they show it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables are there. Nobody is linked."""
    op.create_table(
        "links",
        *_person(),
        sa.Column("home_platform", sa.String(16), nullable=False),
        sa.Column("home_workspace", sa.Text(), nullable=False),
        sa.Column("home_person_id", sa.Text(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "person_id", name="pk_links"),
    )
    op.create_index("ix_links_home", "links", ["home_platform", "home_workspace", "home_person_id"])
    op.create_table(
        "link_codes",
        *_person(),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("wrong_since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "person_id", name="pk_link_codes"),
        sa.UniqueConstraint("code_hash", name="uq_link_codes_code_hash"),
    )
    op.create_index("ix_link_codes_expires_at", "link_codes", ["expires_at"])


def downgrade() -> None:
    """The tables are those of 0006 again. Everybody counts by themselves."""
    op.drop_table("link_codes")
    op.drop_table("links")


def _person() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
    )
