"""A way to PostgreSQL that can be cut, frozen and mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types

LOOPBACK = "127.0.0.1"


class Wire:
    """A TCP way to the database that can be cut and mended."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._server: asyncio.Server
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.whole = True
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, LOOPBACK, 0)

    def cut(self) -> None:
        self.whole = False
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.whole = True

    def freeze(self) -> None:
        """Nothing comes through, and nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    async def stop(self) -> None:
        self.cut()
        self.thaw()
        self._server.close()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.transport.abort()
            return
        there, back = await asyncio.open_unix_connection(self._socket)
        both = {writer, back}
        self._writers |= both
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            self._writers -= both

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """That PostgreSQL behind a wire, and the URL that leads through it."""
    connection = await asyncpg.connect(url)
    folder = str(await connection.fetchval("SHOW unix_socket_directories")).split(",")[0].strip()
    port = int(await connection.fetchval("SHOW port"))
    database, user = await connection.fetchrow("SELECT current_database(), current_user")
    await connection.close()
    opened = Wire(Path(folder) / f".s.PGSQL.{port}")
    await opened.start()
    try:
        yield opened, f"postgresql://{user}@{LOOPBACK}:{opened.port}/{database}?ssl=disable"
    finally:
        await opened.stop()
