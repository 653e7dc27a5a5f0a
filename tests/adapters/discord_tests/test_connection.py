"""The connection comes up, says clearly why it cannot, and comes back after everything that Discord does to it."""

from __future__ import annotations

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from adapters.discord import connection
from adapters.discord.failures import ShardsRefused, TokenRefused
from core.errors import SurfaceUnavailable
from core.incoming import IncomingKind
from sandbox.discord.gateway import Gateway
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver, Surfaces

BROKEN_FRAME = '{"op": 0, "s": 1, "t": "MESSAGE_CREATE", "d": '


async def hears(discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Something said now is heard."""
    before = len(receiver.received)
    await discord.say("ann", "dm", "still there?")
    await receiver.heard(before + 1)


async def test_healthy_while_connected(start: Apps, discord: DiscordSandbox) -> None:
    """Healthy from the start until the stop; replies can be written in between and after."""
    app = await start(discord)
    assert app.healthy()
    assert [one.connected for one in discord.sessions] == [True]
    await app.stop_receiving()
    assert not app.healthy()
    await discord.wait_for(lambda: not any(one.connected for one in discord.sessions))


async def test_wrong_token(start: Apps, discord: DiscordSandbox, surface_on: Surfaces) -> None:
    """A token that Discord does not accept is said at once, with what to do, and is no part of any text."""
    discord.token = "the-token-of-somebody"
    surface = surface_on(discord)
    discord.token = "another-token"
    with pytest.raises(TokenRefused) as refused:
        await start(discord, surface=surface)
    assert "developer portal" in str(refused.value)
    assert "the-token-of-somebody" not in str(refused.value) + repr(refused.value) + refused.value.sentence


async def test_unreachable(start: Apps) -> None:
    """Where nobody answers the start fails after its patience."""
    gone = DiscordSandbox()
    await gone.start()
    await gone.stop()
    with pytest.raises(SurfaceUnavailable, match="Check the network"):
        await start(gone, patience=0.2)


async def test_gateway_unreachable(discord: DiscordSandbox, start: Apps) -> None:
    """REST answers and the gateway refuses the handshake: the start fails in time and leaves nothing behind."""
    before = asyncio.all_tasks()
    with pytest.raises(SurfaceUnavailable, match="DISCORD_GATEWAY_URL"):
        await start(discord, gateway_url="ws://127.0.0.1:9/", patience=1.0)
    assert {task.get_name() for task in asyncio.all_tasks() - before if "discord" in task.get_name()} == set()


async def test_message_content_switched_off(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """Without the intent it goes on, says once what that costs and where to switch it on, and hears mentions, direct
    messages and commands."""
    discord.portal.message_content = False
    with capture_logs() as logs:
        app = await start(discord)
    [said] = [line for line in logs if line.get("action") == "discord.no_message_content"]
    assert "Message Content Intent" in said["event"]
    assert not app.message_content
    await discord.say("ann", "#general", "@Parley a mention")
    await discord.say("ann", "dm", "a direct message")
    await discord.command("ann", "#general", "ask", {"question": "a command"})
    heard = await receiver.heard(3)
    assert {one.text for one in heard} == {"a mention", "a direct message", "a command"}


async def test_switched_off_message_content_hides_the_rest(
    discord: DiscordSandbox, start: Apps, receiver: HeardReceiver
) -> None:
    """What arrives without its text is no message, and an edit without text does not wipe what was said."""
    discord.portal.message_content = False
    await start(discord)
    said = await discord.say("ann", "#general", "@Parley red")
    thread = await discord.start_thread("ann", "#general", "red", message=said)
    await discord.say("ann", thread, "unseen")
    await discord.edit("ann", "#general", said, "green")
    await hears(discord, receiver)
    assert [one.kind for one in receiver.received] == [IncomingKind.MENTION, IncomingKind.DIRECT]


async def test_lost_connection_is_resumed(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """What was said while the connection was away is heard, once."""
    await start(discord)
    discord.gateway.drop()
    await discord.say("ann", "dm", "in between")
    await discord.wait_for(lambda: discord.gateway.resumed)
    await hears(discord, receiver)
    assert [one.text for one in receiver.received] == ["in between", "still there?"]


@pytest.mark.parametrize("code", [4000, 4009, 1000])
async def test_closed_by_discord(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver, code: int) -> None:
    """Whatever code Discord closes with, the bot is back."""
    await start(discord)
    before = discord.gateway.identified + discord.gateway.resumed
    discord.gateway.drop(code)
    await discord.wait_for(lambda: discord.gateway.identified + discord.gateway.resumed > before)
    await discord.connected()
    await hears(discord, receiver)


async def test_malformed_event(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """An event that makes no sense ends neither the bot nor the session."""
    await start(discord)
    for name in (
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "INTERACTION_CREATE",
        "GUILD_CREATE",
        "THREAD_CREATE",
    ):
        discord.emit(name, {"nonsense": True})
    discord.emit("AN_EVENT_FROM_THE_FUTURE", {})
    await hears(discord, receiver)
    assert (discord.gateway.identified, discord.gateway.resumed) == (1, 0)


async def test_broken_frame(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """A frame that is no JSON ends discord.py's client; another one takes its place."""
    await start(discord)
    discord.gateway.send_raw(BROKEN_FRAME)
    await discord.wait_for(lambda: discord.gateway.identified == 2)
    await discord.connected()
    await hears(discord, receiver)


async def test_storm_of_lost_connections(
    discord: DiscordSandbox, start: Apps, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When every resume fails at once discord.py would try without a pause; we pause, and come back afterwards."""
    app = await start(discord)
    refused = 0
    resume = Gateway._resume

    def refusing(self: Gateway, link: object, data: object) -> None:
        nonlocal refused
        refused += 1
        link.close(4000)  # type: ignore[attr-defined]  # the sandbox's own link

    monkeypatch.setattr(Gateway, "_resume", refusing)
    discord.gateway.drop(4000)
    await discord.wait_for(lambda: discord.gateway.identified == 2)
    monkeypatch.setattr(Gateway, "_resume", resume)
    await discord.connected()
    await hears(discord, receiver)
    assert refused <= 2 * connection.STORM_FAILURES
    assert app.healthy()


async def test_flapping_keeps_the_session(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """A connection that breaks often but comes back keeps its session, and so what was said in between."""
    await start(discord)
    for number in range(10):
        discord.gateway.drop()
        await discord.say("ann", "dm", f"n{number}")
        await receiver.heard(number + 1)
    assert (discord.gateway.identified, discord.gateway.resumed) == (1, 10)


async def test_token_revoked_while_running(discord: DiscordSandbox, start: Apps) -> None:
    """When the token is no longer valid the connection ends for good, is unhealthy, and says what to do."""
    app = await start(discord)
    discord.token = "another"
    discord.gateway.drop(4004)
    async with asyncio.timeout(10):
        assert isinstance(await app.refused(), TokenRefused)
    assert not app.healthy()


async def test_sharding(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """A process serves its own shards and is ready when all of them are."""
    app = await start(discord, shard_ids=(0,), shard_count=2)
    assert app.healthy()
    assert [one.shard for one in discord.sessions] == [(0, 2)]
    await hears(discord, receiver)


async def test_impossible_shards(discord: DiscordSandbox, start: Apps) -> None:
    """Shards that Discord refuses are said clearly."""
    with pytest.raises(ShardsRefused) as refused:
        await start(discord, shard_ids=(5,), shard_count=2)
    assert "DISCORD_SHARD_COUNT" in str(refused.value)


async def test_discord_away_at_the_start(discord: DiscordSandbox, start: Apps, receiver: HeardReceiver) -> None:
    """A Discord that is out of order for a moment does not keep the bot from starting."""
    discord.faults.call("GET", "get_gateway_bot", status=503, times=2)
    began = time.monotonic()
    await start(discord)
    assert time.monotonic() - began < 5
    await hears(discord, receiver)


async def test_events_before_the_stop_are_stored(
    discord: DiscordSandbox, start: Apps, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """Everything that was received is handed over before the stop ends."""
    app = await start(discord)
    for number in range(30):
        await discord.say("ann", "dm", f"n{number}")
    await receiver.heard(1)
    await app.stop_receiving()
    heard = [one.text for one in receiver.received]
    assert heard == [f"n{number}" for number in range(len(heard))]
