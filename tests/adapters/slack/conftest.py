"""The adapter on the real slack-bolt and slack_sdk, connected to the local Slack over real sockets."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from adapters.slack.app import SlackApp
from adapters.slack.surface import SlackSurface
from core.channel import ChannelSettings
from core.conversation import ConversationKey
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Choice
from core.scheduling import BudgetObservation
from sandbox.slack.server import SlackSandbox


class QuickClock:
    """core.ports.Clock in real time, with short pauses."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


class HeardReceiver:
    """A receiver that keeps what it got, and answers or fails as it is told."""

    def __init__(self) -> None:
        self.received: list[Incoming] = []
        self.tries = 0
        self.failures: deque[Exception] = deque()
        self.answers: dict[str, Answer] = {}
        self.suggestions: dict[str, tuple[Choice, ...]] = {}
        """By the command's name or the button's action."""
        self.channel_settings: dict[str, ChannelSettings] = {}
        self.gate: asyncio.Event | None = None
        """Receiving waits for it."""
        self.tried = asyncio.Event()
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> Answer | None:
        self.tries += 1
        self.tried.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
        self.received.append(incoming)
        async with self._changed:
            self._changed.notify_all()
        return self.answers.get(incoming.command or incoming.text)

    async def settings(self, channel: ConversationKey) -> ChannelSettings:
        return self.channel_settings.get(channel.channel, ChannelSettings())

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.suggestions.get(option, ()) if typed in choice.label)

    async def heard(self, count: int = 1, kind: IncomingKind | None = None) -> list[Incoming]:
        """What was received, as soon as there is so much of it."""

        def found() -> list[Incoming]:
            return [one for one in self.received if kind in (None, one.kind)]

        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
        return found()


class Observations:
    """A budget observer that keeps what it was told."""

    def __init__(self) -> None:
        self.all: list[tuple[str, BudgetObservation]] = []

    def learned(self, budget: str, observation: BudgetObservation) -> None:
        self.all.append((budget, observation))


@pytest.fixture(autouse=True)
def _no_slack_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine says of Slack and of proxies must not reach the tests."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("SLACK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    """A local Slack in real time, without rate limits; what is not acknowledged comes again at once."""
    sandbox = SlackSandbox(rate_limits=None, retry_delays=(0, 0, 0))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def observations() -> Observations:
    return Observations()


@pytest.fixture
def receiver() -> HeardReceiver:
    return HeardReceiver()


@pytest.fixture
async def surface(slack: SlackSandbox, observations: Observations, clock: QuickClock) -> AsyncIterator[SlackSurface]:
    """The surface alone, as a process that only writes has it."""
    made = SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=observations, clock=clock)
    yield made
    await made.close()


Started = Callable[[], Awaitable[SlackApp]]


@pytest.fixture
async def app(
    slack: SlackSandbox, surface: SlackSurface, receiver: HeardReceiver, clock: QuickClock
) -> AsyncIterator[SlackApp]:
    """The bot, connected by Socket Mode."""
    made = SlackApp(surface=surface, receiver=receiver, clock=clock, app_token=slack.app_token)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def site(
    slack: SlackSandbox, surface: SlackSurface, receiver: HeardReceiver, clock: QuickClock
) -> AsyncIterator[SlackApp]:
    """The bot, called by HTTP."""
    made = SlackApp(
        surface=surface,
        receiver=receiver,
        clock=clock,
        signing_secret=slack.signing_secret,
        host="127.0.0.1",
        port=0,
    )
    await made.start()
    assert await slack.use_request_url(f"http://127.0.0.1:{made.port}/slack/events")
    yield made
    await made.close()
