"""Events on their way to the store: in order, kept while the store is away, bounded."""

from __future__ import annotations

import asyncio
import time
from collections import deque

import pytest

from adapters.discord.app import DiscordApp
from adapters.discord.intake import Event, Intake
from core.errors import StoreUnavailable, SurfaceUnavailable
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import HeardReceiver, SandboxClock
from tests.adapters.discord_tests.test_surface import contents


def event(channel: str, name: str) -> Event:
    return Event(name=name, payload={"channel_id": channel})


class Handler:
    """Handles events one after the other, or fails as it is told."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.failures: deque[Exception] = deque()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, event: Event) -> None:
        await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
        self.handled.append(f"{event.channel}{event.name}")


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def refused() -> list[Event]:
    return []


@pytest.fixture
def intake(handler: Handler, refused: list[Event]) -> Intake:
    return Intake(handle=handler, overflow=refused.append, clock=SandboxClock(time.time), most=5)


async def test_order_within_a_channel(intake: Intake, handler: Handler) -> None:
    """Events of one channel are handled in the order in which they came."""
    for name in "abc":
        intake.put(event("1", name))
    assert await intake.drained(5)
    assert handler.handled == ["1a", "1b", "1c"]


@pytest.mark.parametrize("failure", [StoreUnavailable("locked"), SurfaceUnavailable("503")])
async def test_kept_until_it_can_be_stored(intake: Intake, handler: Handler, failure: Exception) -> None:
    """What cannot be stored now is tried again, and what came after it waits behind it."""
    handler.failures.extend([failure] * 4)
    intake.put(event("1", "a"))
    intake.put(event("1", "b"))
    assert await intake.drained(5)
    assert handler.handled == ["1a", "1b"]


async def test_channels_do_not_wait_for_each_other(intake: Intake, handler: Handler) -> None:
    """A fault in one event drops that event and holds up nobody."""
    handler.failures.append(TypeError("a bug"))
    intake.put(event("1", "a"))
    intake.put(event("2", "b"))
    assert await intake.drained(5)
    assert handler.handled == ["2b"]


async def test_bounded(intake: Intake, handler: Handler, refused: list[Event]) -> None:
    """Beyond its bound nothing more is kept; when there is room again, it is."""
    handler.gate.clear()
    for name in "abcdefg":
        intake.put(event("1", name))
    assert [one.name for one in refused] == ["f", "g"]
    handler.gate.set()
    assert await intake.drained(5)
    intake.put(event("1", "h"))
    assert await intake.drained(5)
    assert handler.handled[-1] == "1h"


async def test_quiet_channels_cost_nothing(intake: Intake) -> None:
    """Nothing is kept of a channel whose events are handled."""
    for number in range(5):
        intake.put(event(str(number), "a"))
    assert await intake.drained(5)
    assert intake.waiting == 0
    assert intake._lanes == {}


async def test_closing_says_what_is_lost(intake: Intake, handler: Handler) -> None:
    """Whoever closes before all is handled can see how much was not."""
    handler.gate.clear()
    intake.put(event("1", "a"))
    assert not await intake.drained(0.01)
    await intake.close()
    assert intake.waiting == 1


async def test_database_away_for_a_while(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What people say while the database is away is stored when it is back, in order."""
    receiver.failures.extend([StoreUnavailable("locked")] * 5)
    for number in range(3):
        await discord.say("ann", "dm", f"n{number}")
    heard = await receiver.heard(3)
    assert [one.text for one in heard] == ["n0", "n1", "n2"]


async def test_busy(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When too much waits, whoever spoke to the bot is told so, once, and nobody else is."""
    assert app._intake is not None
    monkeypatch.setattr(app._intake, "_most", 0)
    await discord.say("ann", "#general", "just talk")
    await discord.say("ann", "#general", "@Parley hello")
    await discord.say("ann", "#general", "@Parley hello?")
    await discord.wait_for(lambda: contents(discord, "#general"))
    await discord.say("bob", "dm", "hello")
    await discord.wait_for(lambda: contents(discord, "@bob"))
    assert contents(discord, "#general") == [StoreUnavailable().sentence]
