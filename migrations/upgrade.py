"""Bringing a database up to date, from code: no alembic.ini, and the same from a checkout and an installed package.

Alembic is loaded where there is something to change: a bot whose database is up to date spares itself 10 MB.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, inspect, text

from core.store.database import make_engine
from core.store.faults import translated

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x7061726C6579
"""Processes that start together upgrade one after the other: PostgreSQL's advisory lock of this number."""

_REVISION = re.compile(r'^revision(?:: str)? = "(\w+)"', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision(?:: [^=]+)? = "(\w+)"', re.MULTILINE)

Result = TypeVar("Result")


class NewerDatabase(Exception):
    """A newer release of Parley has upgraded the database. Run that release, or restore a backup made before it."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"{' '.join((type(self).__doc__ or '').split())} (Its revision is {revision}.)")


async def upgrade(url: str, revision: str = "head") -> None:
    """The database has the tables of that revision. Waits for another process that is upgrading it, and changes nothing
    where there is nothing to do. Raises NewerDatabase, StoreUnavailable, and ValueError for a URL we do not
    understand."""
    from alembic import command

    _refuse_newer(await current(url))
    await _run(url, lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(url: str, revision: str) -> None:
    """The database has the tables of that earlier revision; `base` is none at all. What they do not hold is lost."""
    from alembic import command

    await _run(url, lambda connection: command.downgrade(_config(connection), revision))


async def current(url: str) -> str | None:
    """The database's revision; none where it was never upgraded."""
    return await _run(url, _revision)


def head() -> str | None:
    """The revision that this release expects."""
    revisions = _revisions()
    return next(iter(revisions.keys() - set(revisions.values())), None)


async def pending(url: str) -> bool:
    """Whether the database lacks something that this release expects. Raises NewerDatabase."""
    revision = await current(url)
    _refuse_newer(revision)
    return revision != head()


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in _revisions():
        raise NewerDatabase(revision)


def _revisions() -> dict[str, str | None]:
    """Each revision of this release, and the one before it, as its file says."""
    texts = [path.read_text() for path in (Path(__file__).parent / "versions").glob("*.py")]
    found = [(_REVISION.search(content), _BEFORE.search(content)) for content in texts]
    return {revision[1]: before[1] if before else None for revision, before in found if revision}


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # Percent signs mean something to Config, and a folder may have one in its name.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


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
