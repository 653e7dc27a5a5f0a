"""How a database carries out a statement: which index it takes, and how many rows and pages it reads for it.

PostgreSQL is asked while it really does it, within a transaction that is taken back. A plain INSERT has no plan worth
reading and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.store.database import Database

Statement = tuple[str, Any]
_EXPLAIN = {
    "sqlite": "EXPLAIN QUERY PLAN ",
    "postgresql": "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) ",
}
_PLANNED = re.compile(r"SELECT .*\sFROM|UPDATE|DELETE|WITH", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One statement and its plan."""

    statement: str
    """With its lists of columns left out."""
    steps: tuple[str, ...]


async def explained(database: Database, statements: Sequence[Statement]) -> tuple[Plan, ...]:
    """The plans of those that have one, each statement once. Nothing has changed."""
    once = {text: parameters for text, parameters in statements if _PLANNED.match(text)}
    return tuple([await _explained(database, text, parameters) for text, parameters in once.items()])


async def _explained(database: Database, statement: str, parameters: Any) -> Plan:
    dialect = database.engine.dialect.name
    async with database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql(_EXPLAIN[dialect] + statement, parameters)).all()
        await connection.rollback()
    steps = _tree(rows) if dialect == "sqlite" else [str(row[0]) for row in rows]
    return Plan(statement=_readable(statement), steps=tuple(steps))


def _tree(rows: Sequence[Any]) -> list[str]:
    """SQLite gives each step its parent."""
    depth = {0: -1}
    for number, parent, *_ in rows:
        depth[number] = depth[parent] + 1
    return ["  " * depth[row[0]] + row[3] for row in rows]


def _readable(statement: str) -> str:
    short = re.sub(r"(SELECT|RETURNING) ([a-z_]+\.\w+(?: AS \w+)?, ){3,}[a-z_]+\.\w+(?: AS \w+)?", r"\1 …", statement)
    return re.sub(r"\s+", " ", short).strip()
