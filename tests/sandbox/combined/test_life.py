"""A whole run: one port, children in order, and nothing left afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.life import Options, bot_environment, run
from sandbox.combined.model_choice import ModelChoice, ModelKind
from sandbox.combined.platforms import Platform
from sandbox.combined.server import CombinedServer

if TYPE_CHECKING:
    from tests.sandbox.combined.conftest import TinyPlatform

BOT = """
import os, signal, sys, time, urllib.request
signal.signal(signal.SIGTERM, lambda *_: (print("bot stopped"), sys.exit(0)))
print("bot with " + os.environ["OPENAI_MODEL"] + " and " + os.environ["DATABASE_URL"])
for name in ("SLACK_API_URL", "DISCORD_API_URL"):
    urllib.request.urlopen(urllib.request.Request(os.environ[name] + "/connect", method="POST")).read()
while True: time.sleep(60)
"""


class Terminal:
    """What was printed, and a way to wait for it."""

    def __init__(self) -> None:
        self.text = ""
        self._more = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.text += line + "\n"
        self._more.set()
        self._more = asyncio.Event()

    async def until(self, pattern: str) -> re.Match[str]:
        """The match, as soon as it was printed."""
        async with asyncio.timeout(20):
            while not (found := re.search(pattern, self.text)):
                await self._more.wait()
        return found


@pytest.fixture
async def started(platforms: tuple[Platform, ...], tmp_path: Path) -> AsyncIterator[Callable[..., Terminal]]:
    """Starts runs in a folder of their own, and ends them by SIGTERM."""
    runs: list[asyncio.Task[None]] = []

    def start(code: str = BOT, **changes: bool) -> Terminal:
        terminal = Terminal()
        command = (sys.executable, "-u", "-c", code)
        options = Options(port=0, demo_model=True, bot_command=command, folder=tmp_path, **changes)
        runs.append(asyncio.create_task(run(options, platforms, say=terminal)))
        return terminal

    yield start
    if not runs[0].done():
        os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(runs[0], 20)


async def test_a_run_from_start_to_end(
    started: Callable[..., Terminal], http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """The bot is connected before the address is printed; SIGTERM stops it in order, then the servers."""
    (tmp_path / ".parley").mkdir()
    (tmp_path / ".parley" / "sandbox.db").write_text("from the last run")
    terminal = started()
    url = (await terminal.until(r"Open (http://127.0.0.1:\d+/)"))[1]
    assert terminal.text.index("bot with parley-demo") < terminal.text.index("Open ")
    assert "scripted demo" in terminal.text
    assert not (tmp_path / ".parley" / "sandbox.db").exists()
    async with http.get(url + "_sandbox/state") as response:
        state = await response.json()
    assert (state["bot"]["state"], state["model"]["kind"]) == ("running", "demo")
    os.kill(os.getpid(), signal.SIGTERM)
    await terminal.until("Everything is stopped.")
    assert "parley | bot stopped" in terminal.text
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(url)


async def test_the_bot_is_killed_and_restarted_from_the_page(
    started: Callable[..., Terminal], http: aiohttp.ClientSession
) -> None:
    """The page's two buttons work, and its event stream tells each change."""
    terminal = started()
    url = (await terminal.until(r"Open (http://127.0.0.1:\d+/)"))[1]
    async with http.get(url + "_sandbox/events") as events:
        states = [await told(events)]
        async with http.post(url + "_sandbox/kill-bot") as response:
            assert response.status == 200
        states.append(await told(events))
        async with http.post(url + "_sandbox/restart-bot") as response:
            assert response.status == 200
        states.append(await told(events))
    assert states == ["running", "killed", "running"]


async def told(events: aiohttp.ClientResponse) -> str:
    """The bot's state in the next event that tells it."""
    while True:
        line = (await events.content.readline()).decode()
        if line.startswith("data:") and (event := json.loads(line.removeprefix("data:")))["type"] == "state":
            return str(event["bot"]["state"])


async def test_a_bot_that_cannot_start_is_told_with_its_code(started: Callable[..., Terminal]) -> None:
    """The servers stay up, and what the bot said stands before the exit code."""
    terminal = started("print('the settings are not right'); raise SystemExit(2)")
    await terminal.until(r"settings are not right\n[^\n]*exit code 2[\s\S]*Open http")


async def test_servers_only_prints_what_a_bot_needs(started: Callable[..., Terminal]) -> None:
    """No bot is started; the environment for one stands there."""
    terminal = started(servers_only=True)
    await terminal.until(r"export OPENAI_BASE_URL=http://127.0.0.1:\d+/tap/v1\n")
    await terminal.until(r"export SLACK_API_URL=http://127.0.0.1:\d+/slack\n")
    assert "bot with" not in terminal.text


@pytest.fixture
async def server(platforms: tuple[Platform, ...]) -> AsyncIterator[CombinedServer]:
    """The servers alone."""
    combined = CombinedServer(platforms=platforms, model=ChatCompletionsSandbox())
    await combined.start(0)
    yield combined
    await combined.stop()


async def test_everything_is_on_one_port(
    server: CombinedServer, slack: TinyPlatform, http: aiohttp.ClientSession
) -> None:
    """The page, both platforms and the model answer under their prefixes and know their addresses."""
    assert slack.address == server.url + "slack"
    async with http.get(server.url) as page:
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    async with http.get(server.url + "discord/_sandbox/state") as state:
        assert (await state.json())["workspace"]["name"] == "discord"
    async with http.get(server.url + "model/v1/models", headers={"Authorization": "Bearer sk-sandbox"}) as models:
        assert models.status == 200


async def test_a_taken_port_gives_the_next_one(platforms: tuple[Platform, ...]) -> None:
    """Two runs at once do not meet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        combined = CombinedServer(platforms=platforms, model=ChatCompletionsSandbox())
        await combined.start(port)
        assert int(combined.url.rsplit(":", 1)[1].strip("/")) > port
        await combined.stop()


async def test_foreign_pages_may_not_act_here(server: CombinedServer, http: aiohttp.ClientSession) -> None:
    """Another origin, or another name for this machine, is refused; the own page is not."""
    own = server.url.rstrip("/")
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        async with http.post(server.url + "_sandbox/kill-bot", headers=headers) as refused:
            assert refused.status == 403
        async with http.get(server.url + "slack/_sandbox/state", headers=headers) as refused:
            assert refused.status == 403
    async with http.post(server.url + "_sandbox/kill-bot", headers={"Origin": own}) as taken:
        assert taken.status == 409


async def test_a_call_is_carried_out_when_its_sender_has_gone(server: CombinedServer, slack: TinyPlatform) -> None:
    """As on the real platforms: a bot that dies in a call has still made it."""
    async with httpx.AsyncClient(trust_env=False) as client:
        call = asyncio.create_task(client.post(server.url + "slack/slow"))
        await slack.slow_call_began.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    slack.slow_call_may_end.set()
    await asyncio.wait_for(slack.slow_call_ended.wait(), 10)


def test_the_bots_environment_holds_no_real_account_and_no_proxy(slack: TinyPlatform) -> None:
    """Real tokens and proxies of the caller stay out; the model's settings stay when they are the caller's."""
    slack.mounted_at("http://127.0.0.1:1/slack")
    own = {"PATH": "/bin", "SLACK_BOT_TOKEN": "xoxb-real", "HTTPS_PROXY": "http://p", "OPENAI_TEMPERATURE": "0.5"}
    given = ModelChoice(kind=ModelKind.GIVEN, name="m", reason="", environment={"OPENAI_MODEL": "m"})
    demo = ModelChoice(kind=ModelKind.DEMO, name="d", reason="", environment={"OPENAI_MODEL": "d"})
    with_given = bot_environment(own, (slack.platform(),), given, "sqlite://")
    assert with_given == {
        "PATH": "/bin",
        "OPENAI_TEMPERATURE": "0.5",
        "OPENAI_MODEL": "m",
        "SLACK_API_URL": "http://127.0.0.1:1/slack",
        "DATABASE_URL": "sqlite://",
        "PYTHONUNBUFFERED": "1",
        "LOG_FORMAT": "json",
    }
    assert "OPENAI_TEMPERATURE" not in bot_environment(own, (slack.platform(),), demo, "sqlite://")
