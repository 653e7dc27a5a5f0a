"""The history of the tables, on both databases."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from core.errors import StoreUnavailable
from core.store.database import make_engine
from core.store.tables import Row
from migrations.upgrade import current, downgrade, head, pending, upgrade

Result = TypeVar("Result")

DEFINITIONS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' ORDER BY name",
    "postgresql": """
        SELECT 'index ' || indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        UNION ALL
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
        ORDER BY 1
    """,
}


async def ask(url: str, question: Callable[[Connection], Result]) -> Result:
    """The database's answer, in a transaction that is kept."""
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


async def tables(url: str) -> set[str]:
    """The names of the tables that are there."""
    return await ask(url, lambda connection: set(inspect(connection).get_table_names()))


def definitions(connection: Connection) -> dict[str, list[str]]:
    """Indexes and constraints in the database's own words, partial conditions and checks included. SQLite keeps the
    statement that made a table, and puts a column that was added later on the line of the one before: so its parts are
    compared, in an order that says nothing."""
    rows = connection.execute(text(DEFINITIONS[connection.dialect.name]))
    return {name: sorted(_parts(words)) for name, words in rows}


def _parts(words: str) -> list[str]:
    parts = (part.strip(" ,\t").replace('"', "") for part in re.split(r",\s|\n", words))
    return [part for part in parts if part]


async def test_up_down_and_up_again(empty_database_url: str) -> None:
    """An empty database gets the tables, loses them all again, and gets them once more."""
    url = empty_database_url
    assert await pending(url)
    assert await current(url) is None
    await upgrade(url)
    assert await current(url) == head()
    assert not await pending(url)
    assert await tables(url) == {*Row.metadata.tables, "alembic_version"}
    await downgrade(url, "base")
    assert await tables(url) == {"alembic_version"}
    assert await pending(url)
    await upgrade(url)
    assert not await pending(url)


async def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    """A database that is up to date stays as it is."""
    before = await ask(database_url, definitions)
    await upgrade(database_url)
    assert await ask(database_url, definitions) == before


async def test_tables_match(database_url: str) -> None:
    """The migrated tables are those that the rows are written for."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Row.metadata))

    assert await ask(database_url, differences) == []


async def test_constraints_and_indexes_match(database_url: str, empty_database_url: str) -> None:
    """Partial indexes and checks, which Alembic does not compare, are what the rows declare too."""
    await ask(empty_database_url, Row.metadata.create_all)
    assert await ask(database_url, definitions) == await ask(empty_database_url, definitions)


async def test_postgresql_vacuums_turns_often(postgresql_url: str) -> None:
    """Claims read the indexes of open turns, so they are cleaned after one dead row in a hundred, with no exception."""
    query = text("SELECT unnest(reloptions) FROM pg_class WHERE relname = 'turns'")
    options = await ask(postgresql_url, lambda connection: set(connection.execute(query).scalars()))
    assert {"autovacuum_vacuum_scale_factor=0.01", "vacuum_index_cleanup=on"} <= options


async def test_upgrades_at_once_follow_each_other(empty_database_url: str) -> None:
    """Several processes that start together all find the tables there."""
    await asyncio.gather(*(upgrade(empty_database_url) for _ in range(4)))
    assert not await pending(empty_database_url)


async def test_failed_upgrade_leaves_nothing(empty_database_url: str, database_engine: str) -> None:
    """Either the whole revision is there or nothing of it."""
    await ask(empty_database_url, lambda connection: connection.execute(text("CREATE TABLE messages (id INTEGER)")))
    with pytest.raises(Exception, match="already exists"):
        await upgrade(empty_database_url)
    assert await tables(empty_database_url) == {"messages"}


async def test_folder_with_a_percent_sign(tmp_path: Path) -> None:
    """Characters that mean something to Alembic's settings mean nothing in a path."""
    url = f"sqlite:///{tmp_path / '100%db' / 'parley.db'}"
    await upgrade(url)
    assert not await pending(url)


async def test_unreachable_database_is_said_so(unused_tcp_port: int) -> None:
    """Nobody listens there: the error is ours, and has no password in it."""
    url = f"postgresql://parley:hunter2@127.0.0.1:{unused_tcp_port}/parley"
    with pytest.raises(StoreUnavailable) as caught:
        await upgrade(url)
    assert "hunter2" not in caught.value.detail
