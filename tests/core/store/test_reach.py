"""Saying so when a database is out of reach, and never when the mistake is ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest
from sqlalchemy import event, exc, text, update
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

from core.errors import StoreUnavailable
from core.store import Store
from core.store.database import Database
from core.store.faults import translated
from core.store.tables import TurnRow
from migrations.upgrade import upgrade
from sandbox.postgres import execute
from tests.core.store.scene import BEN, NOW, TERMINATE, Worker, accept, opened, said


async def unavailable(store: Store) -> str:
    """Accepting fails for that reason."""
    with pytest.raises(StoreUnavailable) as caught:
        await store.accept(said("a secret"), tokens=5, now=NOW)
    assert "secret" not in caught.value.detail
    return caught.value.detail


async def test_database_without_tables(empty_database_url: str) -> None:
    """Migrations are pending: the operator is told which table is missing."""
    store = await Store.open(empty_database_url)
    await store.ping()
    assert "effects" in await unavailable(store)
    await store.close()


async def test_nobody_listens(unused_tcp_port: int) -> None:
    """The server is not there."""
    store = await Store.open(f"postgres://u:hunter2@127.0.0.1:{unused_tcp_port}/d")
    assert "hunter2" not in await unavailable(store)
    with pytest.raises(StoreUnavailable):
        await store.ping()
    await store.close()


async def test_no_such_database(postgresql_url: str) -> None:
    """The server is there, but not the database."""
    store = await Store.open(postgresql_url.replace("/parley_", "/missing_"))
    assert "does not exist" in await unavailable(store)
    await store.close()


@pytest.mark.parametrize("below", ["", "/parley.db/parley.db"])
async def test_no_place_for_a_file(sqlite_url: str, below: str) -> None:
    """A folder is where the file should be, or a file where its folder should be."""
    with pytest.raises(StoreUnavailable):
        await Store.open(sqlite_url.removesuffix("/parley.db") + below)


async def test_file_that_is_no_database(tmp_path: Path) -> None:
    """Something else has that name."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear database, " * 100)
    store = await Store.open(f"sqlite:///{path}")
    assert "not a database" in await unavailable(store)
    await store.close()


async def test_locked_by_another_process(sqlite_url: str) -> None:
    """Another process writes for longer than we wait; afterwards all is well."""
    store = await Store.open(f"{sqlite_url}?timeout=0.05")
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "locked" in await unavailable(store)
    other.execute("ROLLBACK")
    other.close()
    await accept(store, said())
    await store.close()


async def test_locked_by_another_connection(postgresql_url: str) -> None:
    """Somebody holds a table for longer than the server is told to wait; afterwards all is well."""
    await execute(postgresql_url, "ALTER ROLE postgres SET lock_timeout = '50ms'")
    patient = await Store.open(postgresql_url)
    await patient.ping()
    await execute(postgresql_url, "ALTER ROLE postgres RESET lock_timeout")
    other = await asyncpg.connect(postgresql_url)
    async with other.transaction():
        await other.execute("LOCK TABLE effects")
        assert "lock timeout" in await unavailable(patient)
    await other.close()
    await accept(patient, said())
    await patient.close()


async def test_read_only_file(sqlite_url: str) -> None:
    """It can be read but not written."""
    database = Database(sqlite_url)
    event.listen(database.engine.sync_engine, "connect", pragma("query_only = ON"))
    store = Store(database)
    await store.ping()
    assert "readonly" in await unavailable(store)
    await store.close()


async def test_read_only_server(empty_postgresql_url: str) -> None:
    """It can be read but not written, as a replica is."""
    await upgrade(empty_postgresql_url)
    name = empty_postgresql_url.partition("?")[0].rpartition("/")[2]
    await execute(empty_postgresql_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store = await Store.open(empty_postgresql_url)
    await store.ping()
    assert "read-only" in await unavailable(store)
    await store.close()


def pragma(setting: str) -> Callable[[sqlite3.Connection, object], None]:
    """Says so to every new connection."""

    def say(connection: sqlite3.Connection, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    return say


async def test_full_database(sqlite_url: str) -> None:
    """No page is left: nothing of the message is stored, and what was stored before is still there."""
    database = Database(sqlite_url)
    store = Store(database)
    await accept(store, said())
    async with database.reading() as session:
        pages = (await session.execute(text("PRAGMA page_count"))).scalar_one()
    await database.engine.dispose()
    event.listen(database.engine.sync_engine, "connect", pragma(f"max_page_count = {pages + 2}"))
    with pytest.raises(StoreUnavailable, match="full"):
        await store.accept(said("x" * 100_000), tokens=5, now=NOW)
    (asked,) = await store.asks(1)
    assert asked.text == "hello"
    await store.close()


async def test_connections_that_broke_are_replaced(postgresql_url: str) -> None:
    """After the server went away and came back, the store works without being opened anew."""
    store = await Store.open(postgresql_url)
    await accept(store, said())
    await execute(postgresql_url, TERMINATE)
    await accept(store, said())
    await store.close()


async def test_connection_that_breaks_in_the_middle(postgresql_url: str) -> None:
    """Nothing became true, so the same call may be made again."""

    async def interrupted(database: Database) -> None:
        async with database.writing() as session:
            await session.execute(text("INSERT INTO effects VALUES ('slack', 'T', 'C', 'E', now())"))
            await execute(postgresql_url, TERMINATE)
            await session.execute(text("SELECT 1"))

    async with opened(postgresql_url) as database:
        with pytest.raises(StoreUnavailable):
            await interrupted(database)
        async with database.reading() as session:
            assert (await session.execute(text("SELECT count(*) FROM effects"))).scalar_one() == 0


async def test_table_that_a_migration_changes_meanwhile(empty_postgresql_url: str) -> None:
    """A process that has prepared its statements before stumbles once and then goes on."""
    await upgrade(empty_postgresql_url)
    store = await Store.open(empty_postgresql_url)
    accepted = await accept(store, said())
    assert await store.turn(accepted.turn.id) is not None
    await execute(empty_postgresql_url, "ALTER TABLE turns ALTER COLUMN kind TYPE text")
    with pytest.raises(StoreUnavailable):
        await store.turn(accepted.turn.id)
    assert await store.turn(accepted.turn.id) == accepted.turn
    await store.close()


# ── what is no lack of reach ──


async def test_broken_promise_is_never_swallowed(database_url: str) -> None:
    """A second live turn in a conversation is a mistake that shows itself, without anybody's words."""
    async with opened(database_url) as database:
        store = Store(database)
        await accept(store, said("secret one"))
        second = await accept(store, said("secret two", by=BEN))
        await Worker(store, "w1").claimed()
        with pytest.raises(exc.IntegrityError) as caught:
            async with database.writing() as session:
                await session.execute(
                    update(TurnRow)
                    .where(TurnRow.id == second.turn.id)
                    .values(state="running", lease_owner="secret", lease_until=NOW)
                )
        assert "secret" not in str(caught.value)


def _families(*names: str) -> set[type[Exception]]:
    families: list[type[Exception]] = [getattr(asyncpg.exceptions, name) for name in names]
    return {error for family in families for error in (family, *_below(family))}


def _below(error: type[Exception]) -> set[type[Exception]]:
    return {deeper for child in error.__subclasses__() for deeper in (child, *_below(child))}


OUT_OF_REACH = _families(
    "PostgresConnectionError",
    "InvalidTransactionStateError",
    "InvalidAuthorizationSpecificationError",
    "InvalidCatalogNameError",
    "TransactionRollbackError",
    "InsufficientResourcesError",
    "ObjectNotInPrerequisiteStateError",
    "OperatorInterventionError",
    "PostgresSystemError",
    "ConfigFileError",
    "InternalServerError",
    "UndefinedTableError",
    "InsufficientPrivilegeError",
)
OUR_MISTAKE = _families(
    "DataError", "IntegrityConstraintViolationError", "SyntaxOrAccessError", "CardinalityViolationError"
)


def _name(error: type[Exception]) -> str:
    return error.__name__


SERVER_ERRORS: list[type[Exception]] = sorted(OUT_OF_REACH | OUR_MISTAKE, key=_name)
SQLITE_ERRORS: list[type[Exception]] = sorted({sqlite3.Error, *_below(sqlite3.Error)}, key=_name)


@pytest.mark.parametrize("error", SERVER_ERRORS, ids=_name)
def test_every_error_of_the_server_has_its_place(error: type[Exception]) -> None:
    """What waiting or an operator mends is StoreUnavailable; what only a programmer mends stays what it is."""
    original = AsyncAdapt_asyncpg_dbapi.Error("why", error("why"))  # type: ignore[no-untyped-call]  # SQLAlchemy's
    raised = exc.DBAPIError.instance("SELECT", {}, original, Exception, hide_parameters=True)
    with pytest.raises(StoreUnavailable if error in OUT_OF_REACH else exc.DBAPIError), translated():
        raise raised


@pytest.mark.parametrize("error", SQLITE_ERRORS, ids=_name)
def test_every_error_of_sqlite_has_its_place(error: type[Exception]) -> None:
    """The same for SQLite, which has two words for being out of reach."""
    mended = error in (sqlite3.OperationalError, sqlite3.DatabaseError)
    raised = exc.DBAPIError.instance("SELECT", {}, error("why"), sqlite3.Error, hide_parameters=True)
    with pytest.raises(StoreUnavailable if mended else exc.DBAPIError), translated():
        raise raised


async def test_exhausted_pool_is_out_of_reach(database_url: str) -> None:
    """Too many at once: whoever waits too long for a connection is told to come again."""
    with pytest.raises(StoreUnavailable), translated():
        raise exc.TimeoutError("QueuePool limit reached")
