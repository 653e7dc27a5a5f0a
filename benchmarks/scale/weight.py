"""How much room the rows of each table take on disk, indexes included."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types

from benchmarks.scale.loading import TABLES
from core.store.database import understood


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One table of one database."""

    engine: str
    table: str
    rows: int
    bytes: int
    """With its indexes."""

    @property
    def each(self) -> float:
        """Bytes of a row."""
        return self.bytes / max(1, self.rows)


async def weights(url: str, engine: str) -> tuple[Weight, ...]:
    """Each table that grows."""
    measure = _sqlite(url) if engine == "sqlite" else await _postgresql(url)
    return tuple(Weight(engine=engine, table=table, rows=rows, bytes=size) for table, (rows, size) in measure.items())


def _sqlite(url: str) -> dict[str, tuple[int, int]]:
    with closing(sqlite3.connect(str(understood(url).database))) as connection:
        try:
            return {table: _of_sqlite(connection, table) for table in TABLES}
        except sqlite3.OperationalError:
            return {}  # not every build of SQLite has `dbstat`


def _of_sqlite(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  # our own names
    query = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)"
    (size,) = connection.execute(query, (table,)).fetchone()
    return int(rows), int(size)


async def _postgresql(url: str) -> dict[str, tuple[int, int]]:
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for table in TABLES:
            query = f"SELECT count(*), pg_total_relation_size('{table}') FROM {table}"  # noqa: S608  # our own names
            rows, size = await connection.fetchrow(query)
            found[table] = (int(rows), int(size))
        return found
    finally:
        await connection.close()
