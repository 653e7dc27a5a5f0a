"""What was read of the files that came with a message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Messages have room for it. Of files that came before, nothing was read."""
    op.add_column("messages", sa.Column("readings", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """The column is gone, and what was read with it. Sizes of messages stay as they were counted."""
    op.drop_column("messages", "readings")
