"""A SQLite file that takes no writes for a while: operators read what to do, and nobody's message is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import Connection, Engine, event
from structlog.testing import capture_logs

from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.places import PATIENCE, Place

LONG = "word " * 300


class Fault(Protocol):
    """Something that can be the matter with the file."""

    def begin(self) -> None: ...
    def end(self) -> None: ...


class Pragma:
    """Every transaction is told so by SQLite itself."""

    def __init__(self, broken: str, well: str) -> None:
        self._now, self._broken, self._well = well, broken, well
        event.listen(Engine, "begin", self._tell)

    def _tell(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA {self._now}")

    def begin(self) -> None:
        self._now = self._broken

    def end(self) -> None:
        self._now = self._well

    def close(self) -> None:
        event.remove(Engine, "begin", self._tell)


class Lock:
    """Another program holds the file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def file(tmp_path: Path, sqlite_url: str) -> Path:
    """Small pages, so that whatever is stored needs another one."""
    path = tmp_path / "parley.db"
    with closing(sqlite3.connect(path)) as connection:
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA page_size = 512", "VACUUM"):
            connection.execute(statement)
    return path


@pytest.fixture(params=["full", "read-only", "locked"])
def fault(request: pytest.FixtureRequest, file: Path) -> Iterator[Fault]:
    """What will be the matter."""
    made: Pragma | Lock
    match request.param:
        case "full":
            made = Pragma("max_page_count = 1", "max_page_count = 1000000")  # never under what there is
        case "read-only":
            made = Pragma("query_only = ON", "query_only = OFF")
        case _:
            made = Lock(file)
    yield made
    made.close()


WORDS = {
    "full": ("There is no room left for", "Make room"),
    "read-only": ("may only be read", "Let Parley's user write"),
    "locked": ("is locked by another process", "Stop what else writes"),
}


@pytest.fixture
async def town(
    place: Place, model: ChatCompletionsSandbox, file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Parley is up on that place and on that file, for which it waits a fifth of a second."""
    async with opened_town(place, model, f"sqlite:///{file}?timeout=0.2", monkeypatch) as opened:
        yield opened


async def logged(logs: Sequence[Mapping[str, Any]], action: str) -> None:
    """Returns when the log has that line, which nobody else is told of."""
    async with asyncio.timeout(PATIENCE):
        while not any(one.get("action") == action for one in logs):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_what_is_said_meanwhile_is_answered_once(
    town: Town, fault: Fault, file: Path, request: pytest.FixtureRequest
) -> None:
    """The log says once what is the matter and what to do, and once that it is over; the file is whole."""
    town.model.script(Answer(text="Here I am."))
    with capture_logs() as logs:
        fault.begin()
        talk = await town.place.mention("ann", f"Are you there? {LONG}")
        await logged(logs, "storage.fails")
        assert town.place.replies(talk) == []
        fault.end()
        shown = await town.answered(talk)
        await town.recorded()
    assert [one.text.strip() for one in shown] == ["Here I am."]
    failed, *again = [one for one in logs if one.get("action") == "storage.fails"]
    assert not again
    problem, fix = WORDS[request.node.callspec.params["fault"]]
    assert problem in failed["event"]
    assert fix in failed["fix"]
    assert "storage.well" in [one.get("action") for one in logs]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
