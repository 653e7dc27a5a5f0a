"""Bringing a database up to date, from code: no alembic.ini, and the same from a checkout and an installed package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.store.database import make_engine
from core.store.faults import translated

LOCK = 0x7061726C6579
"""Processes that start together upgrade one after the other: PostgreSQL's advisory lock of this number."""

Result = TypeVar("Result")


class NewerDatabase(Exception):
    """A newer release of Parley has upgraded the database. Run that release, or restore a backup made before it."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"{' '.join((type(self).__doc__ or '').split())} (Its revision is {revision}.)")


async def upgrade(url: str, revision: str = "head") -> None:
    """The database has the tables of that revision. Waits for another process that is upgrading it, and changes nothing
    where there is nothing to do. Raises NewerDatabase, StoreUnavailable, and ValueError for a URL we do not
    understand."""
    _refuse_newer(await current(url))
    await _run(url, lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(url: str, revision: str) -> None:
    """The database has the tables of that earlier revision; `base` is none at all. What they do not hold is lost."""
    await _run(url, lambda connection: command.downgrade(_config(connection), revision))


async def current(url: str) -> str | None:
    """The database's revision; none where it was never upgraded."""
    return await _run(url, _revision)


def head() -> str | None:
    """The revision that this release expects."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


async def pending(url: str) -> bool:
    """Whether the database lacks something that this release expects. Raises NewerDatabase."""
    revision = await current(url)
    _refuse_newer(revision)
    return revision != head()


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerDatabase(revision)


def _config(connection: Connection | None) -> Config:
    config = Config()
    # Percent signs mean something to Config, and a folder may have one in its name.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _run(url: str, work: Callable[[Connection], Result]) -> Result:
    # Changing a large table, or waiting for who does, takes as long as it takes.
    engine = make_engine(url, command_timeout=None).execution_options(writing=True)
    try:
        with translated():
            async with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                return await connection.run_sync(work)
    finally:
        await engine.dispose()
