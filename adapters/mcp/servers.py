"""The tools of all servers: which ones a workspace has, their connections, and what a turn may use of them.

The operator's servers are shared by all workspaces that may have them; one that an admin added is the workspace's own,
and so is its connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from adapters.addresses import Guard, PublicOnly
from adapters.mcp import entries
from adapters.mcp.connection import OPEN_SECONDS, Connection, State
from adapters.mcp.declarations import Server
from adapters.mcp.listing import Offered
from adapters.mcp.naming import concerned, may_use, of_servers
from adapters.mcp.sealing import Seal
from core.conversation import ConversationKey
from core.equipment import ServerEntry
from core.errors import ParleyError
from core.ports import Clock, ToolSpec
from core.privacy import Place
from core.tools.servers import Brought, NotAdded, ServerView, Standing
from core.tools.tool import Handed, Scene, Tool
from core.turn import Turn

log = structlog.get_logger()

PATIENCE = 3.0
"""Seconds that a turn waits for servers that are just being connected; the next turn has them."""
MOST_GIVEN = 100
"""Tools of servers in one request to a model; many APIs take 128 in all."""
LEEWAY = 1.0
"""Seconds by which whoever runs a tool may be more patient than we are."""
PUBLIC = PublicOnly()

Owner = tuple[str, str] | None
"""The platform and workspace of a server that was added there."""


class Entries(Protocol):
    """Where it is stored what workspaces say of servers."""

    async def server_entries(self, place: Place) -> Sequence[ServerEntry]:
        """All of the workspace's."""
        ...


class McpServers:
    """The ToolServers of one process."""

    def __init__(
        self,
        declared: Sequence[Server],
        *,
        entries: Entries,
        clock: Clock,
        seal: Seal | None = None,
        guard: Guard = PUBLIC,
    ) -> None:
        self._declared = {server.name: server for server in declared}
        self._entries = entries
        self._clock = clock
        self._seal = seal
        self._guard = guard
        self._connections: dict[tuple[Owner, str], Connection] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    # ── for turns ──

    async def tools(self, turn: Turn, allowed: Sequence[str]) -> Sequence[Tool]:
        """See core.tools.tool.ToolSource."""
        wanted = of_servers(allowed)
        if not wanted:
            return ()
        place = Place.of(turn.key).whole
        try:
            found = await self._of(place)
        except ParleyError:
            log.warning("no servers could be looked up", action="mcp.no_entries")
            return ()
        used = [one for name, one in found.items() if one.enabled and concerned(name, wanted)]
        connections = [self._connection(place, one.server) for one in used if one.server is not None]
        await _settled(connections, PATIENCE)
        given = [
            _tool(connection, offered)
            for connection in connections
            for offered in connection.offered
            if connection.state is State.OPEN
            and may_use(connection.server.name, offered.name, offered.model_name, wanted)
        ]
        if len(given) > MOST_GIVEN:
            log.warning("tools are left out", action="mcp.left_out", reason="too many", tools=len(given) - MOST_GIVEN)
        return given[:MOST_GIVEN]

    async def known(self, key: ConversationKey) -> Sequence[str]:
        """See core.tools.tool.ToolSource."""
        try:
            views = await self.views(Place.of(key).whole, wait=PATIENCE)
        except ParleyError:
            log.warning("no servers could be looked up", action="mcp.no_entries")
            return ()
        used = [view for view in views if view.enabled]
        return [f"{view.name}/{name}" for view in used for name in ("*", *(tool.name for tool in view.tools))]

    # ── for commands ──

    async def views(self, place: Place, *, wait: float) -> Sequence[ServerView]:
        """See core.tools.servers.ToolServers."""
        found = await self._of(place)
        used = {
            name: self._connection(place, one.server)
            for name, one in found.items()
            if one.enabled and one.server is not None
        }
        await _settled(list(used.values()), wait)
        return [_view(found[name], used.get(name)) for name in sorted(found)]

    async def tested(self, place: Place, name: str) -> ServerView | None:
        """See core.tools.servers.ToolServers."""
        found = (await self._of(place)).get(name)
        if found is None:
            return None
        if found.server is None:
            return _view(found, None)
        connection = self._connection(place, found.server)
        if connection.state is State.OPEN:
            await self._let_go(place, found.server)
            connection = self._connection(place, found.server)
        connection.ask(now=True)
        await connection.settled(OPEN_SECONDS)
        view = _view(found, connection)
        if not found.enabled:
            await self._let_go(place, found.server)
        return view

    async def checked(self, address: str) -> str:
        """See core.tools.servers.ToolServers."""
        return await entries.checked(address, self._guard)

    def sealed(self, token: str) -> str:
        """See core.tools.servers.ToolServers."""
        if self._seal is None:
            raise NotAdded(
                "I have no key to keep a token safe with, so I cannot take one: my operator sets PARLEY_SECRET_KEY."
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise NotAdded("That is no bearer token: it has characters that no HTTP header can carry.")
        return self._seal.sealed(token)

    async def aclose(self) -> None:
        """See core.tools.servers.ToolServers."""
        connections = list(self._connections.values())
        self._connections.clear()
        await asyncio.gather(*(one.close() for one in connections), *self._leaving)

    # ── beneath ──

    async def _of(self, place: Place) -> Mapping[str, entries.Known]:
        """The workspace's servers by name; connections to those that are gone end."""
        stored = await self._entries.server_entries(place)
        known = entries.known(place, self._declared, stored, self._seal)
        for owner, name in list(self._connections):
            if owner == _workspace(place) and (name not in known or not known[name].enabled):
                self._leave(owner, name)
        return known

    def _connection(self, place: Place, server: Server) -> Connection:
        """To the server as it is declared now."""
        owner = self._owner(place, server)
        known = self._connections.get((owner, server.name))
        if known is not None and known.server != server:
            self._leave(owner, server.name)
            known = None
        if known is None:
            known = Connection(server, guard=self._guard, clock=self._clock)
            self._connections[owner, server.name] = known
        return known

    def _owner(self, place: Place, server: Server) -> Owner:
        return None if self._declared.get(server.name) is server else _workspace(place)

    def _leave(self, owner: Owner, name: str) -> None:
        connection = self._connections.pop((owner, name))
        task = asyncio.create_task(connection.close(), name=f"mcp:{name}:close")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _let_go(self, place: Place, server: Server) -> None:
        await self._connections.pop((self._owner(place, server), server.name)).close()


def _workspace(place: Place) -> tuple[str, str]:
    return place.platform.value, place.workspace


async def _settled(connections: Sequence[Connection], seconds: float) -> None:
    for connection in connections:
        connection.ask()
    await asyncio.gather(*(connection.settled(seconds) for connection in connections))


def _tool(connection: Connection, offered: Offered) -> Tool:
    async def handler(_scene: Scene, arguments: Mapping[str, object]) -> Handed:
        return await connection.call(offered.name, arguments)

    server = connection.server
    return Tool(
        spec=ToolSpec(name=offered.model_name, description=offered.description, parameters=offered.schema),
        doing=f"Using {offered.model_name.partition('__')[2]} of {server.name}",
        handler=handler,
        changes=_changes(server, offered),
        admins_only=server.admins_only,
        seconds=server.seconds + LEEWAY,
        source=server.name,
    )


def _changes(server: Server, offered: Offered) -> bool:
    """Whoever makes a server may say anything of its tools; the operator says whom to believe."""
    return not (server.trusted and offered.read_only)


_STANDINGS = {
    State.CLOSED: Standing.UNUSED,
    State.OPENING: Standing.OPENING,
    State.OPEN: Standing.UP,
    State.FAILED: Standing.DOWN,
}


def _view(known: entries.Known, connection: Connection | None) -> ServerView:
    if connection is None:
        standing = Standing.DOWN if known.enabled and known.problem else Standing.OFF
        return ServerView(name=known.name, added=known.added, standing=standing, problem=known.problem, host=known.host)
    brought = tuple(
        Brought(name=one.name, model_name=one.model_name, asks=_changes(connection.server, one))
        for one in connection.offered
    )
    return ServerView(
        name=known.name,
        added=known.added,
        standing=_STANDINGS[connection.state],
        problem="" if connection.problem is None else str(connection.problem),
        tools=brought,
        host=known.host,
    )
