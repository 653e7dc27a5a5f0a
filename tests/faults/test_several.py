"""Several processes on one PostgreSQL: every message has one reply, in order, whoever dies, sleeps or is exchanged."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.contract.places import Place, SlackPlace
from tests.faults.fleet import Fleet

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.parametrize("database_engine", ["postgresql"], indirect=True),
]
CROWDED = 4.0
"""Seconds that a lease lasts where hundreds of answers grow at once on a small machine."""
SLEEP = 3
"""Leases for which a process is stopped."""


@pytest.fixture(autouse=True)
def _longer(fleet: Fleet, full: bool) -> None:
    """Processes that are busy, but not dead, keep their leases."""
    fleet.lease = CROWDED if full else fleet.lease


async def crowd(fleet: Fleet, conversations: int, *, disorder: bool = True) -> None:
    """So many conversations are begun at once. Some events are delivered twice or in another order."""
    chance = random.Random(conversations)
    for _ in range(conversations):
        if disorder and chance.random() < 0.2:
            await fleet.place.again()
        if disorder and isinstance(fleet.place, SlackPlace) and chance.random() < 0.2:
            fleet.place.sandbox.faults.swap_mention()
        await fleet.ask()


async def go_on(fleet: Fleet) -> None:
    """Where an answer can be seen, another person asks something more, whether it has ended or not."""
    for asked in [one for one in fleet.asked if fleet.replies(one) and one.place_in_talk == 0]:
        await fleet.ask(after=asked)


async def some_answers(fleet: Fleet, count: int = 1) -> None:
    """Returns when so many questions show some of their answer."""
    await fleet.place.wait_for(lambda: sum(bool(fleet.replies(asked)) for asked in fleet.asked) >= count)


async def test_one_dies_and_one_sleeps(fleet: Fleet, full: bool) -> None:
    """Of three processes one is killed in the middle, and one is stopped for longer than its lease and then wakes up
    with answers that are no longer its own: what it still wants to write shows nowhere."""
    dying, sleeping, _steady = [await fleet.start() for _ in range(3)]
    await crowd(fleet, 200 if full else 9)
    await some_answers(fleet, 3)
    fleet.pause(sleeping)
    await fleet.kill(dying)
    await go_on(fleet)
    await asyncio.sleep(SLEEP * fleet.lease)  # as long as the process is stopped
    fleet.wake(sleeping)
    await fleet.judge()
    await asyncio.gather(*(fleet.stop(program) for program in list(fleet.running)))
    await fleet.judge()


async def test_two_are_exchanged_under_load(fleet: Fleet, full: bool) -> None:
    """A rolling restart: each in turn is told to stop, hands over what it is writing, and another one comes."""
    for _ in range(2):
        await fleet.start()
    rounds = 4 if full else 1
    for _ in range(rounds):
        for old in list(fleet.running):
            await crowd(fleet, 25 if full else 4, disorder=False)
            await some_answers(fleet)
            await fleet.start()
            await fleet.stop(old)
            await crowd(fleet, 3 if full else 1, disorder=False)
    await fleet.judge()


@pytest.mark.parametrize("place", ["discord"], indirect=True)
async def test_shards_are_divided(fleet: Fleet, place: Place, full: bool) -> None:
    """Two processes have a shard each. The one that hears of the guild is killed while the other answers: everything
    stored is completed by the other, which hears nothing of that guild itself."""
    shards = {"DISCORD_SHARD_COUNT": "2"}
    guild = int(place.sandbox.guild_id)  # type: ignore[attr-defined]  # Discord's, by the parameter above
    hearing = (guild >> 22) % 2
    deaf = await fleet.start(**shards, DISCORD_SHARD_IDS=str(1 - hearing))
    listening = await fleet.start(**shards, DISCORD_SHARD_IDS=str(hearing))
    await crowd(fleet, 60 if full else 8, disorder=False)
    await some_answers(fleet, 2)
    await fleet.kill(listening)
    await fleet.judge(heard_once=True)
    await fleet.stop(deaf)
