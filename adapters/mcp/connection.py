"""One server, connected when somebody needs it and for as long as it lives.

A task of its own opens the connection and closes it again, since what the library opens must be closed by the same
task. A server that breaks is let go and tried again after a pause that grows. Nobody waits for it longer than told.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from adapters.mcp.declared import Server
from adapters.mcp.offering import Listed, handed, listed
from core.ports import Clock
from core.tools.tool import Handed, ToolFailed

if TYPE_CHECKING:
    from mcp import Client

log = structlog.get_logger()

CONNECT_SECONDS = 20.0
"""For the server's program or address to answer, and to list its tools."""
PAUSE_LEAST, PAUSE_MOST = 1.0, 300.0
"""Seconds before a server that broke is tried again."""
FRESH_FOR = 300.0
"""Seconds after which the list of tools is asked for again, where the server does not say that it changed."""
MOST_PAGES = 20
MOST_NONSENSE = 20
"""Messages that are none, after which a server is let go."""
NOT_THERE = "The server {name} is not reachable now. Do without it, or tell the person."
BROKE = "The server {name} did not answer. Do without it, or tell the person."


class Connection:
    """One server."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self.server = server
        self._clock = clock
        self._client: Client | None = None
        self._tools: tuple[Listed, ...] = ()
        self._listed_at = 0.0
        self._changed = asyncio.Event()
        """The server says that its tools are others now."""
        self._nonsense = 0
        """What came from it that is no message of the protocol."""
        self._settled = asyncio.Event()
        """It is up, or this try has failed."""
        self._broken = asyncio.Event()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pause = PAUSE_LEAST
        self._again_at = 0.0
        self.fault = ""
        """Why it is not up, in a word; empty while it is, or was not tried."""

    @property
    def up(self) -> bool:
        """Whether it is connected."""
        return self._client is not None

    async def tools(self, *, within: float) -> tuple[Listed, ...]:
        """What it offers, or what it offered last; nothing where it does not answer within so many seconds."""
        self._begin()
        if not self.up:
            await self._wait(self._settled, within)
        return self._tools if self.up else ()

    async def call(self, name: str, arguments: Mapping[str, object], *, seconds: float) -> Handed:
        """What the tool of that name gives. Raises ToolFailed."""
        from mcp.shared.exceptions import MCPError

        self._begin()
        if not self.up:
            await self._wait(self._settled, CONNECT_SECONDS)
        client = self._client
        if client is None:
            raise ToolFailed(NOT_THERE.format(name=self.server.name))
        try:
            result = await client.call_tool(name, dict(arguments), read_timeout_seconds=seconds)
        except MCPError as error:
            log.info("server refused", action="mcp.refused", server=self.server.name, code=error.code)
            if self._is_gone(error.code):
                self._break()
                raise ToolFailed(BROKE.format(name=self.server.name)) from None
            raise ToolFailed(f"The server refused the call: {str(error.message)[:300]}") from None
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever a stranger's server makes the library raise
            log.warning("call failed", action="mcp.call_failed", server=self.server.name, error=type(error).__name__)
            self._break()
            raise ToolFailed(BROKE.format(name=self.server.name)) from None
        return handed(result)

    def _break(self) -> None:
        """Nobody asks it any more, until it is opened anew."""
        self._client = None
        self._broken.set()

    def _is_gone(self, code: int) -> bool:
        from mcp_types import CONNECTION_CLOSED

        return code == CONNECTION_CLOSED

    async def close(self) -> None:
        """Nothing of it is left open, its program included."""
        self._closing.set()
        if self._task is not None:
            if self.up:
                await asyncio.wait({self._task}, timeout=CONNECT_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # ── its task ──

    def _begin(self) -> None:
        """Somebody is at work on it, unless it broke just now."""
        if self._task is not None and not self._task.done():
            return
        if self._closing.is_set() or self._clock.monotonic() < self._again_at:
            return
        self._settled.clear()
        self._broken.clear()
        self._nonsense = 0
        self._task = asyncio.create_task(self._live(), name=f"mcp-{self.server.name}")

    async def _live(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(CONNECT_SECONDS):
                    client = await self._opened(stack)
                    self._tools = await self._asked(client)
                self._client, self.fault, self._pause = client, "", PAUSE_LEAST
                log.info("server up", action="mcp.up", server=self.server.name, tools=len(self._tools))
                self._settled.set()
                await self._keep(client)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # groups of errors, and whatever else a stranger's server causes
            self.fault = _name_of(error)
            log.warning("server down", action="mcp.down", server=self.server.name, error=self.fault)
            self._pause, self._again_at = min(2 * self._pause, PAUSE_MOST), self._clock.monotonic() + self._pause
            if not isinstance(error, Exception | BaseExceptionGroup):
                raise
        finally:
            self._client = None
            self._settled.set()

    async def _opened(self, stack: AsyncExitStack) -> Client:
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client
        from mcp.client.streamable_http import streamable_http_client

        logging.getLogger("mcp").setLevel(logging.CRITICAL)  # it quotes what servers send, which may be anything
        server = self.server
        if server.command:
            silent = stack.enter_context(_nowhere())  # what it writes there may be secret
            program = StdioServerParameters(command=server.command, args=list(server.args), env=dict(server.env))
            transport: Any = stdio_client(program, errlog=silent)
        else:
            from adapters.mcp.transport import http_client

            http = await stack.enter_async_context(http_client(server))
            transport = streamable_http_client(server.url, http_client=http)
        return await stack.enter_async_context(Client(transport, message_handler=self._heard, cache=None))

    async def _heard(self, message: object) -> None:
        from mcp_types import ToolListChangedNotification

        if isinstance(message, ToolListChangedNotification):
            self._changed.set()
        elif isinstance(message, Exception):
            self._nonsense += 1
            if self._nonsense > MOST_NONSENSE:
                self._break()

    async def _asked(self, client: Client) -> tuple[Listed, ...]:
        found: list[Any] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None:
                break
        self._listed_at = self._clock.monotonic()
        return listed(self.server.name, found)

    async def _keep(self, client: Client) -> None:
        """Until it breaks or is to be closed, its list is kept fresh."""
        hearing = asyncio.create_task(self._hear(client), name=f"mcp-hear-{self.server.name}")
        try:
            while not self._closing.is_set() and not self._broken.is_set():
                await self._either(self._broken, self._closing, self._changed, seconds=FRESH_FOR)
                stale = self._changed.is_set() or self._clock.monotonic() - self._listed_at >= FRESH_FOR
                if stale and not self._closing.is_set() and not self._broken.is_set():
                    self._changed.clear()
                    async with asyncio.timeout(CONNECT_SECONDS):
                        self._tools = await self._asked(client)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
        if self._broken.is_set():
            self._again_at = self._clock.monotonic() + self._pause

    async def _hear(self, client: Client) -> None:
        """Newer servers tell of changes only who listens; older ones tell everybody, and refuse this."""
        async with client.listen(tools_list_changed=True) as events:
            async for _ in events:
                self._changed.set()

    async def _either(self, *events: asyncio.Event, seconds: float) -> None:
        waits = {asyncio.create_task(event.wait()) for event in events}
        pause = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({*waits, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*waits, pause):
                task.cancel()
            await asyncio.gather(*waits, pause, return_exceptions=True)

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        if self._task is not None:
            await self._either(event, seconds=seconds)


@contextmanager
def _nowhere() -> Iterator[TextIO]:
    with Path(os.devnull).open("w") as nowhere:
        yield nowhere


def _name_of(error: BaseException) -> str:
    """The innermost error's class; its text may quote what nobody should read."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__
