"""Rate limits: what the headers say, when 429 comes, and that discord.py lives with it."""

import asyncio

import pytest

from sandbox.clock import ManualClock
from sandbox.discord.rate_limits import Limit, RateLimits
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Api, Connect


@pytest.fixture
def path(timed: DiscordSandbox) -> str:
    return f"/channels/{timed.world.channel('general').id}/messages"


async def test_headers_count_down(timed_api: Api, path: str, clock: ManualClock) -> None:
    """Five creates in five seconds; the fourth header says what is left and when it is full again."""
    answers = [await timed_api("POST", path, {"content": "x"}) for _ in range(5)]
    assert [answer[2]["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0"]
    headers = answers[-1][2]
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Reset-After"]) == ("5", "5.000")
    assert float(headers["X-RateLimit-Reset"]) == pytest.approx(clock() + 5)
    assert headers["X-RateLimit-Bucket"]


async def test_sixth_create_is_429(timed: DiscordSandbox, timed_api: Api, path: str, clock: ManualClock) -> None:
    """With all that discord.py wants to see; it is counted, and after the wait the next one passes."""
    for _ in range(5):
        await timed_api("POST", path, {"content": "x"})
    clock.advance(2)
    status, said, headers = await timed_api("POST", path, {"content": "six"})
    assert (status, said["retry_after"], said["global"]) == (429, 3.0, False)
    assert (headers["Retry-After"], headers["X-RateLimit-Scope"]) == ("3", "user")
    assert headers["Via"]
    assert (timed.rate_limited, len(timed.messages("general"))) == (1, 5)
    clock.advance(3)
    assert (await timed_api("POST", path, {"content": "six"}))[0] == 200


async def test_edits_of_a_channel_share_a_bucket(timed: DiscordSandbox, timed_api: Api, path: str) -> None:
    """All messages of a channel draw on it; another channel, and a thread, have their own."""
    first, second = [(await timed_api("POST", path, {"content": "x"}))[1]["id"] for _ in range(2)]
    statuses = [(await timed_api("PATCH", f"{path}/{one}", {"content": "y"}))[0] for one in (first, second) * 3]
    assert statuses == [200] * 5 + [429]
    thread = (await timed_api("POST", f"{path}/{first}/threads", {"name": "own"}))[1]["id"]
    there = (await timed_api("POST", f"/channels/{thread}/messages", {"content": "x"}))[1]["id"]
    assert (await timed_api("PATCH", f"/channels/{thread}/messages/{there}", {"content": "y"}))[0] == 200


async def test_global_limit(timed: DiscordSandbox, timed_api: Api) -> None:
    """Fifty calls a second over everything; the refusal says that it is global. Interactions do not count."""
    calls = [timed_api("GET", f"/channels/{timed.world.channel(name).id}") for name in ("general", "help") * 25]
    assert {status for status, _, _ in await asyncio.gather(*calls)} == {200}
    status, said, headers = await timed_api("GET", f"/channels/{timed.world.channel('locked').id}")
    assert (status, said["global"], headers["X-RateLimit-Scope"]) == (429, True, "global")
    assert await timed_api.refused("PATCH", "/webhooks/1/token/messages/@original", {"content": "x"}) == 10015


def test_scale_and_own_limits(clock: ManualClock) -> None:
    """Limits can be scaled, replaced and switched off."""
    limits = RateLimits(clock, 2.0)
    assert [bool(limits.take("message.edit", "1", counts_globally=True).retry_after) for _ in range(11)][-2:] == [
        False,
        True,
    ]
    limits.limits["message.edit"] = Limit(calls=1, seconds=60)
    limits.scale = 1.0
    assert limits.take("message.edit", "2", counts_globally=True).headers["X-RateLimit-Remaining"] == "0"
    limits.scale = None
    assert not limits.take("message.edit", "2", counts_globally=True).headers


async def test_library_waits_inside_the_call(connect: Connect) -> None:
    """discord.py keeps to the headers by itself: no 429 is ever given, and every message arrives."""
    sandbox = DiscordSandbox()
    sandbox.limits.limits["message.create"] = Limit(calls=3, seconds=0.2)
    await sandbox.start()
    try:
        bot = await connect(sandbox)
        place = bot.place(sandbox.world.channel("general").id)
        for number in range(7):
            await place.send(str(number))
        assert [one.content for one in sandbox.messages("general")] == [str(number) for number in range(7)]
        assert sandbox.rate_limited == 0
    finally:
        await sandbox.stop()


async def test_library_tries_again_after_a_429(connect: Connect, sandbox: DiscordSandbox) -> None:
    """A 429 with Via is waited out; the call succeeds with its second try, and the message stands once."""
    bot = await connect(sandbox)
    sandbox.faults.call("POST", "create_message", "ratelimited", retry_after=0.05)
    await bot.place(sandbox.world.channel("general").id).send("in the end")
    assert [call.status for call in sandbox.calls_of("create_message")] == [429, 200]
    assert len(sandbox.messages("general")) == 1
