"""The adapter on the real discord.py, connected to the local Discord over real sockets.

discord.py is imported first here, because it imports audioop, which Python deprecates.
"""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from core.channel import ChannelSettings
from core.conversation import ConversationKey
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Choice
from core.scheduling import BudgetObservation
from sandbox.clock import ManualClock
from sandbox.discord.server import DiscordSandbox

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from adapters.discord.app import DiscordApp
    from adapters.discord.surface import DiscordSurface


class SandboxClock:
    """core.ports.Clock on the sandbox's own time, so that both agree on the age of an interaction. Pauses are short."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def monotonic(self) -> float:
        return self._now()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, 0.01))


class HeardReceiver:
    """A receiver that keeps what it got, and answers or fails as it is told."""

    def __init__(self) -> None:
        self.received: list[Incoming] = []
        self.settings_read = 0
        self.failures: deque[Exception] = deque()
        self.answers: dict[str, Answer] = {}
        """By the command's name, or by the action of a button or a form."""
        self.suggestions: dict[str, tuple[Choice, ...]] = {}
        """By the option."""
        self.channel_settings: dict[str, ChannelSettings] = {}
        self.gate: asyncio.Event | None = None
        """Receiving waits for it."""
        self.on_received: Callable[[Incoming], Awaitable[None]] | None = None
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> Answer | None:
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
        self.received.append(incoming)
        async with self._changed:
            self._changed.notify_all()
        if self.on_received is not None:
            await self.on_received(incoming)
        return self.answers.get(incoming.command or incoming.text)

    async def settings(self, channel: ConversationKey) -> ChannelSettings:
        self.settings_read += 1
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

    def of(self, budget: str) -> list[BudgetObservation]:
        return [observation for name, observation in self.all if name == budget]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """discord.py warns about voice and about each planned failure."""
    logging.getLogger("discord").setLevel(logging.CRITICAL)


@pytest.fixture
def time_of_discord() -> ManualClock:
    """The clock of `timed`."""
    return ManualClock()


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    """A local Discord in real time, without rate limits."""
    sandbox = DiscordSandbox(rate_limits=None)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def timed(time_of_discord: ManualClock) -> AsyncIterator[DiscordSandbox]:
    """A local Discord whose time stands still until a test moves it."""
    sandbox = DiscordSandbox(rate_limits=None, now=time_of_discord)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def limited() -> AsyncIterator[DiscordSandbox]:
    """A local Discord in real time, with Discord's rate limits."""
    sandbox = DiscordSandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def receiver() -> HeardReceiver:
    return HeardReceiver()


@pytest.fixture
def observer() -> Observations:
    return Observations()


Surfaces = Callable[..., DiscordSurface]
Apps = Callable[..., Awaitable[DiscordApp]]


@pytest.fixture
async def surface_on(observer: Observations) -> AsyncIterator[Surfaces]:
    """Makes surfaces as different processes would; they are closed when the test ends."""
    made: list[DiscordSurface] = []

    def make(sandbox: DiscordSandbox, *, now: Callable[[], float] | None = None) -> DiscordSurface:
        clock = SandboxClock(now or sandbox.now)
        surface = DiscordSurface(token=sandbox.token, api_url=sandbox.api_url, observer=observer, clock=clock)
        made.append(surface)
        return surface

    yield make
    for surface in made:
        await surface.close()


@pytest.fixture
def surface(surface_on: Surfaces, discord: DiscordSandbox) -> DiscordSurface:
    return surface_on(discord)


@pytest.fixture
async def start(receiver: HeardReceiver, surface_on: Surfaces) -> AsyncIterator[Apps]:
    """Starts the adapter on a sandbox; it is closed when the test ends."""
    running: list[DiscordApp] = []

    async def started(
        sandbox: DiscordSandbox, *, patience: float = 10, surface: DiscordSurface | None = None, **details: object
    ) -> DiscordApp:
        app = DiscordApp(
            surface=surface or surface_on(sandbox),
            receiver=receiver,
            clock=SandboxClock(time.time),
            **({"gateway_url": sandbox.gateway_url} | details),  # type: ignore[arg-type]  # any of the other arguments
        )
        running.append(app)
        await app.start(patience=patience)
        return app

    yield started
    for app in running:
        await app.close()


@pytest.fixture
async def app(start: Apps, discord: DiscordSandbox) -> DiscordApp:
    """Connected to `discord`."""
    return await start(discord)
