"""The real bot of one platform between its sandbox and the sandbox model, all in this process, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from bots.runtime import Runtime
from bots.settings import Settings
from core.conversation import Platform
from core.store import Store
from sandbox.chat_completions import demo
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.contract.consoles import ConsolePlace
from tests.contract.places import PATIENCE, DiscordPlace, Does, Place, Shown, SlackPlace, Talk


@dataclass
class Town:
    """A place with people, Parley, and the model that answers."""

    place: Place
    model: ChatCompletionsSandbox
    settings: Settings
    platform: Platform
    runtime: Runtime

    def needs(self, *wanted: Does) -> None:
        """The test is skipped where the place has no way to do that."""
        for one in wanted:
            if one not in self.place.does:
                pytest.skip(f"not on {self.place.name}: {one.value}")

    async def answered(self, talk: Talk, replies: int = 1) -> list[Shown]:
        """Returns what the conversation shows when that many replies have come to their end."""

        def ended() -> bool:
            shown = self.place.replies(talk)
            return len(shown) >= replies and all(reply.settled for reply in shown)

        await self.place.wait_for(ended)
        return self.place.replies(talk)

    async def recorded(self) -> None:
        """Returns when no turn is in work any more: every end is stored."""
        store = await Store.open(self.settings.database_url)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:  # what was shown is recorded a moment later, and nobody is told
                    await asyncio.gather(*self.runtime.worker.tasks)
                    left = await store.open_turns(list(Platform))
                    if (left.queued, left.live) == (0, 0):
                        return
                    await asyncio.sleep(0.02)
        finally:
            await store.close()

    async def restart(self) -> None:
        """The process ends in order and another one begins on the same database."""
        await self.runtime.__aexit__(None, None, None)
        self.runtime = await started(self.place, self.settings, self.platform)


async def started(place: Place, settings: Settings, platform: Platform) -> Runtime:
    """Parley, connected to that place."""
    terminal = place.terminal() if isinstance(place, ConsolePlace) else None
    runtime = Runtime(settings, (platform,), terminal=terminal)
    await runtime.__aenter__()
    if isinstance(place, ConsolePlace):
        place.joined(runtime)
    return runtime


@pytest.fixture
async def model() -> AsyncIterator[ChatCompletionsSandbox]:
    """A model that says what the test scripts, and a demo answer otherwise: at once, where a person would watch it."""
    sandbox = ChatCompletionsSandbox(answering=partial(demo.reply, pace=None))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test runs on both platforms; those of a module that says ON_CONSOLE in a terminal too."""
    if "place" in metafunc.fixturenames:
        console = ["console"] if getattr(metafunc.module, "ON_CONSOLE", False) else []
        metafunc.parametrize("place", ["slack", "discord", *console], indirect=True)


@pytest.fixture
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Slack, then Discord, then a terminal."""
    if request.param == "console":
        console = ConsolePlace()
        yield console
        console.close()
    elif request.param == "slack":
        slack = SlackSandbox()
        await slack.start()
        yield SlackPlace(slack)
        await slack.stop()
    else:
        discord = DiscordSandbox()
        await discord.start()
        yield DiscordPlace(discord)
        await discord.stop()


@asynccontextmanager
async def opened_town(
    place: Place, model: ChatCompletionsSandbox, database_url: str, monkeypatch: pytest.MonkeyPatch, **more: str
) -> AsyncIterator[Town]:
    """Parley is up on that place, with `more` settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    platform, tokens = _tokens(place)
    values = {
        **tokens,
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_API_KEY": model.api_key,
        "OPENAI_MODEL": model.model,
        "DATABASE_URL": database_url,
        "PARLEY_STOP_SECONDS": "5",
        **more,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    runtime = await started(place, settings, platform)
    town = Town(place=place, model=model, settings=settings, platform=platform, runtime=runtime)
    try:
        yield town
    finally:
        await town.runtime.__aexit__(None, None, None)


@pytest.fixture
async def town(
    place: Place, model: ChatCompletionsSandbox, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Parley is up on that place."""
    async with opened_town(place, model, database_url, monkeypatch) as opened:
        yield opened


def _tokens(place: Place) -> tuple[Platform, dict[str, str]]:
    match place:
        case SlackPlace():
            return Platform.SLACK, place.sandbox.env
        case DiscordPlace():
            return Platform.DISCORD, place.sandbox.env
        case ConsolePlace():
            return Platform.CONSOLE, {}
        case _:
            raise TypeError(place)
