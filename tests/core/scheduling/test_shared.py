"""Processes that share a budget stay within it together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.scheduling import BudgetObservation, Edit, EditBudget, EditScheduler, Urgency, Wait

STEP = 0.05
ROUNDING = 1e-6


def greedy(budget: EditBudget, owners: int, seconds: float, pauses: list[int]) -> list[float]:
    """When each write is made by that many processes, each of which always has more to say."""
    schedulers = [EditScheduler(budget, now=0.0) for _ in range(owners)]
    written, writes = 0, []
    for scheduler in schedulers:
        scheduler.shared(owners)
    for tick in range(int(seconds / STEP)):
        now = tick * STEP
        for number, scheduler in enumerate(schedulers):
            if pauses and (tick + number) % len(pauses) < pauses[(tick + number) % len(pauses)]:
                continue
            written += 10
            scheduler.offer(1, written, now, urgency=Urgency.FINAL)
            if isinstance(scheduler.next(now), Edit):
                writes.append(now)
                scheduler.done(1, now)
    return writes


@given(
    owners=st.integers(min_value=1, max_value=6),
    burst=st.integers(min_value=1, max_value=12),
    interval=st.sampled_from([0.2, 0.6, 1.0, 1.2]),
    pauses=st.lists(st.integers(min_value=0, max_value=20), max_size=20),
)
def test_together_they_stay_within_the_budget(owners: int, burst: int, interval: float, pauses: list[int]) -> None:
    """However many processes write as fast as their parts allow, no window holds more than the whole budget; where
    there are more processes than writes, the mean over many windows does not."""
    budget = EditBudget(name="any", burst=burst, interval=interval)
    window = burst * interval
    seconds = 6 * window * owners
    writes = greedy(budget, owners, seconds, pauses)
    if owners <= burst:
        for index, first in enumerate(writes):
            assert sum(1 for time in writes[index:] if time < first + window - ROUNDING) <= burst
    assert len(writes) <= burst * (seconds / window) + max(burst, owners)


def test_nobody_is_left_without_a_part() -> None:
    """With more processes than the budget has writes, each still writes now and then."""
    assert len(greedy(EditBudget(name="any", burst=2, interval=1.0), 5, 30.0, [])) >= 5


def test_alone_again_the_whole_budget_is_ours() -> None:
    """When the others have ended, the pace is what it was before they came."""
    scheduler = EditScheduler(EditBudget(name="any", burst=4, interval=1.0), now=0.0)
    scheduler.shared(4)
    scheduler.offer(1, 10, 0.0, urgency=Urgency.FINAL)
    assert isinstance(scheduler.next(0.0), Edit)
    scheduler.done(1, 0.0)
    scheduler.offer(1, 20, 0.1, urgency=Urgency.FINAL)
    assert isinstance(scheduler.next(0.1), Wait)
    scheduler.shared(1)
    assert isinstance(scheduler.next(0.1), Edit)


def test_what_others_leave_free_is_not_ours() -> None:
    """The platform says that much is left, but the other process may be about to use it."""
    scheduler = EditScheduler(EditBudget(name="any", burst=4, interval=1.0), now=0.0)
    scheduler.shared(4)
    scheduler.offer(1, 10, 0.0, urgency=Urgency.FINAL)
    assert isinstance(scheduler.next(0.0), Edit)
    scheduler.done(1, 0.0)
    scheduler.learned(BudgetObservation(remaining=3, reset_after=4.0, burst=4), 0.1)
    scheduler.offer(1, 20, 0.1, urgency=Urgency.FINAL)
    assert isinstance(scheduler.next(0.1), Wait)
