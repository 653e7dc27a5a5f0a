"""Pacing keeps the time for the schedulers: grants come when and to whom they say."""

from __future__ import annotations

import asyncio

import pytest

from core.pacing import IDLE_LANES, Pacing
from core.scheduling import RETRY_MARGIN, BudgetObservation, EditBudget, Urgency
from tests.doubles import ManualClock

ONE_A_SECOND = EditBudget(name="edits", burst=1, interval=1.0)
ROUNDS = 20
"""Turns of the event loop after which everything that can happen without time passing has happened."""


async def settled() -> None:
    """Every task has come as far as it can at this time."""
    for _ in range(ROUNDS):
        await asyncio.sleep(0)


class Scene:
    """Replies that wait for one lane, and in which order they were let write."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.pacing = Pacing(self.clock)
        self.granted: list[int] = []

    def wait(
        self, reply: int, urgency: Urgency, *, written: int = 10, budget: EditBudget = ONE_A_SECOND
    ) -> asyncio.Task[None]:
        """The reply waits for its turn, writes at once and says so."""
        self.pacing.offer(budget, reply, written, urgency)

        async def write() -> None:
            await self.pacing.granted(budget, reply)
            self.granted.append(reply)
            self.pacing.done(budget, reply)

        return asyncio.create_task(write())

    async def pass_time(self, seconds: float) -> None:
        """That much time passes, and what is due happens."""
        await settled()
        self.clock.advance(seconds)
        await settled()


async def test_grants_come_in_the_order_of_the_scheduler() -> None:
    """First text before final text before growing text, one for each interval of the budget."""
    scene = Scene()
    tasks = [
        scene.wait(1, Urgency.GROWING),
        scene.wait(2, Urgency.FINAL),
        scene.wait(3, Urgency.FIRST),
    ]
    await settled()
    assert scene.granted == [3]
    await scene.pass_time(1.0)
    assert scene.granted == [3, 2]
    await scene.pass_time(1.0)
    assert scene.granted == [3, 2, 1]
    await asyncio.gather(*tasks)


async def test_nothing_is_granted_before_its_time() -> None:
    """A moment before the budget allows it, nobody has written."""
    scene = Scene()
    tasks = [scene.wait(1, Urgency.FIRST), scene.wait(2, Urgency.FIRST)]
    await scene.pass_time(0.99)
    assert len(scene.granted) == 1
    await scene.pass_time(0.02)
    assert len(scene.granted) == 2
    await asyncio.gather(*tasks)


async def test_a_waiter_that_leaves_is_forgotten() -> None:
    """Its grant goes to the next one at once, and nothing of the budget is spent on it."""
    scene = Scene()
    first = scene.wait(1, Urgency.FIRST)
    await first
    leaving, staying = scene.wait(2, Urgency.FIRST), scene.wait(3, Urgency.FINAL)
    await settled()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await scene.pass_time(1.0)
    assert scene.granted == [1, 3]
    await staying


async def test_a_grant_that_nobody_takes_any_more_costs_little() -> None:
    """Who leaves at the very moment of the grant holds nobody up for longer than one interval."""
    scene = Scene()
    leaving = scene.wait(1, Urgency.FIRST)
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    staying = scene.wait(2, Urgency.FIRST)
    await scene.pass_time(1.0)
    assert scene.granted == [2]
    await staying


async def test_a_refusal_delays_the_next_grant() -> None:
    """After the platform asked us to wait, nobody writes before that time and a margin have passed."""
    scene = Scene()
    await scene.wait(1, Urgency.FIRST)
    scene.pacing.learned("edits", BudgetObservation(retry_after=7.0))
    waiting = scene.wait(2, Urgency.FINAL)
    await scene.pass_time(7.0)
    assert scene.granted == [1]
    await scene.pass_time(RETRY_MARGIN)
    assert scene.granted == [1, 2]
    await waiting


async def test_a_refusal_reaches_those_who_wait_already() -> None:
    """It also holds for a lane that was asleep until an earlier time."""
    scene = Scene()
    await scene.wait(1, Urgency.FIRST)
    waiting = scene.wait(2, Urgency.FINAL)
    await settled()
    scene.pacing.learned("edits", BudgetObservation(retry_after=7.0))
    await scene.pass_time(3.0)
    assert scene.granted == [1]
    await scene.pass_time(4.2)
    await waiting


async def test_budgets_do_not_hold_each_other_up() -> None:
    """Each name has a lane of its own, and a refusal on one says nothing of another."""
    scene = Scene()
    other = EditBudget(name="other", burst=1, interval=1.0)
    await scene.wait(1, Urgency.FIRST)
    scene.pacing.learned("edits", BudgetObservation(retry_after=60.0))
    await asyncio.wait_for(scene.wait(1, Urgency.FIRST, budget=other), timeout=5)


async def test_what_is_learned_of_an_unknown_budget_is_let_go() -> None:
    """A platform may tell of a budget on which nobody has written yet."""
    scene = Scene()
    scene.pacing.learned("never used", BudgetObservation(retry_after=60.0))
    await asyncio.wait_for(scene.wait(1, Urgency.FIRST), timeout=5)


async def test_lanes_are_bounded() -> None:
    """However many channels there were, no more lanes are kept; those in use stay."""
    scene = Scene()
    await scene.wait(0, Urgency.FIRST)
    waiting = scene.wait(1, Urgency.FIRST)
    await settled()
    for number in range(IDLE_LANES + 50):
        budget = EditBudget(name=f"channel {number}", burst=1, interval=1.0)
        scene.pacing.offer(budget, 7, 1, Urgency.GROWING)
    assert len(scene.pacing._lanes) <= IDLE_LANES
    await scene.pass_time(1.0)
    await asyncio.wait_for(waiting, timeout=5)


@pytest.mark.parametrize("replies", [2, 12])
async def test_nobody_is_left_out(replies: int) -> None:
    """As many intervals as there are replies, and each of them has written once."""
    scene = Scene()
    tasks = [scene.wait(number, Urgency.GROWING, written=number) for number in range(1, replies + 1)]
    for _ in range(2 * replies):
        await scene.pass_time(1.0)
    assert sorted(scene.granted) == list(range(1, replies + 1))
    await asyncio.gather(*tasks)
