"""PostgreSQL cleans up after turns often, and their indexes each time.

A turn moves three times, and each move leaves a dead entry in the indexes of open turns, which every claim reads. As
PostgreSQL is set, it waits until a fifth of the table is dead (670,000 turns of ten million) and then spares the
indexes where only few pages are concerned. docs/scaling.md has the figures. SQLite leaves nothing behind.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

SETTINGS = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_vacuum_threshold": "1000",
    "autovacuum_analyze_scale_factor": "0.02",
    "vacuum_index_cleanup": "on",
}


def upgrade() -> None:
    """Autovacuum comes to `turns` after one dead row in a hundred."""
    if op.get_bind().dialect.name == "postgresql":
        settings = ", ".join(f"{name} = {value}" for name, value in SETTINGS.items())
        op.execute(f"ALTER TABLE turns SET ({settings})")


def downgrade() -> None:
    """It comes as the server is set."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE turns RESET ({', '.join(SETTINGS)})")
