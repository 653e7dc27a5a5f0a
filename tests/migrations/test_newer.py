"""A database that a newer release has upgraded is left alone, with a word on what to do."""

from __future__ import annotations

import sqlite3

import pytest

from migrations.upgrade import NewerDatabase, head, pending, upgrade
from sandbox.postgres import execute

NEWER = "UPDATE alembic_version SET version_num = '9999'"


async def test_a_newer_database_is_left_alone(database_url: str) -> None:
    """Neither the check at the start nor the release step touches it, and both say so."""
    if database_url.startswith("sqlite"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
            connection.execute(NEWER)
    else:
        await execute(database_url, NEWER)
    try:
        with pytest.raises(NewerDatabase, match="newer release"):
            await pending(database_url)
        with pytest.raises(NewerDatabase, match="9999"):
            await upgrade(database_url)
    finally:
        if not database_url.startswith("sqlite"):  # the database is used again by other tests
            await execute(database_url, f"UPDATE alembic_version SET version_num = '{head()}'")  # noqa: S608  # our own
