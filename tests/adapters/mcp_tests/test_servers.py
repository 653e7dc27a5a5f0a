"""Which tools a turn gets: of the servers that its workspace uses, those that its persona may use, and never late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from adapters.mcp.connection import State
from adapters.mcp.declarations import Server
from adapters.mcp.entries import NO_KEY, NOT_AN_ADDRESS, NOT_FOUND
from adapters.mcp.sealing import Seal
from adapters.mcp.servers import McpServers
from core.conversation import ConversationKey, Platform
from core.equipment import ServerEntry
from core.errors import StoreUnavailable
from core.incoming import Author, ReplyTarget
from core.privacy import Place
from core.tools.servers import NotAdded, Standing
from core.tools.tool import Scene, Tool, ToolFailed
from core.turn import Turn, TurnState
from tests.adapters.mcp_tests.conftest import LYING, TOKEN, HandClock, HttpServer, program, site, until

KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="1.1")
ELSEWHERE = replace(KEY, workspace="T2")
PLACE = Place.of(KEY).whole
KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]


class Anywhere:
    """A guard for tests, whose servers are all on this machine."""

    async def resolved(self, host: str, port: int) -> tuple[str, ...]:
        if host.endswith(".invalid"):
            raise OSError
        return ("127.0.0.1",)


@dataclass
class Said:
    """What workspaces say of servers."""

    entries: dict[Place, list[ServerEntry]] = field(default_factory=dict)
    down: bool = False

    async def server_entries(self, place: Place) -> Sequence[ServerEntry]:
        if self.down:
            raise StoreUnavailable
        return self.entries.get(place, [])

    def say(self, *entries: ServerEntry, place: Place = PLACE) -> None:
        self.entries[place] = list(entries)


Opens = Callable[..., McpServers]


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
async def opens(said: Said, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opens]:
    """Makes the servers of a process; afterwards nothing of them is left."""
    monkeypatch.setattr("adapters.mcp.pipes.GRACE", 0.3)
    made: list[McpServers] = []

    def open_servers(*declared: Server, seal: Seal | None = None) -> McpServers:
        made.append(McpServers(declared, entries=said, clock=HandClock(), seal=seal, guard=Anywhere()))
        return made[-1]

    yield open_servers
    await asyncio.gather(*(one.aclose() for one in made))
    assert asyncio.all_tasks() == {asyncio.current_task()}


def liar(kind: str = "plain", name: str = "t", **more: object) -> Server:
    """On in all workspaces."""
    made = Server(name=name, reach=program(kind, script=LYING), enabled=True)
    return replace(made, **more)  # type: ignore[arg-type]  # the test names fields


def turn_of(key: ConversationKey) -> Turn:
    """Somebody asks there."""
    return Turn(
        id=7,
        key=key,
        seq=1,
        state=TurnState.RUNNING,
        asker=Author(id="U1", name="Ann"),
        target=ReplyTarget(key=key, kind="thread"),
        queued_at=datetime.now(UTC),
    )


async def names(servers: McpServers, *allowed: str, key: ConversationKey = KEY) -> set[str]:
    """What the model may call."""
    return {tool.name for tool in await servers.tools(turn_of(key), allowed)}


async def call(tool: Tool, **arguments: object) -> str:
    scene = Scene(turn=turn_of(KEY), now=datetime.now(UTC))
    return (await tool.handler(scene, arguments)).text


# ── whose tools ──


async def test_what_a_persona_may_use(opens: Opens) -> None:
    """One tool, all of a server, or one by the name that the model knows; and nothing of other servers."""
    servers = opens(liar("lies"), liar(name="other"))
    assert "t__good" in await names(servers, "t/*")
    assert await names(servers, "t/good") == {"t__good"}
    assert await names(servers, "t__good", "web") == {"t__good"}
    assert len(await names(servers, "t/a.b")) == 1
    assert await names(servers, "good", "t/nothing", "*") == set()
    assert await names(servers, "other/*") == {"other__work"}


async def test_nobody_is_connected_in_vain(opens: Opens, said: Said) -> None:
    """A persona without tools of servers costs nothing, not even a look into the store."""
    said.down = True
    servers = opens(liar())
    assert await names(servers, "calculate") == set()
    assert servers._connections == {}


async def test_in_which_workspaces(opens: Opens, said: Said) -> None:
    """Those that the operator names; there, an admin turns it on or off."""
    servers = opens(
        liar(workspaces=frozenset({("slack", "T1")})), liar(name="off", enabled=False), liar(name="everywhere")
    )
    allowed = "t/*", "off/*", "everywhere/*"
    assert await names(servers, *allowed) == {"t__work", "everywhere__work"}
    assert await names(servers, *allowed, key=ELSEWHERE) == {"everywhere__work"}
    said.say(ServerEntry(name="t", enabled=False), ServerEntry(name="off", enabled=True))
    assert await names(servers, *allowed) == {"off__work", "everywhere__work"}
    said.say(ServerEntry(name="t", enabled=True), place=Place.of(ELSEWHERE).whole)
    assert await names(servers, *allowed, key=ELSEWHERE) == {"everywhere__work"}


async def test_what_changes_something(opens: Opens, shared_server: HttpServer) -> None:
    """Only a server that the operator trusts is believed that a tool only reads."""
    for trusted, changing in ((True, {"echo": False, "note": True}), (False, {"echo": True, "note": True})):
        servers = opens(Server(name="t", reach=site(shared_server.address), enabled=True, trusted=trusted))
        tools = {tool.name: tool for tool in await servers.tools(turn_of(KEY), ["t/echo", "t/note"])}
        assert {name: tools[f"t__{name}"].changes for name in changing} == changing


async def test_a_tool_tells_what_it_is(opens: Opens, shared_server: HttpServer) -> None:
    """For the model and for people, and it can be called."""
    servers = opens(Server(name="t", reach=site(shared_server.address), enabled=True, seconds=7))
    (tool,) = await servers.tools(turn_of(KEY), ["t/echo"])
    assert (tool.spec.description, tool.doing, tool.source) == ("Says the same again.", "Using echo of t", "t")
    assert tool.seconds > 7
    assert await call(tool, text="hi") == "hi"


async def test_not_too_many_at_once(opens: Opens) -> None:
    """Models take a limited number."""
    assert len(await names(opens(liar("thousands")), "t/*")) == 100


# ── never late, never raising ──


async def test_a_turn_does_not_wait_for_a_server(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a silent one does not say in time is left out; the others are there."""
    monkeypatch.setattr("adapters.mcp.servers.PATIENCE", 1.0)
    servers = opens(liar("silent", "silent"), liar(), liar(name="gone", reach=program(script=LYING.parent / "none")))
    await until_open(servers, "t")
    began = time.monotonic()
    assert await names(servers, "silent/*", "t/*", "gone/*") == {"t__work"}
    assert time.monotonic() - began < 3


async def until_open(servers: McpServers, name: str) -> None:
    """Returns when that server is connected."""
    await servers.tools(turn_of(KEY), [f"{name}/*"])
    await until(lambda: servers._connections[None, name].state is State.OPEN)


async def test_without_a_store(opens: Opens, said: Said) -> None:
    """There are no tools, and the turn goes on."""
    said.down = True
    assert await names(opens(liar()), "t/*") == set()


async def test_a_tool_whose_server_has_gone(opens: Opens) -> None:
    """Says so."""
    servers = opens(liar("crashes"))
    (tool,) = await servers.tools(turn_of(KEY), ["t/*"])
    with pytest.raises(ToolFailed, match="broke off"):
        await call(tool)


# ── servers that admins added ──


async def test_an_added_server(opens: Opens, said: Said, shared_server: HttpServer) -> None:
    """Is called with its token, in that workspace alone; it is never trusted; when it is gone, so is its connection."""
    seal = Seal(KEYS[:1])
    servers = opens(seal=seal)
    said.say(ServerEntry(name="wiki", enabled=True, address=shared_server.address, token=seal.sealed(TOKEN)))
    (tool,) = await servers.tools(turn_of(KEY), ["wiki/echo"])
    assert tool.changes
    assert await call(tool, text="hi") == "hi"
    assert await names(servers, "wiki/*", key=ELSEWHERE) == set()
    (connection,) = servers._connections.values()
    said.say()
    assert await names(servers, "wiki/*") == set()
    await until(lambda: connection.state is State.CLOSED)


async def test_another_token(opens: Opens, said: Said, shared_server: HttpServer) -> None:
    """Makes another connection."""
    seal = Seal(KEYS[:1])
    servers = opens(seal=seal)
    entry = ServerEntry(name="wiki", enabled=True, address=shared_server.address, token=seal.sealed("an old one"))
    said.say(entry)
    assert await names(servers, "wiki/*") == set()
    said.say(replace(entry, token=seal.sealed(TOKEN)))
    assert "wiki__echo" in await names(servers, "wiki/*")


async def test_a_name_of_the_operator_goes_first(opens: Opens, said: Said, shared_server: HttpServer) -> None:
    """Nobody in a chat puts another server in its place."""
    said.say(ServerEntry(name="t", enabled=False, address=shared_server.address))
    assert await names(opens(liar()), "t/*") == {"t__work"}


async def test_keys(opens: Opens, said: Said, shared_server: HttpServer) -> None:
    """A new key beside the old one opens what that closed; without it, what to do is told."""
    token = Seal(KEYS[:1]).sealed(TOKEN)
    said.say(ServerEntry(name="wiki", enabled=True, address=shared_server.address, token=token))
    both = opens(seal=Seal([KEYS[1], KEYS[0]]))
    assert "wiki__echo" in await names(both, "wiki/*")
    for seal, told in ((Seal(KEYS[1:]), "another key"), (None, NO_KEY)):
        servers = opens(seal=seal)
        assert await names(servers, "wiki/*") == set()
        (view,) = await servers.views(PLACE, wait=0)
        assert view.standing is Standing.DOWN
        assert told in view.problem


def test_a_token_is_sealed(opens: Opens) -> None:
    """What is stored is not the token; without a key, and for what is none, nothing is taken."""
    assert TOKEN not in opens(seal=Seal(KEYS)).sealed(TOKEN)
    with pytest.raises(NotAdded, match="PARLEY_SECRET_KEY"):
        opens().sealed(TOKEN)
    with pytest.raises(NotAdded, match="no bearer token"):
        opens(seal=Seal(KEYS)).sealed("two\r\nlines")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://wiki.example/mcp", NOT_AN_ADDRESS),
        ("ftp://wiki.example", NOT_AN_ADDRESS),
        ("https://", NOT_AN_ADDRESS),
        ("https://me:pw@wiki.example/mcp", NOT_AN_ADDRESS),
        ("https://wiki.example:no/mcp", NOT_AN_ADDRESS),
        ("https://wiki.example/a b", NOT_AN_ADDRESS),
        ("https://wiki.example/\x00", NOT_AN_ADDRESS),
        (f"https://wiki.example/{'a' * 600}", NOT_AN_ADDRESS),
        ("rm -rf", NOT_AN_ADDRESS),
        ("https://wiki.invalid/mcp", NOT_FOUND),
    ],
)
async def test_addresses_that_are_refused(opens: Opens, address: str, told: str) -> None:
    """With what would have been right."""
    with pytest.raises(NotAdded) as raised:
        await opens().checked(address)
    assert str(raised.value) == told


async def test_an_address_that_is_taken(opens: Opens) -> None:
    """As it was written."""
    assert await opens().checked(" https://wiki.example/mcp?x=1 ") == "https://wiki.example/mcp?x=1"


async def test_a_private_address_is_refused(said: Said) -> None:
    """Where no test stands in the way."""
    servers = McpServers((), entries=said, clock=HandClock())
    with pytest.raises(NotAdded, match="not a public one"):
        await servers.checked("https://127.0.0.1/mcp")


# ── how they stand ──


async def test_how_servers_stand(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is off is not connected."""
    monkeypatch.setattr("adapters.mcp.connection.OPEN_SECONDS", 2.0)
    servers = opens(liar(), liar(name="off", enabled=False), liar("silent", "silent"))
    await until_open(servers, "t")
    views = {view.name: view for view in await servers.views(PLACE, wait=0)}
    assert {name: view.standing for name, view in views.items()} == {
        "off": Standing.OFF,
        "silent": Standing.OPENING,
        "t": Standing.UP,
    }
    assert [(one.name, one.asks) for one in views["t"].tools] == [("work", True)]
    assert set(servers._connections) == {(None, "t"), (None, "silent")}


async def test_testing_a_server(opens: Opens) -> None:
    """Connects now, whether it is on or not, and leaves nothing behind of one that is off."""
    servers = opens(liar(enabled=False), liar("lies", name="on"), liar(name="gone", reach=program(script=LYING / "x")))
    view = await servers.tested(PLACE, "t")
    assert view is not None
    assert (view.standing, [one.name for one in view.tools]) == (Standing.UP, ["work"])
    assert servers._connections == {}
    for _ in range(2):  # one that is open is connected anew
        view = await servers.tested(PLACE, "on")
        assert view is not None
        assert view.standing is Standing.UP
    gone = await servers.tested(PLACE, "gone")
    assert gone is not None
    assert (gone.standing, bool(gone.problem)) == (Standing.DOWN, True)
    assert await servers.tested(PLACE, "nobody") is None
