"""What people read about limits: which one, how much of it, and when there is more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.moments import moment
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.window import Window
from core.quota.words import nearly_reached, reached, warning

ENDS = datetime(2026, 11, 21, tzinfo=UTC)
DAY = Window(begins=datetime(2026, 11, 20, tzinfo=UTC), ends=ENDS)


def limit(amount: int, *, measure: Measure = Measure.TOKENS, sliding: bool = False) -> Limit:
    subject = Subject(kind=SubjectKind.EACH_USER)
    return Limit(subject=subject, measure=measure, period=Period.DAY, amount=amount, sliding=sliding)


def test_a_reached_limit_is_named_with_the_time_when_it_begins_anew() -> None:
    """The time is a mark, which the platform shows in the reader's own zone."""
    text = reached(limit(20_000), 20_000, DAY, "USD")
    assert text == f"The limit of 20,000 tokens a day for each user is reached. It begins anew {moment(ENDS)}."


def test_a_question_that_needs_more_than_is_left_is_told_both_figures() -> None:
    """So that a shorter one can be tried."""
    text = reached(limit(20_000), 19_000, DAY, "USD", needed=1_200)
    assert text == (
        "This could take 1,200 tokens, and of the limit of 20,000 tokens a day for each user 1,000 tokens are left. "
        f"It begins anew {moment(ENDS)}."
    )
    money = reached(limit(2 * 10**9, measure=Measure.COST), 10**9, DAY, "EUR", needed=15 * 10**8)
    assert "EUR 1.00 is left" in money


def test_a_question_that_can_never_fit_is_not_told_to_wait() -> None:
    """Waiting would not help, so no time is named."""
    text = reached(limit(1_000), 0, DAY, "USD", needed=5_000)
    assert text == (
        "This could take 5,000 tokens, and the limit is 1,000 tokens a day for each user. "
        "A shorter question, or a new conversation, may fit."
    )


def test_a_limit_of_nothing_is_told_as_such() -> None:
    """Neither a time nor a part of nothing is named."""
    assert reached(limit(0), 0, DAY, "USD", needed=5) == (
        "I cannot answer this: the limit is 0 tokens a day for each user. An admin can change that."
    )
    with pytest.raises(ValueError, match="nothing"):
        warning(limit(0), 0, DAY, "USD")


def test_a_sliding_limit_comes_back_bit_by_bit() -> None:
    """It never begins anew as a whole."""
    text = reached(limit(5, sliding=True), 5, DAY, "USD")
    assert "in any 24 hours" in text
    assert text.endswith(f"What was spent first comes back bit by bit, from {moment(ENDS)} at the earliest.")


def test_the_warning_names_the_part_that_is_used() -> None:
    """In percent, rounded down, and as it is counted."""
    text = warning(limit(20_000), 16_399, DAY, "USD")
    assert text == (
        f"81 % of the limit of 20,000 tokens a day for each user is used: 16,399 tokens. It begins anew {moment(ENDS)}."
    )


@given(amount=st.integers(0, 10**18), steps=st.lists(st.integers(0, 10**17), max_size=30))
def test_people_are_warned_once_and_from_four_fifths_on(amount: int, steps: list[int]) -> None:
    """However use grows within a window."""
    used, warned = 0, 0
    for step in steps:
        warned += nearly_reached(limit(amount), used, used + step)
        used += step
    assert warned == (amount > 0 and used * 100 >= amount * 80)
