"""Databases for every test that wants one: SQLite in a file and a real PostgreSQL, migrated and empty.

One PostgreSQL server runs for each pytest process. A template is migrated once for each engine; every test has a
database of its own, on PostgreSQL perhaps one that another test has given back.
"""

from __future__ import annotations

import functools
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest
import toktok
from sqlalchemy import delete

from core.store import Store
from core.store.tables import Row
from migrations.upgrade import upgrade
from sandbox.postgres import LocalPostgres, execute
from tests.bots.nursery import Nursery

# A slow machine is no fault, and what CI finds must be found again by whoever looks for it.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

ENGINES = ("sqlite", "postgresql")


EMPTY = "\n".join(
    [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid();",
        *(f"{delete(table)};" for table in reversed(Row.metadata.sorted_tables)),
    ]
)
"""Leaves a migrated database as it was made, whoever is still connected. Quicker than making another."""


class PostgresCluster:
    """A running server, and databases on it."""

    def __init__(self) -> None:
        self._server = LocalPostgres()
        self._numbers = itertools.count(1)
        self._template: str | None = None
        self._free: list[str] = []

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._server.pid

    async def take(self) -> str:
        """The URL of a migrated, empty database that nobody else uses. Give it back."""
        if self._free:
            return self._free.pop()
        if self._template is None:
            self._template = await self._made_template()
        return await self.create(template=self._template)

    async def give_back(self, url: str) -> None:
        """The next test may have it, empty again."""
        await execute(url, EMPTY)
        self._free.append(url)

    async def _made_template(self) -> str:
        await self._server.be_quick()
        url = await self.create()
        await upgrade(url)
        return _name(url)

    async def create(self, *, template: str = "template0") -> str:
        """The URL of a new database, without any table where no template is named."""
        return await self._server.create(f"parley_{next(self._numbers)}", template=template)

    async def drop(self, url: str) -> None:
        """The database is gone, whoever is still connected."""
        await self._server.drop(_name(url))

    def stop(self) -> None:
        """The server has ended and its folder is gone."""
        self._server.stop()


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session", autouse=True)
def loaded_once() -> Iterator[None]:
    """What every start of Parley in this process reads again, a vocabulary of tokens and the trusted certificates, is
    read by the first test that needs it: they are the real ones, and nothing changes them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(toktok, "_Tokenizer", functools.cache(toktok._Tokenizer))
        trusting = functools.cache(httpx.create_ssl_context)
        patch.setattr(httpx, "create_ssl_context", trusting)
        patch.setattr("httpx._transports.default.create_ssl_context", trusting)
        yield


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where this process's tests have Parley's programs started."""
    opened = Nursery()
    yield opened
    opened.stop()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """This process's PostgreSQL."""
    cluster = PostgresCluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the migrated file that tests copy is kept; made by the first that needs it."""
    return tmp_path_factory.mktemp("sqlite-template") / "parley.db"


@pytest.fixture
async def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite file of the test's own."""
    if not sqlite_template.exists():
        await upgrade(f"sqlite:///{sqlite_template}")
    shutil.copyfile(sqlite_template, tmp_path / "parley.db")
    return f"sqlite:///{tmp_path / 'parley.db'}"


@pytest.fixture
async def postgresql_url(postgres_cluster: PostgresCluster) -> AsyncIterator[str]:
    """A migrated, empty PostgreSQL database of the test's own."""
    url = await postgres_cluster.take()
    yield url
    await postgres_cluster.give_back(url)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A SQLite file, not there yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
async def empty_postgresql_url(postgres_cluster: PostgresCluster) -> AsyncIterator[str]:
    """A PostgreSQL database of the test's own without any table."""
    url = await postgres_cluster.create()
    yield url
    await postgres_cluster.drop(url)


@pytest.fixture(params=ENGINES)
def database_engine(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: every test of a database runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(database_engine: str, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of the test's own, on both engines."""
    return str(request.getfixturevalue(f"{database_engine}_url"))


@pytest.fixture
def empty_database_url(database_engine: str, request: pytest.FixtureRequest) -> str:
    """A database of the test's own without any table, on both engines."""
    return str(request.getfixturevalue(f"empty_{database_engine}_url"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store on the test's database."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()
