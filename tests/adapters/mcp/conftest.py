"""MCP servers that really run, as programs of this machine and on loopback ports."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.mcp.connection import Connection
from adapters.mcp.declared import Server
from bots.clock import SystemClock

PROGRAM = str(Path(__file__).with_name("program.py"))
TOKEN = "token-5b1f"


def stdio(mode: str = "stdio", **fields: object) -> Server:
    """A server that is a program."""
    given = {"name": "files", "command": sys.executable, "args": (PROGRAM, mode)} | fields
    return Server(**given)  # type: ignore[arg-type]  # a test gives any field


Opening = Callable[[Server], Connection]


@pytest.fixture
async def connected() -> AsyncIterator[Opening]:
    """Makes connections; they are closed when the test ends."""
    opened: list[Connection] = []

    def opening(server: Server) -> Connection:
        opened.append(Connection(server, SystemClock()))
        return opened[-1]

    yield opening
    await asyncio.gather(*(connection.close() for connection in opened))


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Where a server with a token listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, "http", str(port), TOKEN)
    async with asyncio.timeout(20):
        for _ in itertools.count():
            if await _listens(port):
                break
            await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}/mcp"
    program.kill()
    await program.wait()


async def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
        return True
    return False
