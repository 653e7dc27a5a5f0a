"""When something that was mastered comes up again: spaced repetition by FSRS (package `fsrs`). Pure.

Nothing is left to chance: the scheduler's fuzz is off, so the same answers at the same times give the same reviews.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from core.tutoring.grading import PARTLY_FROM, RIGHT_FROM

SOONEST = timedelta(days=1)
"""Within a sitting things are practised; a review is for another day."""


class Grade(StrEnum):
    """How well something was recalled."""

    AGAIN = "again"
    HARD = "hard"
    GOOD = "good"
    EASY = "easy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is kept of one objective's reviews."""

    document: Mapping[str, Any] = field(repr=False)
    """Its card, as the library writes it."""
    due: datetime
    """In UTC."""


def grade_of(score: float, *, helped: bool) -> Grade:
    """The grade of an answer."""
    if score >= RIGHT_FROM:
        return Grade.HARD if helped else Grade.GOOD
    return Grade.HARD if score >= PARTLY_FROM and not helped else Grade.AGAIN


def first(now: datetime, *, grade: Grade) -> Review:
    """The first review of what was mastered just now."""
    from fsrs import Card

    return _reviewed(Card(card_id=1, due=now.astimezone(UTC)), grade, now)


def again(review: Review, grade: Grade, now: datetime) -> Review:
    """The review after this one."""
    from fsrs import Card

    return _reviewed(Card.from_dict(dict(review.document)), grade, now)  # type: ignore[arg-type]


def _reviewed(card: Any, grade: Grade, now: datetime) -> Review:
    from fsrs import Rating

    rating = {Grade.AGAIN: Rating.Again, Grade.HARD: Rating.Hard, Grade.GOOD: Rating.Good, Grade.EASY: Rating.Easy}
    at = now.astimezone(UTC)  # a day after, on a clock that is put back, is 25 hours
    moved, _ = _scheduler().review_card(card, rating[grade], review_datetime=at)
    return Review(document=dict(moved.to_dict()), due=max(moved.due, at + SOONEST))


@lru_cache(maxsize=1)
def _scheduler() -> Any:
    from fsrs import Scheduler

    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
