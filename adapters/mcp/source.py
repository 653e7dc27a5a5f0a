"""The servers of all workspaces: implements core's ToolSource and Servers.

What the operator declares is one connection for all workspaces that may have it; what an admin added in a chat is one
for that workspace. Whether a workspace has a server at all, its admins decided (core.store, `/tools`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from adapters.mcp.connection import CONNECT_SECONDS, Connection
from adapters.mcp.declared import NAME, Server, is_address
from adapters.mcp.offering import Listed
from core.conversation import ConversationKey
from core.errors import StoreUnavailable
from core.ports import Clock
from core.privacy import Place
from core.tools.tool import Handed, Scene, Tool
from core.toolservers import ServerChoice, ServerMistake, ServerState
from core.turn import Turn

log = structlog.get_logger()

PATIENCE = 3.0
"""Seconds for which a turn waits for a server that is not connected yet; the next turn finds it."""
CALL_SECONDS = 60.0
ALL = "*"


class Choices(Protocol):
    """Where the decisions of workspaces are kept: the store."""

    async def tool_servers(self, place: Place) -> tuple[ServerChoice, ...]:
        """Those of the workspace. Raises StoreUnavailable."""
        ...


class Seal(Protocol):
    """Keeps secrets of workspaces unreadable in the database."""

    def seal(self, secret: str) -> str:
        """As it is stored. Raises ServerMistake where there is no key."""
        ...

    def opened(self, sealed: str) -> str:
        """The way back. Raises ServerMistake where the key is another."""
        ...


class McpTools:
    """All servers of one process."""

    def __init__(self, declared: Mapping[str, Server], choices: Choices, seal: Seal, clock: Clock) -> None:
        self._declared = declared
        self._choices = choices
        self._seal = seal
        self._clock = clock
        self._connections: dict[tuple[str, str], Connection] = {}
        """By workspace (none for the operator's) and name."""
        self._leaving: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """No connection and no program is left."""
        await asyncio.gather(*(connection.close() for connection in self._connections.values()), *self._leaving)

    # ── tools of a turn ──

    async def tools(self, turn: Turn, allowed: Sequence[str]) -> Sequence[Tool]:
        """See core.tools.tool.ToolSource."""
        wanted = _wanted(allowed)
        if not wanted:
            return ()
        connections = [one for one in await self._had(turn.key) if one.server.name in wanted]
        found = await asyncio.gather(*(one.tools(within=PATIENCE) for one in connections))
        return [
            _tool(connection, listed)
            for connection, several in zip(connections, found, strict=True)
            for listed in several
            if wanted[connection.server.name] & {ALL, listed.name, listed.spec.name}
        ]

    async def known(self, key: ConversationKey) -> Sequence[str]:
        """See core.tools.tool.ToolSource."""
        names: list[str] = []
        for connection in await self._had(key):
            tools = await connection.tools(within=PATIENCE)
            names += [f"{connection.server.name}/{ALL}", *(f"{connection.server.name}/{one.name}" for one in tools)]
        return names

    async def _had(self, key: ConversationKey) -> list[Connection]:
        """Those that are switched on in the workspace."""
        try:
            choices = await self._choices.tool_servers(Place.of(key).whole)
        except StoreUnavailable as error:
            log.error("servers not read", action="mcp.store_away", detail=error.detail)
            return []
        servers = [self._server(key, choice) for choice in choices if choice.enabled]
        return [self._connection(key, server) for server in servers if server is not None]

    def _server(self, key: ConversationKey, choice: ServerChoice) -> Server | None:
        if not choice.url:
            declared = self._declared.get(choice.name)
            return declared if declared is not None and declared.may_serve(key) else None
        try:
            token = self._seal.opened(choice.sealed_token) if choice.sealed_token else ""
        except ServerMistake:
            log.error("token not readable", action="mcp.token_lost", server=choice.name)
            return None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Server(name=choice.name, url=choice.url, headers=headers, anywhere=False)

    def _connection(self, key: ConversationKey, server: Server) -> Connection:
        where = "" if server.anywhere else key.workspace_name
        name = (where, server.name)
        known = self._connections.get(name)
        if known is not None and known.server == server:
            return known
        if known is not None:  # its address or its token was changed
            task = asyncio.create_task(known.close(), name=f"mcp-close-{server.name}")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        made = self._connections[name] = Connection(server, self._clock)
        return made

    # ── what admins see ──

    async def states(self, key: ConversationKey) -> tuple[ServerState, ...]:
        """See core.toolservers.Servers."""
        choices = {choice.name: choice for choice in await self._choices.tool_servers(Place.of(key).whole)}
        own = {name for name, server in self._declared.items() if server.may_serve(key)}
        names = sorted(own | {name for name, choice in choices.items() if choice.url})
        return tuple([await self._state(key, name, choices.get(name), within=0.0) for name in names])

    async def tested(self, key: ConversationKey, name: str) -> ServerState:
        """See core.toolservers.Servers."""
        choices = {choice.name: choice for choice in await self._choices.tool_servers(Place.of(key).whole)}
        choice = choices.get(name) or ServerChoice(name=name, enabled=False)
        if self._server(key, choice) is None:
            raise ServerMistake(f"There is no server {name} here. `/tools list` shows those there are.")
        return await self._state(key, name, choice, within=CONNECT_SECONDS)

    async def _state(
        self, key: ConversationKey, name: str, choice: ServerChoice | None, *, within: float
    ) -> ServerState:
        enabled = choice is not None and choice.enabled
        server = self._server(key, choice or ServerChoice(name=name))
        if server is None:
            return ServerState(name=name, own=False, enabled=enabled, fault="its token cannot be read")
        connection = self._connection(key, server)
        tools = await connection.tools(within=within) if within or connection.up else ()
        return ServerState(
            name=name,
            own=server.anywhere,
            enabled=enabled,
            up=connection.up,
            tools=tuple(tool.name for tool in tools),
            asks_first=sum(_changes(server, tool) for tool in tools),
            fault=connection.fault,
        )

    def checked(self, name: str, url: str, token: str) -> ServerChoice:
        """See core.toolservers.Servers."""
        if not NAME.fullmatch(name):
            raise ServerMistake("A server's name has 1 to 20 small letters, digits and hyphens.")
        if name in self._declared:
            raise ServerMistake(f"My operator has a server {name} already. Choose another name.")
        if not is_address(url) or not url.startswith("https://"):
            raise ServerMistake("The address must begin with https:// and hold no password.")
        return ServerChoice(name=name, url=url, sealed_token=self._seal.seal(token) if token else "")


def _wanted(allowed: Sequence[str]) -> dict[str, set[str]]:
    """By server, which of its tools; ALL for each."""
    wanted: dict[str, set[str]] = {}
    for entry in allowed:
        server, slash, tool = entry.partition("/")
        if slash and tool:
            wanted.setdefault(server, set()).add(tool)
    return wanted


def _changes(server: Server, listed: Listed) -> bool:
    """Whether it asks first: what a server says of itself counts only where the operator trusts it."""
    return not (server.trusted and listed.only_reads)


def _tool(connection: Connection, listed: Listed) -> Tool:
    async def called(scene: Scene, arguments: Mapping[str, object]) -> Handed:
        return await connection.call(listed.name, arguments, seconds=CALL_SECONDS)

    return Tool(
        spec=listed.spec,
        doing=f"{connection.server.name}: {listed.title}",
        handler=called,
        changes=_changes(connection.server, listed),
        seconds=CALL_SECONDS + 2,
        source=connection.server.name,
    )
