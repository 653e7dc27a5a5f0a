"""Real servers as processes of their own, and connections to them of which nothing may be left."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from adapters.addresses import Guard
from adapters.mcp.connection import Connection, State
from adapters.mcp.declarations import Program, Server, Site
from bots.clock import SystemClock

HERE = Path(__file__).parent
SERVING, LYING = HERE / "serving.py", HERE / "lying.py"
TOKEN = "a-token-that-nobody-else-has"
PATIENCE = 20.0
"""Seconds in which a slow machine starts a server."""


class HandClock(SystemClock):
    """Moves on when a test says so."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def monotonic(self) -> float:
        return self.time


def program(*words: str, script: Path = SERVING, **env: str) -> Program:
    """One of the servers here."""
    return Program(command=sys.executable, args=(str(script), *words), env=env)


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(condition: Callable[[], object]) -> None:
    """Returns when it is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - a process tells nobody
            await asyncio.sleep(0.02)


class Wires:
    """Makes connections, and sees to it that they end."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.made: list[Connection] = []

    def connection(self, server: Server, guard: Guard | None = None) -> Connection:
        """Not open yet."""
        made = Connection(server, guard=guard, clock=self.clock)
        self.made.append(made)
        return made

    async def open(self, server: Server) -> Connection:
        """Open."""
        made = self.connection(server)
        made.ask()
        assert await made.settled(PATIENCE) is State.OPEN, made.problem
        return made

    async def lying(self, kind: str, *, seconds: float = 20.0, trusted: bool = False) -> Connection:
        """To a server that lies in that way."""
        reach = program(kind, script=LYING)
        return await self.open(Server(name="liar", reach=reach, seconds=seconds, trusted=trusted))


@pytest.fixture
async def wires(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wires]:
    """Afterwards no task is left. Programs that do not end by themselves are not waited for long."""
    monkeypatch.setattr("adapters.mcp.pipes.GRACE", 0.3)
    wires = Wires()
    yield wires
    await asyncio.gather(*(one.close() for one in wires.made))
    assert asyncio.all_tasks() == {asyncio.current_task()}


class HttpServer:
    """The honest server over HTTP, which wants a token."""

    def __init__(self, *, port: int = 0, old: bool = False) -> None:
        words = [sys.executable, str(SERVING), "http", TOKEN, str(port), "old" if old else "new"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = f"http://127.0.0.1:{int(self.process.stdout.readline())}/mcp"

    def end(self) -> None:
        """It is gone."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="session")
def shared_server() -> Iterator[HttpServer]:
    """One for all tests that leave it as it is: it takes a second to start."""
    server = HttpServer()
    yield server
    server.end()


@pytest.fixture
def own_server() -> Iterator[HttpServer]:
    """One for a test that ends it."""
    server = HttpServer()
    yield server
    server.end()


def site(address: str, token: str = TOKEN, *, guarded: bool = False) -> Site:
    """The server there, called with that token."""
    return Site(url=address, headers={"Authorization": f"Bearer {token}"}, guarded=guarded)


@pytest.fixture(params=["stdio", "http"])
def reach(request: pytest.FixtureRequest) -> Program | Site:
    """The honest server, over pipes and over HTTP."""
    if request.param == "stdio":
        return program("stdio")
    shared: HttpServer = request.getfixturevalue("shared_server")
    return site(shared.address)
