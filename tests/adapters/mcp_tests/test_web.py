"""Addresses that somebody named in a chat: only those that were checked are called, also after a redirect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from adapters.addresses import AddressRefused, PublicOnly
from adapters.mcp.connection import State
from adapters.mcp.declarations import Server
from tests.adapters.mcp_tests.conftest import PATIENCE, HttpServer, Wires, site

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Directory:
    """A guard that knows names which nobody else knows, and remembers who asked."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)

    async def resolved(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if answer == "private":
            raise AddressRefused
        return (answer,)


@dataclass
class Site:
    """A web server that remembers what it was asked."""

    port: int
    hosts: list[str]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[Site]]]:
    """Starts web servers on loopback."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> Site:
        hosts: list[str] = []

        async def handled(request: web.Request) -> web.StreamResponse:
            hosts.append(request.headers["Host"])
            return await handler(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handled)
        runner = web.AppRunner(app)
        await runner.setup()
        runners.append(runner)
        listening = web.TCPSite(runner, "127.0.0.1", 0)
        await listening.start()
        return Site(port=runner.addresses[0][1], hosts=hosts)

    yield start
    for runner in runners:
        await runner.cleanup()


async def gone(_: web.Request) -> web.StreamResponse:
    return web.Response(status=410)


async def test_this_machine_is_not_called(wires: Wires, serve: Callable[[Handler], Awaitable[Site]]) -> None:
    """Whoever adds a server cannot look around here."""
    here = await serve(gone)
    connection = wires.connection(
        Server(name="w", reach=site(f"http://127.0.0.1:{here.port}/mcp", guarded=True)), PublicOnly()
    )
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED
    assert "not a public one" in str(connection.problem)
    assert here.hosts == []


async def test_the_address_that_was_checked_is_called(
    wires: Wires, serve: Callable[[Handler], Awaitable[Site]]
) -> None:
    """The name is not resolved again: here nobody else could. The server still reads its name."""
    here = await serve(gone)
    directory = Directory(["127.0.0.1"])
    reach = site(f"http://wiki.invalid:{here.port}/mcp", guarded=True)
    connection = wires.connection(Server(name="w", reach=reach), directory)
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED
    assert "HTTP 410" in str(connection.problem)
    assert set(here.hosts) == {f"wiki.invalid:{here.port}"}
    assert set(directory.asked) == {"wiki.invalid"}


async def test_a_name_server_that_changes_its_mind(wires: Wires, serve: Callable[[Handler], Awaitable[Site]]) -> None:
    """Each request is checked: the second one is not sent."""
    here = await serve(gone)
    reach = site(f"http://wiki.invalid:{here.port}/mcp", guarded=True)
    connection = wires.connection(Server(name="w", reach=reach), Directory(["127.0.0.1", "private"]))
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED
    assert "not a public one" in str(connection.problem)
    assert len(here.hosts) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_lead_nowhere_else(
    wires: Wires, serve: Callable[[Handler], Awaitable[Site]], status: int
) -> None:
    """Neither to this machine nor to another server, which would get the token."""
    secret = await serve(gone)

    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": f"http://127.0.0.1:{secret.port}/mcp"})

    here = await serve(elsewhere)
    reach = site(f"http://wiki.invalid:{here.port}/mcp", guarded=True)
    connection = wires.connection(Server(name="w", reach=reach), Directory(["127.0.0.1"]))
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED
    assert secret.hosts == []
    assert here.hosts


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"\x1f\x8b" + b"x" * 100),
        ({"Content-Type": "text/html"}, b"<html>"),
        ({"Content-Type": "application/json"}, b"{" * 100_000),
        ({"Content-Type": "application/json"}, b'{"jsonrpc": "2.0", "id": 99, "result": {}}'),
        ({"Content-Type": "text/event-stream"}, b"data: {}\n\n"),
        ({"Content-Type": "text/event-stream"}, b""),
        ({}, b""),
    ],
)
async def test_a_site_that_is_no_server(
    wires: Wires,
    serve: Callable[[Handler], Awaitable[Site]],
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    body: bytes,
) -> None:
    """Fails within its time, whatever it answers. What is packed is not unpacked."""
    monkeypatch.setattr("adapters.mcp.connection.OPEN_SECONDS", 1.0)

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(headers=headers, body=body)

    here = await serve(answer)
    connection = wires.connection(Server(name="w", reach=site(f"http://127.0.0.1:{here.port}/mcp")))
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED


async def test_an_honest_server_behind_a_guard(wires: Wires, shared_server: HttpServer) -> None:
    """Works as any other."""
    guard = Directory(["127.0.0.1"])
    connection = wires.connection(Server(name="w", reach=site(shared_server.address, guarded=True)), guard)
    connection.ask()
    assert await connection.settled(PATIENCE) is State.OPEN
    assert (await connection.call("echo", {"text": "hi"})).text == "hi"
