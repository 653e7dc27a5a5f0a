"""Bulk-loads a corpus into a migrated database, as fast as the engine takes rows.

Both engines get the same values, written as the store writes them: COPY on PostgreSQL, one transaction on SQLite. The
statistics are gathered afterwards, as PostgreSQL's autovacuum does by itself within a minute.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from benchmarks.scale.corpus import (
    ANSWER_TOKENS,
    NOW,
    QUESTION_TOKENS,
    REMEMBERED,
    Corpus,
    Entry,
    begun_at,
    entries,
    key_of,
)
from core.store.database import understood
from core.store.tables import Row

Moment = Callable[[datetime], Any]
Values = Iterator[tuple[Any, ...]]

TABLES: dict[str, tuple[str, ...]] = {
    "conversations": ("id", "platform", "workspace", "channel", "thread", "created_at", "updated_at"),
    "effects": ("platform", "workspace", "channel", "event_id", "at"),
    "turns": (
        *("id", "conversation_id", "seq", "platform", "workspace", "channel", "state", "kind", "asker_id"),
        *(
            "asker_name",
            "asker_roles",
            "target",
            "attempt",
            "lease_number",
            "reason",
            "text",
            "prompt_tokens",
            "completion_tokens",
            "model",
        ),
        *("queued_at", "claimed_at", "started_at", "finished_at"),
    ),
    "messages": (
        *("id", "conversation_id", "turn_id", "turn_seq", "position", "role", "author_id", "author_name", "parts"),
        *("tokens", "platform", "workspace", "channel", "message_id", "created_at"),
    ),
    "posts": ("turn_id", "position", "platform", "workspace", "channel", "message"),
    "usage": (
        *("turn_id", "at", "platform", "workspace", "channel", "person_id", "model"),
        *("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens", "estimated"),
    ),
}
"""The columns that rows differ in, in the order in which tables are filled."""
MODEL = "gpt-6-luna"
PROMPT_TOKENS = 600
COUNTED = ("conversations", "turns", "messages")
"""Tables whose ids the database counts on."""


async def load(url: str, corpus: Corpus) -> None:
    """The migrated, empty database holds the corpus, and knows how much that is."""
    parsed = understood(url)
    if parsed.drivername.startswith("sqlite"):
        _load_sqlite(str(parsed.database), corpus)
    else:
        await _load_postgresql(url, corpus)


def _load_sqlite(path: str, corpus: Corpus) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Without a journal: the write-ahead log of one large transaction would be as large as the database.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for table, given in TABLES.items():
            names, rest = _columns(table, given)
            marks = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  # our own names
            connection.executemany(statement, (row + rest for row in _rows(table, corpus, _as_text)))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


async def _load_postgresql(url: str, corpus: Corpus) -> None:
    connection = await asyncpg.connect(url)
    try:
        # Foreign keys are triggers: each would be looked up, row by row.
        await connection.execute("SET session_replication_role = replica")
        for table, given in TABLES.items():
            names, rest = _columns(table, given)
            rows = (row + rest for row in _rows(table, corpus, _as_it_is))
            await connection.copy_records_to_table(table, records=rows, columns=list(names))
        for table in COUNTED:
            largest = f"(SELECT max(id) FROM {table})"  # noqa: S608  # our own names
            await connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {largest})")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _columns(table: str, given: Sequence[str]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The columns to fill, and the values of those that are alike in every row: what the store writes by default."""
    more, values = [], []
    for column in Row.metadata.tables[table].columns:
        if column.name not in given and not column.nullable:
            if not isinstance(column.default, ScalarElementColumnDefault):
                raise LookupError(f"{table}.{column.name} has no default: say in TABLES what it holds")
            more.append(column.name)
            values.append(column.default.arg)
    return (*given, *more), tuple(values)


def _as_text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _as_it_is(at: datetime) -> datetime:
    return at


def _rows(table: str, corpus: Corpus, moment: Moment) -> Values:
    match table:
        case "conversations":
            return _conversations(corpus, moment)
        case "effects":
            since = NOW - REMEMBERED
            return (_effect(entry, moment) for entry in entries(corpus) if entry.at > since)
        case "turns":
            return (_turn(entry, moment) for entry in entries(corpus))
        case "messages":
            return (message for entry in entries(corpus) for message in _messages(entry, moment))
        case "posts":
            return (_post(entry) for entry in entries(corpus) if not entry.waiting)
        case _:
            return (_usage(entry, moment) for entry in entries(corpus) if not entry.waiting)


def _conversations(corpus: Corpus, moment: Moment) -> Values:
    for number in range(1, corpus.size + 1):
        key, at = key_of(number), moment(begun_at(corpus, number))
        yield (number, key.platform.value, key.workspace, key.channel, key.thread, at, at)


def _effect(entry: Entry, moment: Moment) -> tuple[Any, ...]:
    return (entry.key.platform.value, entry.key.workspace, entry.key.channel, entry.message_id, moment(entry.at))


def _turn(entry: Entry, moment: Moment) -> tuple[Any, ...]:
    key, at = entry.key, moment(entry.at)
    target = json.dumps({"key": str(key), "kind": "thread", "details": {"ts": entry.message_id}})
    asked = (entry.id, entry.conversation, entry.seq, key.platform.value, key.workspace, key.channel)
    person = ("mention", entry.person, f"Person {entry.person}", "[]", target)
    if entry.waiting:
        return (*asked, "queued", *person, 0, 0, None, None, 0, 0, "", at, None, None, None)
    return (*asked, "done", *person, 1, 1, "stop", entry.answer, PROMPT_TOKENS, ANSWER_TOKENS, MODEL, at, at, at, at)


def _messages(entry: Entry, moment: Moment) -> Values:
    key, at = entry.key, moment(entry.at)
    where = (entry.conversation, entry.id, entry.seq)
    place = (key.platform.value, key.workspace, key.channel)
    said = (entry.person, f"Person {entry.person}", _parts(entry.question), QUESTION_TOKENS)
    yield (2 * entry.id - 1, *where, 0, "user", *said, *place, entry.message_id, at)
    if not entry.waiting:
        yield (2 * entry.id, *where, 1, "assistant", None, None, _parts(entry.answer), ANSWER_TOKENS, *place, None, at)


def _parts(text: str) -> str:
    return json.dumps([{"text": text}], separators=(",", ":"))


def _post(entry: Entry) -> tuple[Any, ...]:
    return (entry.id, 0, entry.key.platform.value, entry.key.workspace, entry.key.channel, entry.post_id)


def _usage(entry: Entry, moment: Moment) -> tuple[Any, ...]:
    key = entry.key
    place = (key.platform.value, key.workspace, key.channel, entry.person)
    return (entry.id, moment(entry.at), *place, MODEL, PROMPT_TOKENS, ANSWER_TOKENS, 0, 0, False)
