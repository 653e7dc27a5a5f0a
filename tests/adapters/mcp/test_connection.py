"""One real server, over stdio and over HTTP: it answers, it breaks, it lies, and the bot goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace

import psutil  # type: ignore[import-untyped]  # psutil ships no types
import pytest

from adapters.mcp.connection import Connection
from adapters.mcp.declared import Server
from adapters.mcp.offering import LONGEST_RESULT
from adapters.mcp.transport import http_client
from core.tools.tool import ToolFailed
from tests.adapters.mcp.conftest import TOKEN, Opening, stdio

PATIENCE = 20.0
SECRETS = {"Authorization": f"Bearer {TOKEN}"}


async def names(connection: Connection) -> list[str]:
    """What its tools are called."""
    return [tool.name for tool in await connection.tools(within=PATIENCE)]


def over_http(address: str, **fields: object) -> Server:
    """A server at that address."""
    given = {"name": "tracker", "url": address, "headers": SECRETS} | fields
    return Server(**given)  # type: ignore[arg-type]  # a test gives any field


async def eventually(condition: Callable[[], Awaitable[object]]) -> None:
    """Returns when the condition holds, which a program of its own brings about."""
    async with asyncio.timeout(PATIENCE):
        for _ in itertools.count():
            if await condition():
                return
            await asyncio.sleep(0.02)


async def test_over_stdio(connected: Opening) -> None:
    """Its tools are listed with what they say of themselves, and answer."""
    connection = connected(stdio())
    tools = {tool.name: tool for tool in await connection.tools(within=PATIENCE)}
    assert {"echo", "write", "slow", "crash", "huge", "broken"} <= tools.keys()
    assert tools["echo"].spec.name == "files__echo"
    assert (tools["echo"].title, tools["echo"].only_reads, tools["write"].only_reads) == ("Echo", True, False)
    assert (await connection.call("echo", {"text": "hi"}, seconds=PATIENCE)).text == "echo: hi"


async def test_over_http(connected: Opening, address: str) -> None:
    """The same, with the headers of the settings."""
    connection = connected(over_http(address))
    assert "echo" in await names(connection)
    assert (await connection.call("echo", {"text": "hi"}, seconds=PATIENCE)).text == "echo: hi"


async def test_a_wrong_token(connected: Opening, address: str) -> None:
    """The server is down, with a word of why, and no secret in it."""
    connection = connected(over_http(address, headers={"Authorization": "Bearer wrong-7"}))
    assert await names(connection) == []
    assert connection.fault
    assert "wrong-7" not in connection.fault
    assert "wrong-7" not in repr(connection.server)


async def test_side_by_side(connected: Opening) -> None:
    """Calls do not wait for each other."""
    connection = connected(stdio())
    await names(connection)
    waiting = asyncio.create_task(connection.call("slow", {}, seconds=PATIENCE))
    texts = await asyncio.gather(*(connection.call("echo", {"text": str(n)}, seconds=PATIENCE) for n in range(20)))
    assert [handed.text for handed in texts] == [f"echo: {n}" for n in range(20)]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_slow(connected: Opening) -> None:
    """A call ends after its time, and the server is still there for the next one."""
    connection = connected(stdio())
    await names(connection)
    with pytest.raises(ToolFailed):
        await connection.call("slow", {}, seconds=0.2)
    assert (await connection.call("echo", {"text": "hi"}, seconds=PATIENCE)).text == "echo: hi"


async def test_crashing_in_a_call(connected: Opening) -> None:
    """The call fails in plain words; later the server is started again."""
    connection = connected(stdio())
    await names(connection)
    with pytest.raises(ToolFailed, match="files did not answer"):
        await connection.call("crash", {}, seconds=PATIENCE)
    await eventually(lambda: connection.tools(within=1.0))
    assert (await connection.call("echo", {"text": "hi"}, seconds=PATIENCE)).text == "echo: hi"


async def test_what_the_tool_says_of_its_failure(connected: Opening) -> None:
    """Is for the model, marked as a failure."""
    connection = connected(stdio())
    handed = await connection.call("broken", {}, seconds=PATIENCE)
    assert handed.failed
    assert "the file is missing" in handed.text


async def test_a_huge_result(connected: Opening) -> None:
    """Is cut where it comes in."""
    handed = await connected(stdio()).call("huge", {}, seconds=PATIENCE)
    assert len(handed.text) == LONGEST_RESULT


async def test_a_list_that_changes(connected: Opening) -> None:
    """What is new is offered, without anybody's asking."""
    connection = connected(stdio())
    assert "grown" not in await names(connection)
    await connection.call("grow", {}, seconds=PATIENCE)

    async def grown() -> bool:
        return "grown" in await names(connection)

    await eventually(grown)


@pytest.mark.parametrize("mode", ["garbage", "silent"])
async def test_no_server_at_all(connected: Opening, mode: str) -> None:
    """Nobody waits for a program that does not speak the protocol."""
    connection = connected(stdio(mode))
    assert await connection.tools(within=0.3) == ()
    assert not connection.up


async def test_nothing_there(connected: Opening) -> None:
    """A program that is missing, an address that nobody listens at: a fault, and a call that fails in plain words."""
    for server in (stdio(command="no-such-program-7"), over_http("http://127.0.0.1:9/mcp")):
        connection = connected(server)
        assert await connection.tools(within=PATIENCE) == ()
        assert connection.fault
        with pytest.raises(ToolFailed, match="not reachable"):
            await connection.call("echo", {"text": "hi"}, seconds=1)


async def test_a_program_knows_nothing_of_ours(connected: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets what the operator gives it, and none of the bot's secrets."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    handed = await connected(stdio(env={"LOG": "error"})).call("environment", {}, seconds=PATIENCE)
    assert "LOG" in handed.text
    assert "SLACK_BOT_TOKEN" not in handed.text


async def test_its_program_ends_with_it(connected: Opening) -> None:
    """Closing leaves no process behind."""
    connection = connected(stdio())
    await names(connection)
    ours = psutil.Process()
    programs = [child for child in ours.children(recursive=True) if "program.py" in " ".join(child.cmdline())]
    assert programs
    await connection.close()
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in programs)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"])
async def test_one_from_a_chat_may_not_stand_here(connected: Opening, address: str, host: str) -> None:
    """No address of this machine or its network, however it is written."""
    inside = address.replace("127.0.0.1", host)
    connection = connected(over_http(inside, anywhere=False))
    assert await connection.tools(within=PATIENCE) == ()
    assert connection.fault in ("NotPublic", "ConnectError", "MCPError", "gaierror")
    assert not connection.up


async def test_one_from_a_chat_is_asked_at_the_machine_that_was_checked(address: str) -> None:
    """With its own name in the request, and its token."""
    seen: list[str] = []

    def permitted(machine: object) -> bool:
        seen.append(str(machine))
        return True

    server = replace(over_http(address), anywhere=False)
    async with http_client(server, permitted=permitted) as http:
        answer = await http.get(address)
    assert answer.status_code != 401
    assert seen == ["127.0.0.1"]
