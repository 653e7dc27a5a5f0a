"""Laws of reviews: never sooner than tomorrow, later with every success, and the same for the same answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tutoring.grading import PARTLY_FROM, RIGHT_FROM
from core.tutoring.reviews import SOONEST, Grade, Review, again, first, grade_of

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)
ZONES = [UTC, *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"))]
grades = st.sampled_from(list(Grade))
remembered = st.sampled_from([Grade.HARD, Grade.GOOD, Grade.EASY])
gaps = st.timedeltas(timedelta(), timedelta(days=400))
zones = st.sampled_from(ZONES)
moments = st.timedeltas(timedelta(), timedelta(days=1_500)).map(lambda since: BEGAN + since)


def learnt(*given_then: Grade) -> tuple[Review, timedelta]:
    """The review after these answers, each given when it was due, and how long it waits."""
    now, review = BEGAN, first(BEGAN, grade=given_then[0])
    for grade in given_then[1:]:
        now, review = review.due, again(review, grade, review.due)
    return review, review.due - now


@given(now=moments, zone=zones, begun=grades, steps=st.lists(st.tuples(gaps, grades), max_size=8))
def test_a_review_is_for_another_day(
    now: datetime, zone: tzinfo, begun: Grade, steps: list[tuple[timedelta, Grade]]
) -> None:
    """At least 24 hours on, in UTC, whatever was answered when, early or late, and whatever clocks did meanwhile."""
    review = first(now.astimezone(zone), grade=begun)
    for gap, grade in steps:
        assert review.due - now >= SOONEST
        assert review.due.tzinfo is UTC
        now += gap
        review = again(review, grade, now.astimezone(zone))
    assert review.due - now >= SOONEST


@given(now=moments, grade=grades, later=gaps, then=grades)
def test_the_zone_of_the_clock_does_not_matter(now: datetime, grade: Grade, later: timedelta, then: Grade) -> None:
    """The same moment gives the same review, by whatever clock it was told."""
    reviews = {
        json.dumps([review.due.isoformat(), dict(review.document)])
        for zone in ZONES
        for review in [again(first(now.astimezone(zone), grade=grade), then, (now + later).astimezone(zone))]
    }
    assert len(reviews) == 1


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 4, 4, 12, tzinfo=ZoneInfo("Australia/Lord_Howe")),
        datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York")),
    ],
    ids=["put back", "put on", "put back by half an hour", "the second of two"],
)
def test_a_day_has_24_hours_when_clocks_change(now: datetime) -> None:
    """And the time that is kept is the one that the card says."""
    review = first(now, grade=Grade.AGAIN)
    assert review.due - now.astimezone(UTC) == timedelta(days=1)
    assert review.due.isoformat() == review.document["due"]


@given(before=st.lists(grades, min_size=1, max_size=5), times=st.integers(2, 6))
def test_success_never_makes_the_next_wait_shorter(before: list[Grade], times: int) -> None:
    """However it began. After many lapses it stays a day for a while."""
    waits = [learnt(*before, *[Grade.GOOD] * count)[1] for count in range(1, times + 1)]
    assert waits == sorted(waits)


@given(before=st.lists(remembered, min_size=1, max_size=5))
def test_success_makes_the_next_wait_longer(before: list[Grade]) -> None:
    """For somebody who never forgot it."""
    assert learnt(*before, Grade.GOOD)[1] > learnt(*before)[1]


@given(before=st.lists(grades, min_size=1, max_size=5))
def test_the_better_the_answer_the_longer_the_wait(before: list[Grade]) -> None:
    """What was forgotten comes first, and what was easy last."""
    waits = [learnt(*before, grade)[1] for grade in (Grade.AGAIN, Grade.HARD, Grade.GOOD, Grade.EASY)]
    assert waits == sorted(waits)


@given(before=st.lists(remembered, min_size=4, max_size=6))
def test_what_was_forgotten_comes_soon(before: list[Grade]) -> None:
    """Sooner than it would have come last time."""
    assert learnt(*before, Grade.AGAIN)[1] < learnt(*before)[1]


@given(answers=st.lists(grades, min_size=1, max_size=6), then=grades, later=gaps)
def test_a_review_is_the_same_after_it_was_stored(answers: list[Grade], then: Grade, later: timedelta) -> None:
    """Its document passes through JSON, and what follows is what would have followed."""
    review, _ = learnt(*answers)
    stored = replace(review, document=json.loads(json.dumps(dict(review.document))))
    assert stored == review
    assert again(stored, then, review.due + later) == again(review, then, review.due + later)


def test_the_same_answers_give_the_same_reviews() -> None:
    """No chance is in it: cards that were answered alike come up together, on every machine."""
    answers = (Grade.GOOD, Grade.GOOD, Grade.HARD, Grade.EASY)
    assert len({learnt(*answers)[0].due for _ in range(20)}) == 1


def test_a_clock_that_was_set_back_breaks_nothing() -> None:
    """An answer before the last one counts as one of the same day."""
    review = first(BEGAN, grade=Grade.GOOD)
    moved = again(review, Grade.GOOD, BEGAN - timedelta(days=3))
    assert moved.due >= BEGAN - timedelta(days=3) + SOONEST


@pytest.mark.parametrize(
    ("score", "helped", "grade"),
    [
        (1.0, False, Grade.GOOD),
        (RIGHT_FROM, False, Grade.GOOD),
        (RIGHT_FROM, True, Grade.HARD),
        (RIGHT_FROM - 0.01, False, Grade.HARD),
        (PARTLY_FROM, False, Grade.HARD),
        (PARTLY_FROM, True, Grade.AGAIN),
        (PARTLY_FROM - 0.01, False, Grade.AGAIN),
        (0.0, True, Grade.AGAIN),
    ],
)
def test_an_answer_has_a_grade(score: float, helped: bool, grade: Grade) -> None:
    """Right alone is good; right with help, or partly right alone, is hard; the rest comes again."""
    assert grade_of(score, helped=helped) is grade
