"""A real Chromium on the real page, over two tiny platforms that speak the control API and remember what was done."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.model_choice import ModelChoice, ModelKind
from sandbox.combined.platforms import Platform
from sandbox.combined.server import CombinedServer

BROWSERS = ("chromium", "google-chrome", "chromium-browser")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Json = dict[str, Any]


def message(id: str, text: str, *, author: str = "ann", channel: str = "general", **more: Any) -> Json:
    """A message as the control API tells it."""
    bot = author == "Parley"
    who = {"id": author, "name": author, "bot": bot}
    about = {"thread": None, "format": "markdown", "edited": False, "streaming": False, "ephemeral_for": None}
    return {
        "id": id,
        "channel": channel,
        "author": who,
        "text": text,
        "at": 1_790_000_000,
        **about,
        "buttons": [],
        **more,
    }


@dataclass(slots=True)
class TinyPlatform:
    """People, channels and messages as the page is told them; `acts` is what the page did."""

    name: str
    acts: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    commands: list[Json] = field(default_factory=list)
    refuse: str = ""
    """When set, every act fails with this sentence."""
    answers: dict[str, Json] = field(default_factory=dict)
    """What is added to the answer of an act, by its name."""
    _feeds: list[asyncio.Queue[Json | None]] = field(default_factory=list)
    _acted: asyncio.Event = field(default_factory=asyncio.Event)

    def state(self) -> Json:
        """The picture as it is now."""
        people = [{"id": "ann", "name": "ann", "admin": True}, {"id": "bob", "name": "bob", "admin": False}]
        people.append({"id": "Parley", "name": "Parley", "admin": False, "bot": True})
        both = ["ann", "bob", "Parley"]
        channels = [
            {"id": "general", "name": "general", "kind": "channel", "members": both},
            {"id": "help", "name": "help", "kind": "channel", "members": both},
            {"id": "dm-ann", "name": "ann", "kind": "dm", "members": ["ann", "Parley"]},
            {"id": "dm-bob", "name": "bob", "kind": "dm", "members": ["bob", "Parley"]},
        ]
        workspace = {"id": "W", "name": "Tiny", "bot": "Parley"}
        said = {"messages": self.messages, "commands": self.commands}
        return {"workspace": workspace, "people": people, "channels": channels, **said}

    def tell(self, event: Json) -> None:
        """Every page that watches is told."""
        for feed in self._feeds:
            feed.put_nowait(event)

    def say(self, said: Json) -> None:
        """The message appears or changes."""
        self.tell({"type": "message", "message": said})

    async def act(self) -> Json:
        """The next thing that the page does."""
        async with asyncio.timeout(10):
            while not self.acts:
                await self._acted.wait()
        return self.acts.pop(0)

    def create_app(self) -> web.Application:
        """The control API."""
        app = web.Application()
        app.router.add_get("/_sandbox/state", self._state)
        app.router.add_get("/_sandbox/events", self._events)
        app.router.add_post("/_sandbox/do", self._do)
        app.on_shutdown.append(self._close)
        return app

    def platform(self) -> Platform:
        """As the combined server takes it."""
        return Platform(
            name=self.name,
            create_app=self.create_app,
            mounted_at=lambda _: None,
            environment=dict,
            connected=asyncio.Event().wait,
        )

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        feed: asyncio.Queue[Json | None] = asyncio.Queue()
        self._feeds.append(feed)
        await stream.prepare(request)
        await stream.write(b": watching\n\n")
        while (event := await feed.get()) is not None:
            await stream.write(f"data: {json.dumps(event)}\n\n".encode())
        return stream

    async def _do(self, request: web.Request) -> web.Response:
        done = await request.json()
        self.acts.append(done)
        self._acted.set()
        self._acted = asyncio.Event()
        return web.json_response(
            {"ok": False, "error": self.refuse} if self.refuse else {"ok": True} | self.answers.get(done["action"], {})
        )

    async def _close(self, _: web.Application) -> None:
        for feed in self._feeds:
            feed.put_nowait(None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the module."""
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        pytest.fail("the page tests need Chromium or Chrome: install one (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield running
        await running.close()


@pytest.fixture
def slack() -> TinyPlatform:
    """Stands where Slack is."""
    return TinyPlatform("slack")


@pytest.fixture
def discord() -> TinyPlatform:
    """Stands where Discord is."""
    return TinyPlatform("discord")


@pytest_asyncio.fixture(loop_scope="module")
async def server(slack: TinyPlatform, discord: TinyPlatform) -> AsyncIterator[CombinedServer]:
    """The combined server over both, with a model chosen and no bot."""
    combined = CombinedServer(platforms=(slack.platform(), discord.platform()), model=ChatCompletionsSandbox())
    await combined.start(0)
    settings = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    combined.models.begin(
        ModelChoice(kind=ModelKind.LOCAL, name="smollm2", reason="no key", environment=settings), None, {}
    )
    yield combined
    await combined.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, server: CombinedServer) -> AsyncIterator[Page]:
    """The page, loaded; any error in its scripts, and anything it asks of another host, fails the test."""
    context = await browser.new_context(viewport={"width": 1600, "height": 900})
    opened = await context.new_page()
    opened.set_default_timeout(10_000)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda asked: None if asked.url.startswith(server.url) else faults.append(asked.url))
    await opened.goto(server.url)
    for platform in ("slack", "discord"):
        await opened.locator(f"#{platform}-connection", has_text="Tiny").wait_for(state="attached")
    yield opened
    await context.close()
    assert faults == []
