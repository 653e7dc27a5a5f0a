"""The way to the database: understanding its URL, opening it well, and transactions.

SQLite allows one writer at a time. A transaction that writes says so at its beginning (BEGIN IMMEDIATE), since one
that began by reading cannot wait for another writer; within this process writers queue up in order, and the busy
timeout is for other processes. PostgreSQL runs at READ COMMITTED, where every statement sees what was committed
before it. Locks are taken in the order effect, conversation, turn, so that no two transactions wait for each other.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from core.store.columns import write_document
from core.store.faults import translated
from core.store.tables import Row
from core.store.wakeup import CONNECT_TIMEOUT, NEWS, WakeUp

if TYPE_CHECKING:
    import aiosqlite

BUSY_TIMEOUT = 5.0
"""Seconds that SQLite waits for a writer of another process; `?timeout=` in the URL says otherwise."""
OPENING_PAUSE = 0.05
"""Seconds between attempts to open a file that another process is opening for the first time."""
POOL_SIZE = 5
POOL_OVERFLOW = 5
POOL_TIMEOUT = 10
"""Seconds to wait for a free connection."""
COMMAND_TIMEOUT = 30
"""Seconds after which PostgreSQL's silence counts as being out of reach."""


def understood(url: str) -> URL:
    """The URL in the words of SQLAlchemy and our drivers. Raises ValueError, without the URL's password, for a
    database that we do not speak to."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Its own words may quote what it took for a port: a password with a slash in it.
        raise ValueError("DATABASE_URL is not a database URL such as sqlite:///parley.db") from None
    match parsed.drivername.partition("+")[0]:
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite", query={"timeout": str(BUSY_TIMEOUT), **parsed.query})
        case "postgres" | "postgresql":
            return _postgresql(parsed)
        case other:
            raise ValueError(f"DATABASE_URL names {other!r}: Parley speaks sqlite and postgresql")


def _postgresql(url: URL) -> URL:
    """Hosters write libpq's words: asyncpg says `ssl` for `sslmode` and has no word for channel binding."""
    query = {name: value for name, value in url.query.items() if name not in ("sslmode", "channel_binding")}
    if "sslmode" in url.query:
        query["ssl"] = url.query["sslmode"]
    return url.set(drivername="postgresql+asyncpg", query=query)


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def make_engine(url: str, *, command_timeout: float | None = COMMAND_TIMEOUT) -> AsyncEngine:
    """An engine for the database, not connected yet, on which a statement may take PostgreSQL that many seconds. A
    SQLite file and its folder exist afterwards, readable by their owner alone. Raises ValueError for a URL we do not
    understand and StoreUnavailable where no file can be."""
    parsed = understood(url)
    if parsed.drivername.startswith("postgresql"):
        patience = {"timeout": CONNECT_TIMEOUT, "command_timeout": command_timeout}
        return create_async_engine(parsed, **_common(), **_bounded(), pool_pre_ping=True, connect_args=patience)
    if _in_memory(parsed):
        # One connection, which waits its turn: another one would be another, empty database.
        engine = create_async_engine(parsed, **_common(), poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)
    else:
        with translated():
            _prepare_file(Path(parsed.database or ""))
        engine = create_async_engine(parsed, **_common(), **_bounded())
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _common() -> dict[str, Any]:
    # Parameters are people's words, so no error may quote them.
    return {"hide_parameters": True, "json_serializer": write_document}


def _bounded() -> dict[str, Any]:
    return {"pool_size": POOL_SIZE, "max_overflow": POOL_OVERFLOW, "pool_timeout": POOL_TIMEOUT}


def _prepare_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    connection.run_async(_log_ahead)
    cursor = connection.cursor()
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _log_ahead(connection: aiosqlite.Connection) -> None:
    """The file is written through a log, so that readers and a writer do not wait for each other. Where two processes
    open a new file at once, SQLite refuses one of them without heeding the busy timeout; a moment later it is done."""
    until = asyncio.get_running_loop().time() + BUSY_TIMEOUT
    while True:
        try:
            await (await connection.execute("PRAGMA journal_mode = WAL")).close()
            return
        except sqlite3.OperationalError as error:
            late = asyncio.get_running_loop().time() > until
            if late or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await asyncio.sleep(OPENING_PAUSE)  # noqa: TID251 - as real as the busy timeout it stands in for


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class Database:
    """One database, open."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._writers = self.engine.execution_options(writing=True)
        sqlite_used = self.engine.dialect.name == "sqlite"
        self._turnstile = asyncio.Lock() if sqlite_used else nullcontext()
        self.wakeup = WakeUp(None if sqlite_used else _dsn(self.engine))

    async def create_memory(self) -> None:
        """A database in memory has its tables: nobody else could ever migrate it."""
        if self.engine.dialect.name == "sqlite" and _in_memory(self.engine.url):
            async with self._writers.begin() as connection:
                await connection.run_sync(Row.metadata.create_all)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that changes nothing."""
        with translated():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that is committed at the end, and rolled back by any error or by `session.rollback()`.
        After the commit, what was announced in it wakes who waits."""
        async with self._turnstile:
            with translated():
                async with AsyncSession(self._writers, expire_on_commit=False) as session:
                    yield session
                    news = session.info.get(NEWS, set()) if session.in_transaction() else set()
                    await session.commit()
        for item in news:
            self.wakeup.ring(item)

    async def checkpoint(self) -> None:
        """SQLite's log is empty, and what was deleted is not in it either; as far as readers allow. Nothing on
        PostgreSQL."""
        if self.engine.dialect.name == "sqlite":
            async with self._turnstile:
                with translated():
                    async with self.engine.connect() as connection:
                        # Not in a transaction, which SQLAlchemy would begin.
                        driver: Any = (await connection.get_raw_connection()).driver_connection
                        await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()

    async def close(self) -> None:
        """No connection is left open."""
        await self.wakeup.close()
        await self.engine.dispose()


def _dsn(engine: AsyncEngine) -> Mapping[str, Any]:
    """asyncpg's arguments for a connection beside the pool: listening keeps it for good."""
    return engine.dialect.create_connect_args(engine.url)[1]


def upsert(session: AsyncSession, row: type[Row]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the words of the session's database."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(row)
    return sqlite.insert(row)
