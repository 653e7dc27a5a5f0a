"""kill -9 at every point of an answer's life: each message that was stored has one whole reply in the end (law 3)."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.contract.places import DiscordPlace, SlackPlace
from tests.faults.fleet import Asked, Fleet
from tests.faults.points import POINTS, Point

FEW = (3, 9)
"""The points of a plain run: after the first post, and after the final edit."""
ROUNDS = 2
"""How often each point is tried with all kills."""


def forgive(fleet: Fleet) -> None:
    """Nothing goes wrong any more by itself."""
    assert isinstance(fleet.place, SlackPlace | DiscordPlace)
    fleet.place.sandbox.faults.clear()


async def killed_at(fleet: Fleet, point: Point) -> None:
    """Somebody asks, the process is killed at that point, and another one is there."""
    reached = point.arm(fleet)
    await fleet.ask(direct=point.direct, slow=point.slow)
    async with asyncio.timeout(30):
        await reached.wait()
    await fleet.kill(fleet.running[0])
    forgive(fleet)
    await fleet.start()


@pytest.mark.timeout(600)
async def test_killed_at_each_point(fleet: Fleet, full: bool) -> None:
    """The next process completes the reply in the same message; what was never stored is answered by nobody."""
    await fleet.start()
    for point in POINTS * ROUNDS if full else [POINTS[index] for index in FEW]:
        await killed_at(fleet, point)
        await fleet.judge(heard_once=True)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(4))
async def test_killed_at_random(fleet: Fleet, full: bool, seed: int) -> None:
    """Several conversations at once, with follow-ups by other people, and kills at random moments."""
    if not full and seed:
        pytest.skip("with --kills=full")
    chance = random.Random(seed)
    await fleet.start()
    for lives in range(12 if full else 2):
        for _ in range(chance.randint(1, 3)):
            heard = [asked for asked in fleet.asked if fleet.goes_on(asked)]
            earlier = chance.choice(heard) if heard and chance.random() < 0.4 else None
            await fleet.ask(after=last_of(fleet, earlier))
        await asyncio.sleep(chance.uniform(0.0, 1.5))  # the random moment itself, not a wait for anything
        await fleet.kill(fleet.running[0])
        await fleet.start()
        if lives % 3 == 2:  # an answer survives so many kills; after five it would be given up
            await fleet.judge(heard_once=True)
    await fleet.judge(heard_once=True)


def last_of(fleet: Fleet, asked: Asked | None) -> Asked | None:
    """The last question of the same conversation."""
    if asked is None:
        return None
    return next(one for one in reversed(fleet.asked) if one.talk is asked.talk)
