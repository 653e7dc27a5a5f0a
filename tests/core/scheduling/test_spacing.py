"""How far apart growing text is written, and what is learned of how long answers are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scheduling import Lengths
from core.scheduling.spacing import LONGEST_GAP, spacing


def forever(seconds: float) -> float:
    """An answer without end."""
    return 1.0


def test_an_answer_without_end_is_written_evenly() -> None:
    """A whole budget is spread over its window."""
    assert spacing([forever], 10, [], interval=1.2, window=12.0) == pytest.approx(1.2)


def test_what_surely_ends_soon_gets_the_burst_soon() -> None:
    """Nothing is left for afterwards where there is no afterwards."""
    assert spacing([lambda t: 1.0 if t < 3.0 else 0.0], 10, [], interval=1.2, window=12.0) == pytest.approx(0.3)


def test_the_density_goes_with_the_root_of_the_probability() -> None:
    """With a quarter of a chance to be there later, half as many writes are kept for later."""
    gap = spacing([lambda t: 1.0 if t < 6.0 else 0.25], 9, [], interval=1.0, window=12.0)
    assert 6.0 / gap + 6.0 / (2 * gap) == pytest.approx(9)


def test_what_comes_back_late_is_not_spent_early() -> None:
    """One write that is free until the others return is not followed by a freeze."""
    assert spacing([forever], 1, [8.0, 8.1, 8.2], interval=2.0, window=8.0) > 2.0


def test_the_longest_lived_of_several_counts() -> None:
    """One answer that goes on needs its writes whatever the others do."""
    both = spacing([lambda t: 0.0, forever], 5, [], interval=1.0, window=5.0)
    assert both == spacing([forever], 5, [], interval=1.0, window=5.0)


@given(
    st.integers(1, 20),
    st.lists(st.floats(0.0, 12.0), max_size=20).map(sorted),
    st.floats(0.01, 5.0),
    st.floats(0.01, 50.0),
)
def test_a_gap_is_never_negative_nor_too_long(free: int, returning: list[float], interval: float, life: float) -> None:
    """Whatever is free and comes back when, the next write is at most so far away."""
    gap = spacing([lambda t: math.exp(-t / life)], free, returning, interval=interval, window=12.0)
    assert 0.0 <= gap <= interval * LONGEST_GAP + 1e-9


@given(st.lists(st.integers(1, 100_000), max_size=300), st.floats(0, 200_000), st.floats(0, 200_000))
def test_longer_is_never_likelier(seen: list[int], one: float, other: float) -> None:
    """The share beyond a length falls with it and is never none, whatever was seen."""
    lengths = Lengths()
    for characters in seen:
        lengths.ended(characters)
    short, long = sorted((one, other))
    assert 1.0 >= lengths.beyond(short) >= lengths.beyond(long) > 0.0


def test_the_last_answers_count_most() -> None:
    """After many short answers a long one is unexpected, and after many long ones it is not."""
    lengths = Lengths()
    for _ in range(500):
        lengths.ended(200)
    assert lengths.beyond(1_000) < 0.12
    for _ in range(500):
        lengths.ended(9_000)
    assert lengths.beyond(1_000) > 0.9
