"""Speaks the protocol with one server. Loads the `mcp` library: import it where a server is really used.

The library's own `Client` would do nearly all of this. It is put together here from the same parts because a list with
one broken tool must not be lost as a whole, and because what a server says of its results' schemas is not checked: that
would load what the schema refers to.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import anyio
import anyio.abc
import jsonschema.validators  # noqa: F401 - schemas.py needs it next; here it is loaded beside the event loop
import structlog
from mcp import ClientSession, MCPError
from mcp.client._transport import TransportStreams
from mcp.client.session import IncomingMessage
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost, listen
from mcp.shared.dispatcher import CallOptions, OnNotify, OnNotifyIntercept, OnRequest
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.transport_context import TransportContext
from mcp_types import (
    CONNECTION_CLOSED,
    METHOD_NOT_FOUND,
    REQUEST_TIMEOUT,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    PaginatedRequestParams,
    RequestId,
    Tool,
    ToolListChangedNotification,
)
from mcp_types import methods as versions
from mcp_types.version import LATEST_HANDSHAKE_VERSION
from pydantic import ValidationError

from adapters.addresses import Guard
from adapters.mcp.declarations import Program, Server, Site
from adapters.mcp.explanations import ANSWER_SECONDS, explained, first, of_status
from adapters.mcp.failures import Ended
from adapters.mcp.lines import MOST, TOO_LONG
from adapters.mcp.listing import MOST_TOOLS, Announced, shortened
from adapters.mcp.pipes import piped
from adapters.mcp.results import handed
from adapters.mcp.web import Carrier, client
from core.tools.tool import Handed, ToolFailed

log = structlog.get_logger()

# These write what servers sent and where they are called into their lines.
for _library, _level in (("mcp", logging.CRITICAL), ("client", logging.CRITICAL), ("httpx2", logging.WARNING)):
    logging.getLogger(_library).setLevel(_level)
logging.getLogger("httpcore2").setLevel(logging.WARNING)

MOST_PAGES = 20
LISTEN_AGAIN = 30.0
"""Seconds until a stream of news that broke off is opened again."""
LONGEST_MESSAGE = 500
"""Characters of an error of the server's, for the model."""
NAME = Implementation(name="parley", version="1")

Told = Callable[[], None]


class Live:
    """A session that is open."""

    def __init__(self, session: ClientSession, server: Server, carrier: Carrier | None) -> None:
        self._session = session
        self._server = server
        self._carrier = carrier

    async def announced(self) -> list[Announced]:
        """The server's tools as it tells of them, a bounded number. Raises ServerFailed."""
        tools: list[Announced] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            params = None if cursor is None else PaginatedRequestParams(cursor=cursor)
            try:
                page = await self._session.list_tools(params=params)
            except (MCPError, ValidationError) as error:
                if isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND:
                    return tools
                raise explained(error) from None
            tools += [_announced(tool) for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None or len(tools) > MOST_TOOLS:
                break
        return tools

    async def call(self, name: str, arguments: Mapping[str, object]) -> Handed:
        """What the tool gave. Raises ToolFailed where the server refused, ServerFailed where it is gone, and
        TimeoutError."""
        params = CallToolRequestParams(name=name, arguments=dict(arguments))
        request = CallToolRequest(params=params)
        try:
            result = await self._session.send_request(request, CallToolResult, self._server.seconds)
        except MCPError as error:
            if error.code == REQUEST_TIMEOUT:
                raise TimeoutError from None
            if error.code == CONNECTION_CLOSED or self._forgotten:
                raise Ended from None
            if TOO_LONG in error.message:
                raise ToolFailed("The tool's answer is too long to be read. Ask it for less.") from None
            told = shortened(self._server.redacted(error.message), LONGEST_MESSAGE)
            raise ToolFailed(f"The tool's server refused the call: {told}") from None
        except ValidationError:
            raise ToolFailed("The tool's server answered with something that is no result.") from None
        found = handed(result)
        return Handed(text=self._server.redacted(found.text), failed=found.failed)

    @property
    def _forgotten(self) -> bool:
        """A server that has restarted knows nothing of our session, which is a 404 (specification of 2025-11-25,
        transports, session management); its words may be any."""
        return self._carrier is not None and self._carrier.status == HTTPStatus.NOT_FOUND


def _announced(tool: Tool) -> Announced:
    hints = tool.annotations
    return Announced(
        name=tool.name,
        description=tool.description or tool.title or "",
        schema=tool.input_schema,
        read_only=hints is not None and hints.read_only_hint is True,
    )


class Wire(JSONRPCDispatcher[TransportContext]):
    """Tells when the connection has ended, and takes broken tools out of lists before they are read as a whole."""

    def __init__(self, streams: TransportStreams, *, lost: Told) -> None:
        super().__init__(*streams)
        self._lost = lost
        self.version: str | None = None
        """Of the protocol, as both agreed."""

    async def run(
        self,
        on_request: OnRequest,
        on_notify: OnNotify,
        on_notify_intercept: OnNotifyIntercept | None = None,
        *,
        task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """See JSONRPCDispatcher."""
        try:
            await super().run(on_request, on_notify, on_notify_intercept, task_status=task_status)
        finally:
            self._lost()

    async def send_raw_request(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        opts: CallOptions | None = None,
        *,
        _related_request_id: RequestId | None = None,
    ) -> dict[str, Any]:
        """See JSONRPCDispatcher."""
        result = await super().send_raw_request(method, params, opts, _related_request_id=_related_request_id)
        if method == "tools/list" and isinstance(result.get("tools"), list):
            return {**result, "tools": list(self._sound(result))}
        return result

    def _sound(self, result: Mapping[str, Any]) -> Iterator[object]:
        tools = result["tools"][: MOST_TOOLS + 1]
        broken = len(result["tools"]) - len(tools)
        version = self.version or LATEST_HANDSHAKE_VERSION
        for tool in tools:
            try:
                versions.validate_server_result("tools/list", version, {**result, "tools": [tool]})
                Tool.model_validate(tool, by_name=False)
            except (ValueError, KeyError):
                broken += 1
            else:
                yield tool
        if broken:
            log.warning("tools are left out", action="mcp.left_out", reason="unreadable or too many", tools=broken)


@asynccontextmanager
async def opened(server: Server, guard: Guard | None, *, changed: Told, lost: Told) -> AsyncIterator[Live]:
    """A session with the server, closed afterwards. `changed` is called when it has other tools, `lost` when the
    connection has ended. Raises errors that `explained` knows, also in groups, and also while it is open."""
    carrier = Carrier(guard if server.reach.guarded else None) if isinstance(server.reach, Site) else None
    async with _streams(server.reach, carrier) as streams:
        wire = Wire(streams, lost=lost)

        async def heard(message: IncomingMessage) -> None:
            if isinstance(message, ToolListChangedNotification):
                changed()

        session = ClientSession(
            dispatcher=wire, read_timeout_seconds=ANSWER_SECONDS, message_handler=heard, client_info=NAME
        )
        async with session:
            await _agreed(session)
            wire.version = session.protocol_version
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_listening, session, changed)
                yield Live(session, server, carrier)
                tasks.cancel_scope.cancel()


@asynccontextmanager
async def _streams(reach: Program | Site, carrier: Carrier | None) -> AsyncIterator[TransportStreams]:
    if isinstance(reach, Program):
        async with piped(reach) as streams:
            yield streams
        return
    assert carrier is not None
    try:
        async with (
            client(reach, carrier) as http,
            streamable_http_client(reach.url, http_client=http, max_sse_event_size=MOST) as streams,
        ):
            yield streams
    except Exception as error:
        # The library turns every HTTP error into the same one: what was really answered says more.
        if carrier.status is not None and first(error, MCPError) is not None:
            raise of_status(carrier.status) from None
        raise


async def _agreed(session: ClientSession) -> None:
    """Both speak the same version: the newest, or one of those that began with a handshake."""
    try:
        await session.discover()
    except (MCPError, RuntimeError, ValidationError):
        await session.initialize()


async def _listening(session: ClientSession, changed: Told) -> None:
    """Servers of older versions tell without being asked."""
    while True:
        try:
            async with listen(session, tools_list_changed=True) as events:
                async for _ in events:
                    changed()
        except ListenNotSupportedError:
            return
        except (MCPError, SubscriptionLost, TimeoutError) as error:
            if isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND:
                return
            log.debug("news broke off", action="mcp.news_lost")
        await anyio.sleep(LISTEN_AGAIN)
        changed()  # what was missed meanwhile
