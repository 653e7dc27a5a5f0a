"""Budgets and buckets: what a write draws on, and that no call is held back longer than Discord asks."""

from __future__ import annotations

import asyncio
import time

import discord
import pytest

from adapters.discord.buckets import MOST_WAIT, Bucket, Whole
from adapters.discord.rates import budget, budget_of, observation
from adapters.discord.targets import AsReply, BySlash, InChannel, InThread, Way
from core.conversation import ConversationKey, Platform
from core.ports import Call, Draft
from core.scheduling import BudgetObservation
from sandbox.discord.rate_limits import Limit
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Surfaces
from tests.adapters.discord_tests.test_surface import aim, channel_of

KEY = ConversationKey(platform=Platform.DISCORD, workspace="1", channel="5")
SLASH = BySlash(channel="5", application="7", interaction="8", token="secret-token")


@pytest.mark.parametrize(
    ("way", "stands_in", "place"),
    [
        (AsReply(channel="5", message="6"), "5", "discord:1:5"),
        (InThread(channel="5", message="6", name="n"), "6", ""),
        (InThread(channel="5", message="6", name="n"), "5", "discord:1:5"),
        (InChannel(channel="5"), "5", ""),
        (SLASH, "5", ""),
    ],
)
def test_only_a_channel_is_shared_with_other_processes(way: Way, stands_in: str, place: str) -> None:
    """A thread, a direct message and a command's token belong to one conversation, which one process answers."""
    assert budget(Call.EDIT, KEY, way, stands_in).place == place


@pytest.mark.parametrize(
    ("method", "path", "call", "channel"),
    [
        ("POST", "/api/v10/channels/5/messages", Call.OPEN, InChannel(channel="5")),
        ("PATCH", "/api/v10/channels/5/messages/6", Call.EDIT, InChannel(channel="5")),
        ("POST", "/api/v10/webhooks/7/secret-token", Call.OPEN, SLASH),
        ("PATCH", "/api/v10/webhooks/7/secret-token/messages/@original", Call.EDIT, SLASH),
        ("PATCH", "/api/v10/webhooks/7/secret-token/messages/6", Call.EDIT, SLASH),
    ],
)
def test_requests_and_budgets_agree(method: str, path: str, call: Call, channel: InChannel | BySlash) -> None:
    """What an answer says is told to the budget on which the write was scheduled; a token is never in its name."""
    name = budget(call, KEY, channel, "5").name
    assert budget_of(method, path) == name
    assert "secret" not in name


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/channels/5/typing"), ("DELETE", "/channels/5/messages/6"), ("GET", "/channels/5/messages")],
)
def test_other_calls_have_no_budget(method: str, path: str) -> None:
    """Only what a reply writes is scheduled."""
    assert budget_of(method, path) is None


def test_observations() -> None:
    """Headers become figures; a refusal says how long to wait, or nothing; broken headers say nothing."""
    headers = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset-After": "1.5"}
    assert observation(200, headers) == BudgetObservation(remaining=3, reset_after=1.5, burst=5)
    assert observation(429, headers | {"Retry-After": "2"}) == BudgetObservation(retry_after=2.0)
    assert observation(429, {}) == BudgetObservation()
    assert observation(200, {}) is None
    assert observation(200, headers | {"X-RateLimit-Remaining": "many"}) is None


async def test_the_call_that_empties_a_bucket_returns_at_once(surface_on: Surfaces, limited: DiscordSandbox) -> None:
    """discord.py would hold the fifth edit until the bucket is whole; the text is long visible. The sixth waits."""
    limited.limits.limits["message.edit"] = Limit(calls=5, seconds=1.0)
    surface = surface_on(limited)
    aimed = aim(limited, InChannel(channel=channel_of(limited, "#general")))
    ref = await surface.open(aimed, Draft(text="0"), key="k")
    began = time.monotonic()
    for number in range(5):
        await surface.edit(aimed, ref, Draft(text=f"edit {number}"))
    assert time.monotonic() - began < 0.7
    await surface.edit(aimed, ref, Draft(text="edit 5"))
    assert time.monotonic() - began >= 0.9
    assert limited.rate_limited == 0


async def test_calls_at_once_keep_the_limit(surface_on: Surfaces, limited: DiscordSandbox) -> None:
    """However many calls begin together, none is refused."""
    limited.limits.limits["message.create"] = Limit(calls=3, seconds=0.2)
    surface = surface_on(limited)
    aimed = aim(limited, InChannel(channel=channel_of(limited, "#general")))
    await asyncio.gather(*(surface.open(aimed, Draft(text=f"n{n}"), key=f"k{n}") for n in range(10)))
    assert limited.rate_limited == 0
    assert len(limited.calls_of("create_message")) == 10


async def test_the_limit_over_all_calls(surface_on: Surfaces, limited: DiscordSandbox) -> None:
    """Many channels at once do not run into Discord's 50 calls a second, which discord.py does not watch."""
    surface = surface_on(limited)
    channels = [limited.add_channel(f"c{number}").id for number in range(70)]
    targets = [aim(limited, InChannel(channel=channel)) for channel in channels]
    await asyncio.gather(*(surface.open(one, Draft(text="hello"), key=str(one.key)) for one in targets))
    assert len(limited.calls_of("create_message")) == 70
    assert limited.rate_limited == 0


async def test_a_long_wait_is_an_error() -> None:
    """Nobody waits for minutes inside a call: the reply is told instead."""
    bucket = Bucket(MOST_WAIT, Whole(asyncio.get_running_loop()))
    bucket.remaining, bucket.expires = 0, asyncio.get_running_loop().time() + 600
    with pytest.raises(discord.RateLimited) as raised:
        await bucket.acquire()
    assert 500 < raised.value.retry_after <= 600
