"""Which reply writes next, and when."""

import itertools
import time

import pytest

from core.scheduling import RETRY_MARGIN, BudgetObservation, Edit, EditBudget, EditScheduler, Urgency, Wait

ONE_A_SECOND = EditBudget(name="edits", burst=1, interval=1.0)
DISCORD = EditBudget(name="discord", burst=5, interval=1.0)


def scheduler(budget: EditBudget = ONE_A_SECOND) -> EditScheduler:
    """One that has not written yet."""
    return EditScheduler(budget, now=0.0)


def until(decision: Edit | Wait) -> float:
    """For when to wait."""
    assert isinstance(decision, Wait)
    assert decision.until is not None
    return decision.until


def lone_stream(made: EditScheduler, *, speed: float, seconds: float, latency: float = 0.1) -> list[float]:
    """When a reply that nobody disturbs is written, its first text being shown elsewhere."""
    moments: list[float] = []
    now = 0.0
    while now < seconds:
        made.offer(1, round(now * speed), now, urgency=Urgency.GROWING)
        decision = made.next(now)
        if isinstance(decision, Edit):
            moments.append(now)
            made.done(1, now + latency)
            now += latency
        else:
            now = min(max(now + 0.02, decision.until or 0.0), now + 0.02)
    return moments


def test_first_then_final_then_growing() -> None:
    """Somebody with nothing to read comes first, and a complete text before one that goes on."""
    made = scheduler()
    made.offer(1, 500, 0.0, urgency=Urgency.GROWING)
    made.offer(2, 50, 0.0, urgency=Urgency.FINAL)
    made.offer(3, 5, 0.0, urgency=Urgency.FIRST)
    order = []
    for second in (0.0, 1.0, 2.0):
        decision = made.next(second)
        assert isinstance(decision, Edit)
        order.append(decision.reply)
        made.done(decision.reply, second)
    assert order == [3, 2, 1]


def test_a_final_text_that_waited_too_long_goes_before_first_texts() -> None:
    """First texts that never end hold up nobody's end for ever."""
    made = scheduler()
    made.offer(1, 50, 0.0, urgency=Urgency.FINAL)
    made.offer(2, 5, 29.0, urgency=Urgency.FIRST)
    assert made.next(30.0) == Edit(1)


def test_the_largest_waiting_goes_first() -> None:
    """Characters count as much as the time for which they have waited."""
    made = scheduler()
    made.offer(1, 100, 0.0, urgency=Urgency.GROWING, shown=0)
    made.offer(2, 10, 0.0, urgency=Urgency.GROWING, shown=0)
    made.offer(3, 400, 2.0, urgency=Urgency.GROWING, shown=0)
    assert made.next(2.2) == Edit(1)
    made.done(1, 2.2)
    assert made.next(3.3) == Edit(3)


def test_what_another_budget_showed_does_not_wait() -> None:
    """A reply that comes from the budget of first texts brings only what is new."""
    made = scheduler()
    made.offer(1, 2_000, 0.0, urgency=Urgency.GROWING)
    made.offer(2, 100, 0.0, urgency=Urgency.GROWING)
    made.offer(1, 2_010, 1.0, urgency=Urgency.GROWING)
    made.offer(2, 150, 1.0, urgency=Urgency.GROWING)
    assert made.next(2.0) == Edit(2)


def test_one_write_of_a_reply_at_a_time() -> None:
    """However much text comes, and however urgent it is."""
    made = scheduler(DISCORD)
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    assert made.next(0.0) == Edit(1)
    made.offer(1, 500, 0.1, urgency=Urgency.FINAL)
    assert made.next(0.1) == Wait(None)
    made.done(1, 0.2)
    assert made.next(0.2) == Edit(1)


def test_what_failed_still_waits() -> None:
    """A write that nobody saw leaves its text waiting since it arrived."""
    made = scheduler(DISCORD)
    made.offer(1, 100, 0.0, urgency=Urgency.FIRST)
    made.next(0.0)
    made.failed(1, 1.0)
    made.offer(1, 100, 1.0, urgency=Urgency.GROWING)
    made.offer(2, 90, 1.0, urgency=Urgency.GROWING)
    assert made.next(5.0) == Edit(1)


def test_nothing_to_do() -> None:
    """Without an offer there is nothing to wait for, and a forgotten reply is not served."""
    made = scheduler()
    assert made.next(0.0) == Wait(None)
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    made.forget(1)
    assert made.next(0.0) == Wait(None)


def test_a_forgotten_write_counts() -> None:
    """Nobody knows whether the platform saw it."""
    made = scheduler()
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    assert made.next(0.0) == Edit(1)
    made.forget(1)
    made.offer(2, 10, 0.5, urgency=Urgency.FIRST)
    assert until(made.next(0.5)) == pytest.approx(1.0)


def test_offers_say_whether_the_decision_may_change() -> None:
    """So that a lane need not wake for each token."""
    made = scheduler()
    assert made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    assert not made.offer(1, 20, 0.1, urgency=Urgency.FIRST)
    assert made.offer(1, 20, 0.2, urgency=Urgency.FINAL)


@pytest.mark.parametrize("speed", [40.0, 200.0, 800.0])
def test_no_burst_is_followed_by_a_freeze(speed: float) -> None:
    """A lone stream spends a little early, and its gaps stay near the interval."""
    moments = lone_stream(scheduler(DISCORD), speed=speed, seconds=30.0)
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert max(gaps) < 2.2
    assert sum(gap * gap for gap in gaps[10:]) / sum(gaps[10:]) < 1.15


def test_a_fast_answer_is_written_more_densely() -> None:
    """It will probably end before the budget does."""
    slack = EditBudget(name="chat.update", burst=10, interval=1.2)
    fast = lone_stream(scheduler(slack), speed=800.0, seconds=3.5)
    slow = lone_stream(scheduler(slack), speed=40.0, seconds=3.5)
    assert len(fast) >= len(slow) + 2


def test_a_refusal_stops_all() -> None:
    """As long as the platform said, and a margin longer; then the pace is slower and recovers."""
    made = scheduler(DISCORD)
    made.learned(BudgetObservation(retry_after=7.0), 0.0)
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    assert until(made.next(0.0)) == pytest.approx(7.0 + RETRY_MARGIN)
    assert made.next(7.0 + RETRY_MARGIN) == Edit(1)


def test_refusals_without_figures_double_the_pause() -> None:
    """Up to a cap; the first success ends that."""
    made = scheduler()
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    now, pauses = 0.0, []
    for _ in range(8):
        made.learned(BudgetObservation(), now)
        pauses.append(until(made.next(now)) - now)
        now += pauses[-1]
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60])


def test_the_pace_recovers_after_refusals() -> None:
    """Eight times slower at most, and as fast as before after some writes that succeeded."""
    made = scheduler()
    for _ in range(6):
        made.learned(BudgetObservation(retry_after=0.0), 0.0)
    now, gaps = 10.0, []
    for number in range(40):
        made.offer(1, number, now, urgency=Urgency.FINAL)
        while isinstance(decision := made.next(now), Wait):
            assert decision.until is not None
            now = decision.until
        gaps.append(now)
        made.done(1, now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(gaps)]
    assert 5 < gaps[0] <= 8
    assert gaps[-1] == pytest.approx(1.0)


def test_headers_take_away_what_others_used() -> None:
    """Another process wrote in this channel too: what the platform says is left counts."""
    made = scheduler(DISCORD)
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    made.next(0.0)
    made.learned(BudgetObservation(remaining=0, reset_after=4.0, burst=5), 0.1)
    made.done(1, 0.1)
    made.offer(1, 20, 0.2, urgency=Urgency.FINAL)
    assert until(made.next(0.2)) == pytest.approx(4.1)


def test_headers_give_back_what_a_fresh_window_allows() -> None:
    """When the platform says that four of five are left, four may be written at once."""
    made = scheduler(DISCORD)
    for reply in range(5):
        made.offer(reply, 10, 0.0, urgency=Urgency.FIRST)
        assert isinstance(made.next(0.0), Edit)
    for reply in range(5):
        made.done(reply, 0.1)
    made.learned(BudgetObservation(remaining=4, reset_after=4.9, burst=5), 1.0)
    for reply in range(6):
        made.offer(reply, 20, 1.0, urgency=Urgency.FINAL)
    granted = 0
    while isinstance(made.next(1.0), Edit):
        granted += 1
    assert granted == 4


def test_the_budget_is_as_large_as_the_platform_says() -> None:
    """Size and window are learned from the first answer of a window."""
    made = scheduler(DISCORD)
    made.offer(1, 10, 0.0, urgency=Urgency.FIRST)
    made.next(0.0)
    made.learned(BudgetObservation(remaining=1, reset_after=20.0, burst=2), 0.0)
    made.done(1, 0.0)
    made.offer(1, 20, 0.0, urgency=Urgency.FINAL)
    assert made.next(0.0) == Edit(1)
    made.done(1, 0.0)
    made.offer(1, 30, 0.0, urgency=Urgency.FINAL)
    assert until(made.next(0.0)) == pytest.approx(20.0)


def test_an_offer_costs_the_same_however_long_the_text_is() -> None:
    """Nor does it matter how many others wait."""

    def spent(length: int, others: int) -> float:
        made = scheduler(DISCORD)
        for reply in range(others):
            made.offer(reply, 10, 0.0, urgency=Urgency.FIRST)
        began = time.process_time()
        for step in range(20_000):
            made.offer(others, length + step, step / 1000, urgency=Urgency.FIRST)
        return time.process_time() - began

    assert spent(1_000_000, 5_000) < 0.1 + 4 * spent(1_000, 1)
