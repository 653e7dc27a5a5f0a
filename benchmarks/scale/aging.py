"""What PostgreSQL has to carry between two vacuums: every move of a turn leaves its row's old version behind, also in
the indexes of open turns, until they are cleaned."""

from __future__ import annotations

from sandbox.postgres import execute

_MOVES = (
    "state = 'queued', finished_at = NULL, claimed_at = NULL",
    "state = 'running', claimed_at = queued_at, lease_owner = 'nobody', lease_until = queued_at",
    "state = 'streaming'",
    "state = 'done', finished_at = queued_at, lease_owner = NULL, lease_until = NULL",
)


async def age(url: str) -> None:
    """The first turn of each conversation has moved from waiting to its end once more, and no vacuum came since."""
    await execute(url, "ALTER TABLE turns SET (autovacuum_enabled = off)")
    for change in _MOVES:
        await execute(url, f"UPDATE turns SET {change} WHERE seq = 1")  # noqa: S608  # our own words
    await execute(url, "ANALYZE turns")


async def vacuum(url: str) -> None:
    """What was left behind is cleaned up."""
    await execute(url, "VACUUM (INDEX_CLEANUP ON) turns")
