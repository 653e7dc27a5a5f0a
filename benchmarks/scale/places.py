"""Where databases are made, by the real migrations, and unmade."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from benchmarks.scale.corpus import Corpus
from benchmarks.scale.loading import load
from migrations.upgrade import upgrade
from sandbox.postgres import LocalPostgres

ENGINES = ("sqlite", "postgresql")


class Place(Protocol):
    """Makes empty databases of both engines. Tests have their own, on the server that all of them share."""

    @property
    def postmaster(self) -> int:
        """The process of the PostgreSQL server."""
        ...

    async def create(self, engine: str) -> str:
        """The URL of a database without any table."""
        ...

    async def drop(self, url: str) -> None:
        """It is gone, and its room on disk is free again."""
        ...


async def filled(place: Place, engine: str, corpus: Corpus) -> str:
    """The URL of a new database, migrated and holding that corpus."""
    url = await place.create(engine)
    await upgrade(url)
    await load(url, corpus)
    return url


class OwnPlace:
    """A folder and a server of our own, as PostgreSQL is installed: with nothing tuned. Close it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="parley-scale-"))
        self._server = LocalPostgres()
        self._numbers = itertools.count(1)

    @property
    def postmaster(self) -> int:
        """The process of our server."""
        return self._server.pid

    async def create(self, engine: str) -> str:
        """The URL of a database without any table."""
        name = f"scale_{next(self._numbers)}"
        if engine == "sqlite":
            return f"sqlite:///{self._folder / name}.db"
        return await self._server.create(name)

    async def drop(self, url: str) -> None:
        """It is gone."""
        if url.startswith("sqlite"):
            for left in self._folder.glob(f"{Path(url).name}*"):
                left.unlink()
        else:
            await self._server.drop(url.partition("?")[0].rpartition("/")[2])

    def close(self) -> None:
        """Nothing is left of any of them."""
        self._server.stop()
        shutil.rmtree(self._folder)
