"""A connection with a real server, over stdio and over HTTP: what it gives, and that nothing it does holds us up."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.mcp.connection import CLOSE_SECONDS, Connection, State
from adapters.mcp.declarations import Program, Server, Site
from adapters.mcp.results import LONGEST
from core.tools.tool import Handed, ToolFailed
from tests.adapters.mcp_tests.conftest import LYING, PATIENCE, HttpServer, Wires, alive, program, site, until


async def refusal(connection: Connection, tool: str, **arguments: object) -> str:
    """What the model is told of a call that came to nothing."""
    with pytest.raises(ToolFailed) as raised:
        await connection.call(tool, arguments)
    return str(raised.value)


# ── as it should be ──


async def test_tools_are_listed_and_called(wires: Wires, reach: Program | Site) -> None:
    """With names that models take, the schema, what the server says of changes, and results as texts; a picture is a
    note. A tool that failed says so."""
    connection = await wires.open(Server(name="t", reach=reach))
    tools = {one.name: one for one in connection.offered}
    echo, odd = tools["echo"], tools["odd.name/with signs"]
    assert (echo.model_name, echo.description, echo.read_only) == ("t__echo", "Says the same again.", True)
    assert echo.schema["required"] == ["text"]
    assert (odd.model_name, odd.read_only) == ("t__odd_name_with_signs", False)
    assert await connection.call("echo", {"text": "häl\u2028lo"}) == Handed(text="häl\u2028lo")
    assert (await connection.call("odd.name/with signs", {})).text == "odd"
    assert (await connection.call("picture", {})).text == "[An image (image/png), which cannot be shown here.]"
    assert json.loads((await connection.call("facts", {})).text) == {"legs": 4}
    assert (await connection.call("fail", {})).failed
    assert (await connection.call("echo", {"wrong": 1})).failed


async def test_a_list_that_changes(wires: Wires, reach: Program | Site) -> None:
    """The new tool is there without anybody's asking."""
    connection = await wires.open(Server(name="t", reach=reach))
    await connection.call("learn", {})
    await until(lambda: "t__learned" in {one.model_name for one in connection.offered})
    assert (await connection.call("learned", {})).text == "new"


async def test_a_list_that_changes_of_an_older_server(wires: Wires) -> None:
    """Which tells of it in another way."""
    connection = await wires.lying("learns")
    await until(lambda: len(connection.offered) == 3)


async def test_an_older_server_over_http(wires: Wires) -> None:
    """Tells of its changes in a stream of its own; started anew it knows nothing of us, and we begin again."""
    server = HttpServer(old=True)
    try:
        connection = await wires.open(Server(name="t", reach=site(server.address)))
        await connection.call("learn", {})
        await until(lambda: "t__learned" in {one.model_name for one in connection.offered})
        server.end()
        server = HttpServer(port=int(server.address.split(":")[2].partition("/")[0]), old=True)
        await refusal(connection, "echo", text="who am I?")
        await until(lambda: connection.state is State.FAILED)
        wires.clock.time += 10
        assert (await connection.call("echo", {"text": "hi"})).text == "hi"
        await connection.close()
    finally:
        server.end()


async def test_a_server_that_tells_nothing_is_asked_again(wires: Wires) -> None:
    """After some minutes, when somebody uses it."""
    connection = await wires.open(Server(name="t", reach=program("plain", script=LYING)))
    listed_at = connection._listed_at
    wires.clock.time += 400
    connection.ask()
    await until(lambda: connection._listed_at > listed_at)


# ── slow, silent, deaf ──


async def test_a_slow_call_is_cut_off(wires: Wires, reach: Program | Site) -> None:
    """In the time that the server is given; it holds no other call up, and the connection stays."""
    connection = await wires.open(Server(name="t", reach=reach, seconds=0.5))
    began = time.monotonic()
    slow = asyncio.create_task(refusal(connection, "slow", seconds=30))
    assert (await connection.call("echo", {"text": "quick"})).text == "quick"
    assert not slow.done()
    assert "did not answer within 0.5 seconds" in await slow
    assert time.monotonic() - began < 5
    assert (await connection.call("echo", {"text": "still here"})).text == "still here"


async def test_a_deaf_server_is_begun_anew(wires: Wires) -> None:
    """When it has answered nobody for some calls."""
    connection = await wires.lying("deaf", seconds=0.2)
    for _ in range(3):
        assert "did not answer" in await refusal(connection, "work")
    await until(lambda: connection.state is State.FAILED)


async def test_who_waits_may_give_up(wires: Wires) -> None:
    """A turn that is stopped does not wait for its tools."""
    connection = await wires.lying("deaf")
    call = asyncio.create_task(connection.call("work", {}))
    await until(lambda: connection._calls)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until(lambda: not connection._calls)


async def test_a_silent_server_is_given_up(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails after a time, and its program has ended."""
    monkeypatch.setattr("adapters.mcp.connection.OPEN_SECONDS", 0.5)
    connection = wires.connection(Server(name="t", reach=program("silent", script=LYING), seconds=1))
    connection.ask()
    assert await connection.settled(0) is State.OPENING
    assert await connection.settled(PATIENCE) is State.FAILED
    assert "did not answer" in str(connection.problem)


# ── crashes and dead addresses ──


@pytest.mark.parametrize("kind", ["stdio", "http"])
async def test_a_crash_in_a_call(wires: Wires, request: pytest.FixtureRequest, kind: str) -> None:
    """Is told, and so are calls beside it; then the server is left alone for a while."""
    reach = program("stdio") if kind == "stdio" else site(request.getfixturevalue("own_server").address)
    connection = await wires.open(Server(name="t", reach=reach))
    beside = asyncio.create_task(connection.call("slow", {"seconds": 30}))
    await until(lambda: connection._calls)
    assert "broke off" in await refusal(connection, "crash")
    with pytest.raises(ToolFailed):
        await beside
    await until(lambda: connection.state is State.FAILED)
    connection.ask()
    assert connection.state is State.FAILED
    assert "cannot be used now" in await refusal(connection, "echo", text="?")


async def test_it_is_opened_again(wires: Wires) -> None:
    """When somebody asks after a while; each time it fails the while is longer, unless it was up for long."""
    connection = await wires.lying("crashes")
    waits = []
    for steady in (0.0, 0.0, 0.0, 100.0):
        wires.clock.time += steady
        await refusal(connection, "work")
        await until(lambda: connection.state is State.FAILED)
        waits.append(connection._not_before - wires.clock.time)
        wires.clock.time += waits[-1]
        connection.ask()
        assert await connection.settled(PATIENCE) is State.OPEN
    assert waits == [1, 2, 4, 1]


async def test_a_program_that_is_not_there(wires: Wires) -> None:
    """Is told without the command line, in which secrets may stand."""
    connection = wires.connection(Server(name="t", reach=Program(command="/nowhere/at-all", args=("--key=secret-1",))))
    with capture_logs() as logs:
        connection.ask()
        assert await connection.settled(PATIENCE) is State.FAILED
    assert str(connection.problem) == "Its program could not be started."
    assert "secret-1" not in repr(logs) + repr(connection.server) + repr(connection.problem)


async def test_a_program_that_ends_at_once(wires: Wires) -> None:
    """Is a connection that broke off."""
    connection = wires.connection(Server(name="t", reach=Program(command="false")))
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED


async def test_a_dead_address(wires: Wires, unused_tcp_port: int) -> None:
    """Is told."""
    connection = wires.connection(Server(name="t", reach=site(f"http://127.0.0.1:{unused_tcp_port}/mcp")))
    connection.ask()
    assert await connection.settled(PATIENCE) is State.FAILED
    assert str(connection.problem) == "It cannot be reached."


async def test_a_wrong_token(wires: Wires, shared_server: HttpServer) -> None:
    """Is told without the token."""
    connection = wires.connection(Server(name="t", reach=site(shared_server.address, "not-the-right-one")))
    with capture_logs() as logs:
        connection.ask()
        assert await connection.settled(PATIENCE) is State.FAILED
    assert "HTTP 401" in str(connection.problem)
    assert "not-the-right-one" not in repr(logs) + repr(connection.server)


# ── too much ──


async def test_a_huge_answer(wires: Wires, reach: Program | Site) -> None:
    """Is thrown away, and whoever waits for it is told at once; the connection stays."""
    connection = await wires.open(Server(name="t", reach=reach))
    assert "too long" in await refusal(connection, "huge", characters=20_000_000)
    assert (await connection.call("echo", {"text": "still here"})).text == "still here"


async def test_a_long_answer_is_cut(wires: Wires) -> None:
    """And it is said that it was."""
    connection = await wires.lying("long")
    text = (await connection.call("work", {})).text
    assert text.startswith("x" * LONGEST)
    assert text.endswith("[Cut here: 100,000 characters are left out.]")


async def test_a_line_without_an_end(wires: Wires) -> None:
    """Takes neither memory nor time; the call is cut off."""
    connection = await wires.lying("swells", seconds=1)
    assert "did not answer" in await refusal(connection, "work")


async def test_news_without_end(wires: Wires) -> None:
    """A server that says a thousand times that its list has changed is asked for it once or twice."""
    connection = await wires.lying("chatty")
    assert (await connection.call("work", {})).text == "done"
    assert connection.state is State.OPEN


# ── lies ──


async def test_broken_tools_are_left_out(wires: Wires) -> None:
    """The others stay, and the log tells how many and why, without their contents."""
    with capture_logs() as logs:
        connection = await wires.lying("lies")
    kept = {one.name: one for one in connection.offered}
    assert set(kept) == {"good", "n" * 100, "a.b", "a/b", "pattern", "wordy"}
    assert all(len(one.model_name) <= 64 for one in kept.values())
    assert len({one.model_name for one in kept.values()}) == len(kept)
    assert len(kept["wordy"].description) == 1_000
    assert "pattern" not in json.dumps(kept["pattern"].schema)
    reasons = {line["reason"]: line["tools"] for line in logs if line["action"] == "mcp.left_out"}
    assert reasons == {
        "unreadable or too many": 5,
        "twice": 1,
        "invalid": 1,
        "refers to another document": 1,
        "refers to nothing": 1,
        "within itself": 1,
        "too costly": 1,
        "too long": 1,
        "bad name": 2,
    }


async def test_a_trusted_server_may_have_patterns(wires: Wires) -> None:
    """And schemas within themselves, as some honest ones have; what is invalid stays away."""
    kept = {one.name: one for one in (await wires.lying("lies", trusted=True)).offered}
    assert "(a+)+$" in json.dumps(kept["pattern"].schema)
    assert "endless" in kept
    assert "invalid" not in kept
    assert "remote" not in kept


@pytest.mark.parametrize(("kind", "tools"), [("thousands", 500), ("pages", 20)])
async def test_tools_without_end(wires: Wires, kind: str, tools: int) -> None:
    """A bounded number of them is kept."""
    assert len((await wires.lying(kind)).offered) == tools


async def test_garbage_between_messages(wires: Wires) -> None:
    """Is passed over: many programs greet."""
    connection = await wires.lying("garbage")
    assert (await connection.call("work", {})).text == "done"


async def test_a_result_that_is_none(wires: Wires) -> None:
    """Is told to the model."""
    assert "no result" in await refusal(await wires.lying("nonsense"), "work")


async def test_secrets_are_taken_out_of_what_comes_back(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of results and of errors. Of our own environment a program has the few variables that all need."""
    secret = "hunter2-hunter2"
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-ours")
    told = program("environment", script=LYING, API_TOKEN=secret, MODE="quiet")
    honest = await wires.open(Server(name="t", reach=told))
    environment = json.loads((await honest.call("work", {})).text)
    assert (environment["API_TOKEN"], environment["MODE"]) == ("[hidden]", "quiet")
    assert "SLACK_BOT_TOKEN" not in environment
    liar = await wires.open(Server(name="l", reach=program("secretive", script=LYING, API_TOKEN=secret)))
    assert "[hidden]" in await refusal(liar, "work")


# ── the end ──


async def test_programs_end_with_all_they_started(wires: Wires) -> None:
    """Also those that the server started and forgot."""
    connection = await wires.lying("starts")
    pids = [int(pid) for pid in (await connection.call("work", {})).text.split()]
    assert all(alive(pid) for pid in pids)
    await connection.close()
    await until(lambda: not any(alive(pid) for pid in pids))


async def test_a_stubborn_program_ends_too(wires: Wires) -> None:
    """One that hears neither the end of its input nor the signal."""
    connection = await wires.open(Server(name="t", reach=program("stubborn", script=LYING)))
    assert connection.state is State.OPEN
    began = time.monotonic()
    await connection.close()
    assert time.monotonic() - began < 2 * CLOSE_SECONDS
    assert not _children()


def _children() -> set[str]:
    """Our own children that run a server that lies."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes()
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"lying.py" in words and int(parent) == os.getpid():
            found.add(path.name)
    return found


async def test_closing_while_it_opens(wires: Wires) -> None:
    """Ends quickly, and it is not opened again."""
    connection = wires.connection(Server(name="t", reach=program("silent", script=LYING)))
    connection.ask()
    await until(_children)
    await connection.close()
    assert not _children()
    connection.ask()
    assert connection.state is State.CLOSED


async def test_an_idle_connection_ends(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    """And begins again when it is needed."""
    monkeypatch.setattr("adapters.mcp.connection.IDLE_SECONDS", 0.05)
    connection = await wires.lying("plain")
    wires.clock.time += 1
    await until(lambda: connection.state is State.CLOSED)
    assert connection.problem is None
    assert (await connection.call("work", {})).text == "done"
