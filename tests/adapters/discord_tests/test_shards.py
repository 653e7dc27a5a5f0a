"""Shards divided over processes: each hears its own guilds, direct messages come once, commands are registered once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.discord.app import DiscordApp
from adapters.discord.connection import Connection
from adapters.discord.gateway import GatewayClient
from core.incoming import Incoming
from core.interaction import Answer
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.world import Guild
from tests.adapters.discord_tests.conftest import HeardReceiver, SandboxClock, Surfaces


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, discord: DiscordSandbox) -> None:
    """Shards are not started five seconds apart, as Discord wants it and discord.py does it."""

    async def hook(*_: object, **__: object) -> None:
        return

    monkeypatch.setattr(GatewayClient, "before_identify_hook", hook)
    for name in ("shard_up", "shard_down"):
        monkeypatch.setattr(Connection, name, _telling(discord, getattr(Connection, name)))


def _telling(discord: DiscordSandbox, real: Callable[[Connection, int], None]) -> Callable[[Connection, int], None]:
    """Whoever waits looks again when a shard comes or goes."""

    def told(connection: Connection, shard: int) -> None:
        real(connection, shard)
        discord.changes.tell()

    return told


class Process:
    """One process of two."""

    def __init__(self, discord: DiscordSandbox, surfaces: Surfaces, shard: int) -> None:
        self.receiver = HeardReceiver()
        self.receiver.answers["help"] = Answer(text=f"I am {shard}")
        self.app = DiscordApp(
            surface=surfaces(discord),
            receiver=self.receiver,
            clock=SandboxClock(discord.now),
            gateway_url=discord.gateway_url,
            shard_ids=(shard,),
            shard_count=2,
        )


@pytest.fixture
async def two(discord: DiscordSandbox, surface_on: Surfaces) -> AsyncIterator[tuple[Process, Process]]:
    """Two processes with one shard each."""
    processes = Process(discord, surface_on, 0), Process(discord, surface_on, 1)
    for process in processes:
        await process.app.start(patience=10)
    yield processes
    for process in processes:
        await process.app.close()


def guilds(discord: DiscordSandbox) -> tuple[Guild, Guild]:
    """A guild on each of the two shards."""
    first, second = (discord.add_guild(f"guild {shard}", id=(1000 + shard) << 22) for shard in (0, 1))
    return first, second


def general(discord: DiscordSandbox, guild: Guild) -> str:
    return next(one.id for one in discord.world.channels.values() if one.guild_id == guild.id)


async def test_each_hears_its_own(discord: DiscordSandbox, two: tuple[Process, Process]) -> None:
    """What is said in a guild is heard by one process; direct messages by the one with shard 0."""
    for guild in guilds(discord):
        await discord.say("ann", general(discord, guild), f"@Parley {guild.name}")
    await discord.say("ann", "dm", "direct")
    first: list[Incoming] = await two[0].receiver.heard(2)
    second = await two[1].receiver.heard(1)
    assert [one.text for one in first] == ["guild 0", "direct"]
    assert [one.text for one in second] == ["guild 1"]


async def test_commands_are_registered_once(discord: DiscordSandbox, two: tuple[Process, Process]) -> None:
    """By the process with shard 0; the other does not even ask."""
    assert len([call for call in discord.calls if call.name == "overwrite_global_commands"]) == 1
    assert len([call for call in discord.calls if call.name == "list_global_commands"]) == 1


async def test_commands_come_to_the_guilds_process(discord: DiscordSandbox, two: tuple[Process, Process]) -> None:
    """It answers them itself."""
    for number, guild in enumerate(guilds(discord)):
        await discord.command("ann", general(discord, guild), "help")
        assert discord.messages(general(discord, guild), person="ann")[-1].content == f"I am {number}"


async def test_health_names_the_shard(discord: DiscordSandbox, two: tuple[Process, Process]) -> None:
    """When one shard is down its process says which, and the other goes on; when it is back it hears again."""
    _, second = guilds(discord)
    assert [process.app.shards_down() for process in two] == [(), ()]
    discord.gateway.refused_handshakes = 1_000
    discord.gateway.drop(shard=1)
    await discord.wait_for(lambda: not two[1].app.healthy())
    assert (two[1].app.shards_down(), two[0].app.shards_down(), two[0].app.healthy()) == ((1,), (), True)
    await discord.say("ann", "dm", "still here")
    await two[0].receiver.heard(1)
    discord.gateway.refused_handshakes = 0
    await discord.wait_for(two[1].app.healthy)
    assert two[1].app.shards_down() == ()
    await discord.say("ann", general(discord, second), "@Parley back?")
    assert (await two[1].receiver.heard(1))[-1].text == "back?"


async def test_one_process_with_both(discord: DiscordSandbox, surface_on: Surfaces) -> None:
    """Without ids a process serves all shards that Discord recommends, and is ready when each is."""
    process = Process(discord, surface_on, 0)
    discord.gateway.recommended_shards = 2
    process.app = DiscordApp(
        surface=surface_on(discord),
        receiver=process.receiver,
        clock=SandboxClock(discord.now),
        gateway_url=discord.gateway_url,
    )
    await process.app.start(patience=15)
    try:
        assert sorted(one.shard for one in discord.sessions) == [(0, 2), (1, 2)]
        for guild in guilds(discord):
            await discord.say("ann", general(discord, guild), f"@Parley {guild.name}")
        assert [one.text for one in await process.receiver.heard(2)] == ["guild 0", "guild 1"]
    finally:
        await process.app.close()
