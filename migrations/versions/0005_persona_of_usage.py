"""Accounts of use say which version of which persona answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The columns are there, and empty for what was answered before."""
    op.add_column("usage", sa.Column("persona_id", ID, nullable=True))
    op.add_column("usage", sa.Column("persona_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    """The columns are gone."""
    op.drop_column("usage", "persona_version")
    op.drop_column("usage", "persona_id")
