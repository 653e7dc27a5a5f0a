"""Where pieces come slowly a write waits a moment for the next; and after a first text the first edit comes early."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scheduling import Edit, EditBudget, EditScheduler, Urgency, Wait
from core.scheduling.rhythm import LATE_BY, SLOW_FROM, Rhythm
from core.scheduling.scheduler import FIRST_GAP

EVENLY = EditBudget(name="any", burst=1, interval=1.0)


def steady(pace: float, pieces: int) -> tuple[Rhythm, float]:
    """That many pieces, each as long after the last one; and when the last one came."""
    rhythm = Rhythm()
    for number in range(pieces):
        rhythm.came(number * pace, awaited=number > 0)
    return rhythm, (pieces - 1) * pace


@given(pace=st.floats(0.0, 5.0), pieces=st.integers(0, 30), later=st.floats(0.0, 20.0))
def test_nobody_is_waited_for_longer_than_half_a_pace(pace: float, pieces: int, later: float) -> None:
    """Nor where the next piece is overdue or the pace is not known, whatever came before."""
    rhythm, last = steady(pace, pieces)
    now = max(0.0, last) + later
    wait = rhythm.worth_waiting_until(now) - now
    assert 0.0 <= wait <= pace * (0.5 + LATE_BY) + 1e-9
    if later > pace * (1 + LATE_BY) or pieces < 4 or pace < SLOW_FROM / 2:
        assert wait == 0.0


def test_the_next_piece_is_waited_for_when_it_is_near() -> None:
    """At ten pieces a second a write that is due 60 ms after the last one takes the next one along."""
    rhythm, last = steady(0.1, 8)
    assert rhythm.worth_waiting_until(last + 0.06) == pytest.approx(last + 0.11)
    assert rhythm.worth_waiting_until(last + 0.04) == last + 0.04


def test_what_came_during_a_flight_says_nothing_of_the_pace() -> None:
    """Pieces that are offered after long flights only leave the pace unknown."""
    rhythm = Rhythm()
    for number in range(20):
        rhythm.came(number * 0.5, awaited=False)
    assert rhythm.worth_waiting_until(9.8) == 9.8


def test_a_held_write_goes_with_the_piece_it_waits_for() -> None:
    """The piece that comes says that there is a new decision; and the decision is to write."""
    scheduler = _grown(9)
    assert waits_until(scheduler, 1.06) == pytest.approx(1.11)
    assert scheduler.offer(1, 44, 1.1, urgency=Urgency.GROWING)
    assert scheduler.next(1.1) == Edit(1)


def test_a_held_write_goes_in_time_when_the_piece_does_not_come() -> None:
    """A tenth of a pace after it was due."""
    scheduler = _grown(9)
    assert waits_until(scheduler, 1.06) == pytest.approx(1.11)
    assert scheduler.next(1.1101) == Edit(1)


def test_the_last_text_is_never_held() -> None:
    """There is nothing to wait for."""
    scheduler = _grown(9)
    scheduler.offer(1, 40, 1.06, urgency=Urgency.FINAL)
    assert scheduler.next(1.06) == Edit(1)


def test_nobody_is_held_for_a_piece_while_others_could_write() -> None:
    """Of two that are ready one writes."""
    scheduler = _grown(9)
    scheduler.offer(2, 10, 0.5, urgency=Urgency.GROWING, shown=0)
    assert isinstance(scheduler.next(1.06), Edit)


def test_the_first_edit_after_a_first_text_comes_early() -> None:
    """The first text was written on another budget, so of the first gap only a part is waited for."""
    scheduler = EditScheduler(EVENLY, now=0.0)
    scheduler.offer(1, 400, 10.0, urgency=Urgency.GROWING)
    assert waits_until(scheduler, 10.0) == pytest.approx(10.0 + FIRST_GAP, abs=0.01)
    scheduler.offer(1, 500, 10.5, urgency=Urgency.GROWING)
    assert scheduler.next(10.5) == Edit(1)


def waits_until(scheduler: EditScheduler, now: float) -> float | None:
    """Nobody may write now; and when somebody may."""
    decision = scheduler.next(now)
    assert isinstance(decision, Wait)
    return decision.until


def _grown(pieces: int) -> EditScheduler:
    """One reply that gets a piece each 100 ms, and whose edit is due at the latest after one second."""
    scheduler = EditScheduler(EVENLY, now=0.0)
    for number in range(1, pieces + 2):
        scheduler.offer(1, number * 4, number * 0.1, urgency=Urgency.GROWING)
    return scheduler
