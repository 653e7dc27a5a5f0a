"""One WebSocket of the gateway: frames leave in the order in which they were given, without anybody waiting."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from aiohttp import web

from sandbox.discord.sessions import Session
from sandbox.discord.values import Json


class Link:
    """A connection, and the session it carries once the bot has identified."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.session: Session | None = None
        self._request = request
        self._outgoing: asyncio.Queue[str | int] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self.flowing = asyncio.Event()
        """Cleared, nothing leaves any more, and the client is not told."""
        self.flowing.set()

    def send(self, frame: str) -> None:
        self._outgoing.put_nowait(frame)

    def send_json(self, frame: Json) -> None:
        self.send(json.dumps(frame))

    def close(self, code: int) -> None:
        """Closed with this code once everything given before has left."""
        self._outgoing.put_nowait(code)

    def cut(self) -> None:
        """Gone without a word, as by a broken network."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def finish(self, code: int) -> None:
        """Closed, and the client knows."""
        with contextlib.suppress(ConnectionError):
            await self.socket.close(code=code)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Frames leave while inside; on the way out the close that was asked for is carried out."""
        self._writer = asyncio.create_task(self._write())
        try:
            yield
            if not self.socket.closed and not self._outgoing.empty():
                await self._writer
        finally:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while isinstance(frame := await self._outgoing.get(), str):
                await self.flowing.wait()
                await self.socket.send_str(frame)
            await self.socket.close(code=frame)
        except ConnectionError:
            return
