"""The gateway: identifying, resuming, being sent away, and what discord.py makes of broken connections."""

import asyncio
import json
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.clock import ManualClock
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Bot, Connect, point, soon


class Socket:
    """A gateway client that does only what it is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def read(self) -> Any:
        return json.loads(await self.socket.receive_str(timeout=5))

    async def until(self, event: str) -> Any:
        """The next dispatch with this name."""
        while (frame := await self.read())["t"] != event:
            pass
        return frame

    async def closed(self) -> int | None:
        """The code with which the server closed."""
        while (await self.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code

    async def identify(self, token: str, intents: int = 513, **more: Any) -> None:
        await self.send(2, {"token": token, "intents": intents, "properties": {}} | more)


@pytest.fixture
async def socket(sandbox: DiscordSandbox, session: aiohttp.ClientSession) -> Socket:
    opened = Socket(await session.ws_connect(sandbox.gateway_url + "?v=10&encoding=json"))
    hello = await opened.read()
    assert hello["op"] == 10
    assert 0 < hello["d"]["heartbeat_interval"] < 60_000
    return opened


async def test_heartbeat_is_acknowledged(socket: Socket) -> None:
    """Op 1 is answered by op 11, before and after identifying."""
    await socket.send(1, None)
    assert (await socket.read())["op"] == 11


async def test_ready_then_guilds(sandbox: DiscordSandbox, socket: Socket) -> None:
    """READY names the guilds as unavailable, then each comes with channels, roles and members."""
    await socket.identify(sandbox.token)
    ready = await socket.until("READY")
    assert ready["d"]["guilds"] == [{"id": sandbox.guild_id, "unavailable": True}]
    assert ready["d"]["resume_gateway_url"] == sandbox.gateway_url
    guild = (await socket.until("GUILD_CREATE"))["d"]
    assert {one["name"] for one in guild["channels"]} == {"general", "help", "locked", "hidden"}
    assert sandbox.bot_user_id in {one["user"]["id"] for one in guild["members"]}


@pytest.mark.parametrize(
    ("identify", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": 1 << 40}, 4013),
        ({"intents": None}, 4013),
    ],
)
async def test_refused_identify(sandbox: DiscordSandbox, socket: Socket, identify: dict[str, Any], code: int) -> None:
    """Each fault ends the connection with Discord's code."""
    await socket.send(2, {"token": sandbox.token, "intents": 1, "properties": {}} | identify)
    assert await socket.closed() == code


@pytest.mark.parametrize(("frame", "code"), [("no json", 4002), ('{"op":77,"d":1}', 4001), ('{"op":8,"d":{}}', 4003)])
async def test_nonsense_is_refused(socket: Socket, frame: str, code: int) -> None:
    """What is no frame, an unknown op, or too early ends the connection."""
    await socket.socket.send_str(frame)
    assert await socket.closed() == code


async def test_too_many_frames_end_the_connection(socket: Socket) -> None:
    """More than 120 frames in a minute are answered by 4008."""
    for _ in range(121):
        await socket.send(1, None)
    assert await socket.closed() == 4008


async def test_missing_intent_is_told_by_the_library(sandbox: DiscordSandbox, connect: Connect) -> None:
    """With MESSAGE_CONTENT switched off in the portal, discord.py raises PrivilegedIntentsRequired."""
    sandbox.portal.message_content = False
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await connect(sandbox)


async def test_wrong_token_is_told_by_the_library(sandbox: DiscordSandbox, connect: Connect) -> None:
    """A bot with another token fails at login."""
    with pytest.raises(discord.LoginFailure):
        await connect(sandbox, Bot(), token="another")


async def test_resume_after_a_cut_misses_nothing(sandbox: DiscordSandbox, bot: Bot) -> None:
    """What was said while the connection was broken arrives after the resume, once and in order."""
    await sandbox.say("ann", "general", "one")
    assert (await bot.next_message()).content == "one"
    sandbox.gateway.drop()
    for text in ("two", "three"):
        await sandbox.say("ann", "general", text)
    assert [(await bot.next_message()).content for _ in range(2)] == ["two", "three"]
    assert (sandbox.gateway.identified, sandbox.gateway.resumed) == (1, 1)


async def test_reconnect_on_demand(sandbox: DiscordSandbox, bot: Bot) -> None:
    """After op 7 discord.py comes back and resumes."""
    sandbox.gateway.reconnect()
    await sandbox.wait_for(lambda: sandbox.gateway.resumed)
    await sandbox.say("ann", "general", "still there?")
    assert (await bot.next_message()).content == "still there?"


@pytest.mark.parametrize("resumable", [True, False])
async def test_invalid_session(sandbox: DiscordSandbox, bot: Bot, resumable: bool) -> None:
    """Op 9 with true is resumed; with false the session is gone and the bot identifies anew."""
    old = sandbox.sessions[0].id
    sandbox.gateway.invalidate(resumable=resumable)
    await sandbox.wait_for(lambda: sandbox.gateway.resumed + sandbox.gateway.identified > 1)
    assert (sandbox.sessions[0].id == old) is resumable
    await sandbox.say("ann", "general", "hello again")
    assert (await bot.next_message()).content == "hello again"


async def test_resume_of_a_lost_session_identifies_anew(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A session that the gateway forgot is answered by op 9, and discord.py begins a new one."""
    link = sandbox.gateway.links[0]
    assert link.session is not None
    sandbox.forget_session(link.session.id)
    sandbox.gateway.drop(4000)
    await sandbox.wait_for(lambda: sandbox.gateway.identified == 2)
    await sandbox.say("ann", "general", "new session")
    assert (await bot.next_message()).content == "new session"


@pytest.mark.parametrize(("code", "kept"), [(1000, False), (4000, True)])
async def test_goodbye_ends_the_session(sandbox: DiscordSandbox, socket: Socket, code: int, kept: bool) -> None:
    """A client that closes with 1000 cannot resume, with any other code it can."""
    await sandbox_session(sandbox, socket)
    await socket.socket.close(code=code)
    await sandbox.wait_for(lambda: not sandbox.gateway.links)
    assert bool(sandbox.sessions) is kept


async def test_lost_session_is_not_kept_for_ever(
    timed: DiscordSandbox, session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    """Minutes after its connection broke a session is gone, and resuming it is answered by op 9."""
    socket = Socket(await session.ws_connect(timed.gateway_url))
    session_id = await sandbox_session(timed, socket)
    timed.gateway.drop(4000)
    clock.advance(3600)
    again = Socket(await session.ws_connect(timed.gateway_url))
    await again.read()
    await again.send(6, {"token": timed.token, "session_id": session_id, "seq": 1})
    assert await again.read() == {"op": 9, "d": False, "s": None, "t": None}


async def test_resume_replays_by_number(
    sandbox: DiscordSandbox, socket: Socket, session: aiohttp.ClientSession
) -> None:
    """A resume with an older number gets everything after it again, then RESUMED with an object."""
    await socket.identify(sandbox.token)
    ready = await socket.until("READY")
    await sandbox.say("ann", "general", "one")
    await socket.until("MESSAGE_CREATE")
    await socket.socket.close(code=4000)
    again = Socket(await session.ws_connect(sandbox.gateway_url))
    await again.read()
    await again.send(6, {"token": sandbox.token, "session_id": ready["d"]["session_id"], "seq": 1})
    seen = [await again.read() for _ in range(3)]
    assert [one["t"] for one in seen] == ["GUILD_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert seen[-1]["d"] == {}
    assert [one["s"] for one in seen] == [2, 3, 4]


async def test_impossible_number_is_refused(sandbox: DiscordSandbox, socket: Socket) -> None:
    """A resume from the future is closed with 4007."""
    session = await sandbox_session(sandbox, socket)
    sandbox.gateway.drop(4000)
    async with aiohttp.ClientSession() as other:
        again = Socket(await other.ws_connect(sandbox.gateway_url))
        await again.read()
        await again.send(6, {"token": sandbox.token, "session_id": session, "seq": 999})
        assert await again.closed() == 4007


async def sandbox_session(sandbox: DiscordSandbox, socket: Socket) -> str:
    """Identifies; the id of the session."""
    await socket.identify(sandbox.token)
    return str((await socket.until("READY"))["d"]["session_id"])


async def test_shards_hear_their_guilds(sandbox: DiscordSandbox, connect: Connect) -> None:
    """Of two shards each hears its guilds, and direct messages come on shard 0 only."""
    even, odd = (sandbox.add_guild(f"guild {shard}", id=(1000 + shard) << 22) for shard in (0, 1))
    bots = [await connect(sandbox, Bot(shard_id=shard, shard_count=2)) for shard in (0, 1)]
    for guild in (even, odd):
        place = next(one for one in sandbox.world.channels.values() if one.guild_id == guild.id)
        await sandbox.say("ann", place.id, guild.name)
    await sandbox.say("ann", "dm", "direct")
    assert [(await bots[0].next_message()).content for _ in range(2)] == ["guild 0", "direct"]
    assert (await bots[1].next_message()).content == "guild 1"
    assert bots[1].heard.empty()


async def test_auto_sharded_client_asks_for_the_count(sandbox: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to use two shards, discord.py opens both, each with its number, and becomes ready."""

    class Sharded(discord.AutoShardedClient):
        async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
            """Does not wait five seconds between two shards."""

    point(monkeypatch, sandbox)
    sandbox.gateway.recommended_shards = 2
    bot = Sharded(intents=discord.Intents.default(), guild_ready_timeout=0)
    running = asyncio.create_task(bot.start(sandbox.token))
    await sandbox.connected(2)
    assert [session.shard for session in sandbox.sessions] == [(0, 2), (1, 2)]
    await bot.wait_until_ready()
    assert [guild.name for guild in bot.guilds] == ["Sandbox"]
    await bot.close()
    await asyncio.gather(running, return_exceptions=True)


async def test_frozen_connection_is_given_up(sandbox: DiscordSandbox, connect: Connect) -> None:
    """A gateway that says nothing any more is left after the heartbeat timeout, and the resume misses nothing."""
    bot = await connect(sandbox, Bot(heartbeat_timeout=0.2))
    sandbox.gateway.freeze()
    await sandbox.say("ann", "general", "into the silence")
    assert (await bot.next_message()).content == "into the silence"
    assert sandbox.gateway.resumed == 1


async def test_refused_handshake_while_reconnecting(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A gateway that is away answers 503; discord.py comes back by itself."""
    await bot.wait_until_ready()
    sandbox.gateway.refused_handshakes = 1
    sandbox.gateway.drop()
    await sandbox.wait_for(lambda: sandbox.gateway.resumed)
    assert sandbox.gateway.refused_handshakes == 0


async def test_gateway_bot(sandbox: DiscordSandbox, session: aiohttp.ClientSession) -> None:
    """/gateway/bot names the address, the recommended shards and what is left of the day's starts."""
    url = f"{sandbox.api_url}/gateway/bot"
    async with session.get(url, headers={"Authorization": f"Bot {sandbox.token}"}) as answer:
        said = await answer.json()
    assert (said["url"], said["shards"]) == (sandbox.gateway_url, 1)
    assert said["session_start_limit"]["remaining"] == 1000


async def test_new_guild_and_removal(sandbox: DiscordSandbox, bot: Bot) -> None:
    """The bot hears that it was invited to a guild and that it was removed; an outage is neither."""
    await bot.wait_until_ready()
    joined: asyncio.Queue[discord.Guild] = asyncio.Queue()
    left: asyncio.Queue[discord.Guild] = asyncio.Queue()

    async def on_guild_join(guild: discord.Guild) -> None:
        joined.put_nowait(guild)

    async def on_guild_remove(guild: discord.Guild) -> None:
        left.put_nowait(guild)

    bot.event(on_guild_join)
    bot.event(on_guild_remove)
    guild = sandbox.add_guild("second")
    assert (await soon(joined)).name == "second"
    sandbox.outage(guild)
    sandbox.outage(guild, over=True)
    sandbox.remove_bot(guild)
    assert (await soon(left)).name == "second"
    assert joined.empty()


async def test_members_are_sent_on_request(sandbox: DiscordSandbox, connect: Connect) -> None:
    """Op 8 is answered by a chunk: discord.py finds a member by name."""
    bot = await connect(sandbox)
    await bot.wait_until_ready()
    guild = bot.get_guild(int(sandbox.guild_id))
    found = await guild.query_members("cle")
    assert [one.display_name for one in found] == ["Cleo"]
