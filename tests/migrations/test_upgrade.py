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

from core.conversation import Platform
from core.errors import StoreUnavailable
from core.privacy import Kept, Place, Reach
from core.store import Store
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


BEFORE_RETENTION = """
INSERT INTO conversations (id, platform, workspace, channel, thread, summary_through, summary_tokens, created_at,
    updated_at)
VALUES (1, 'slack', 'T1', 'C1', '171.5', 0, 0, '2026-03-01 12:00:00.000000+00:00', '2026-03-01 12:00:00.000000+00:00');
INSERT INTO turns (id, conversation_id, seq, platform, workspace, state, kind, asker_id, asker_name, target, attempt,
    lease_number, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, estimated, model, queued_at,
    claimed_at, finished_at)
VALUES (1, 1, 1, 'slack', 'T1', 'done', 'mention', 'U1', 'Anna', '{}', 1, 1, 7, 3, 2, 1, false, 'm',
    '2026-03-01 12:00:00.000000+00:00', '2026-03-01 12:00:00.000000+00:00', '2026-03-01 12:00:00.000000+00:00'),
    (2, 1, 2, 'slack', 'T1', 'queued', 'mention', 'U1', 'Anna', '{}', 0, 0, 0, 0, 0, 0, false, '',
    '2026-03-01 12:00:00.000000+00:00', NULL, NULL)
"""


async def test_what_was_there_before_retention(empty_database_url: str) -> None:
    """Turns of the first release know their channel afterwards, so that they can be forgotten; their use is on their
    asker's account; going back keeps every conversation."""
    url = empty_database_url
    await upgrade(url, "0001")

    def fill(connection: Connection) -> None:
        for statement in BEFORE_RETENTION.split(";"):
            connection.execute(text(statement))

    await ask(url, fill)
    await upgrade(url)
    store = await Store.open(url)
    reach = Reach(place=Place(platform=Platform.SLACK, workspace="T1", channel="C1"), person="U1")
    assert (await store.holdings(reach)).answers == 2
    told = [one async for kind, one in store.told(reach) if kind == "usage"]
    assert [(one["prompt_tokens"], one["channel"]) for one in told] == [(7, "C1")]
    (due,) = await store.places_with(Kept.CONVERSATIONS, after=None)
    assert due.place == reach.place
    await store.close()
    await downgrade(url, "0001")
    assert await ask(url, lambda connection: connection.execute(text("SELECT count(*) FROM turns")).scalar_one()) == 2
    await upgrade(url)
