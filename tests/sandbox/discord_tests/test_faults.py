"""Misbehaviour on demand, and what the real discord.py makes of it."""

import asyncio

import aiohttp
import discord
import pytest

from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Api, Bot, Connect, point


@pytest.fixture
def path(sandbox: DiscordSandbox) -> str:
    return f"/channels/{sandbox.world.channel('general').id}/messages"


async def test_planned_code_strikes_once(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """The next matching call fails so, the one after passes; other routes do not notice."""
    sandbox.faults.call("POST", "create_message", status=400, code=200000, message="Blocked by AutoMod")
    assert (await api("GET", path))[0] == 200
    assert await api.refused("POST", path, {"content": "x"}) == 200000
    assert (await api("POST", path, {"content": "x"}))[0] == 200


async def test_fault_by_pattern_and_body(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """A path with stars, or a condition on the body, chooses the calls."""
    sandbox.faults.call("*", "/channels/*/typing", status=503, times=2)
    sandbox.faults.call("POST", when=lambda body: body.get("content") == "bad", status=500)
    place = path.removesuffix("/messages")
    assert [(await api("POST", f"{place}/typing"))[0] for _ in range(3)] == [503, 503, 204]
    assert [(await api("POST", path, {"content": text}))[0] for text in ("good", "bad")] == [200, 500]


async def test_effect_without_its_answer(sandbox: DiscordSandbox, bot: Bot, path: str) -> None:
    """The message is posted and the answer lost: discord.py's retry carries the same nonce and posts no second."""
    sandbox.faults.call("POST", "create_message", "status", status=500, takes_effect=True)
    sent = await bot.place(sandbox.world.channel("general").id).send("once")
    assert [call.status for call in sandbox.calls_of("create_message")] == [500, 200]
    assert [one.id for one in sandbox.messages("general")] == [str(sent.id)]


async def test_banned_by_the_proxy(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A 429 without Via, and a page instead of JSON, are raised at once."""
    place = bot.place(sandbox.world.channel("general").id)
    sandbox.faults.call("POST", "create_message", "ratelimited", via=False)
    with pytest.raises(discord.HTTPException) as refused:
        await place.send("x")
    assert refused.value.status == 429
    sandbox.faults.call("POST", "create_message", "html", status=403)
    with pytest.raises(discord.Forbidden):
        await place.send("x")
    assert sandbox.messages("general") == []


@pytest.mark.parametrize("outcome", ["cut", "hang"])
async def test_no_answer_at_all(sandbox: DiscordSandbox, api: Api, path: str, outcome: str) -> None:
    """The connection ends without an answer, at once or after a silence; with an effect if planned so."""
    sandbox.faults.call("POST", "create_message", outcome, seconds=0.01, takes_effect=True)  # type: ignore[arg-type]  # the parameter's two words
    with pytest.raises(aiohttp.ClientError):
        await api("POST", path, {"content": "x"})
    assert len(sandbox.messages("general")) == 1
    assert sandbox.calls[-1].status == 0


async def test_duplicate_event(sandbox: DiscordSandbox, bot: Bot) -> None:
    """The next event arrives twice, with the same message id."""
    sandbox.faults.duplicate()
    await sandbox.say("ann", "general", "twice")
    first, second = [await bot.next_message() for _ in range(2)]
    assert first.id == second.id


async def test_late_event(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A held event comes after a later one, once it is let go."""
    sandbox.faults.hold()
    await sandbox.say("ann", "general", "first")
    await sandbox.say("ann", "general", "second")
    assert (await bot.next_message()).content == "second"
    sandbox.faults.release()
    assert (await bot.next_message()).content == "first"


async def test_unknown_event_is_ignored(sandbox: DiscordSandbox, bot: Bot) -> None:
    """An event from the future does no harm."""
    sandbox.emit("AN_EVENT_FROM_THE_FUTURE", {"id": "1"})
    await sandbox.say("ann", "general", "still here")
    assert (await bot.next_message()).content == "still here"


async def test_malformed_event_ends_the_client(sandbox: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken frame stops discord.py's client: it must be supervised from outside."""
    point(monkeypatch, sandbox)
    bot = Bot()
    running = asyncio.create_task(bot.start(sandbox.token))
    await sandbox.connected()
    sandbox.gateway.send_raw("{broken")
    with pytest.raises(ValueError, match="Expecting"):
        await running
    await bot.close()


async def test_clear_forgets_everything(sandbox: DiscordSandbox, connect: Connect, api: Api, path: str) -> None:
    """What was planned does not happen, what was held goes out."""
    bot = await connect(sandbox)
    sandbox.faults.call(status=500, times=9)
    sandbox.faults.duplicate(9)
    sandbox.faults.hold()
    await sandbox.say("ann", "general", "held")
    sandbox.faults.clear()
    assert (await bot.next_message()).content == "held"
    assert (await api("GET", path))[0] == 200
