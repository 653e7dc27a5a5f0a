"""A course: what an admin gave a channel to learn. Pure values, and what an admin may see of those who learn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.tutoring.plan import Aim
from core.tutoring.session import Lesson
from core.tutoring.teachers import Level, Subject

SMALLEST_GROUP = 5
"""People below which nothing is said of them: in a smaller group everybody knows who is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What members of a channel learn."""

    id: int
    title: str
    level: Level
    subject: Subject
    aims: tuple[Aim, ...]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far all learners of a course are with one objective."""

    title: str
    mastered: int
    begun: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """What an admin sees: counts, and no names."""

    learners: int
    standings: tuple[Standing, ...]


def class_of(course: Course, lessons: Sequence[Lesson]) -> Class | None:
    """How far the course's learners are; None where there are too few of them. Each learner counts once, with the
    session in which they are furthest. Counts below five are told as none, and so are those that leave fewer than five
    others."""
    furthest: dict[str, Lesson] = {}
    for lesson in lessons:
        known = furthest.get(lesson.session.learner)
        if known is None or lesson.mastered > known.mastered:
            furthest[lesson.session.learner] = lesson
    if len(furthest) < SMALLEST_GROUP:
        return None
    return Class(
        learners=len(furthest),
        standings=tuple(_standing(aim, list(furthest.values())) for aim in course.aims),
    )


def _standing(aim: Aim, lessons: Sequence[Lesson]) -> Standing:
    found = [one for lesson in lessons for one in lesson.objectives if one.title == aim.title]
    mastered = sum(one.mastery.mastered for one in found)
    begun = sum(bool(one.questions) for one in found)
    return Standing(title=aim.title, mastered=_told(mastered, len(lessons)), begun=_told(begun, len(lessons)))


def _told(count: int, learners: int) -> int:
    """-1 where the count would point at few people; all of them is no secret of anybody."""
    if count in (0, learners):
        return count
    return count if count >= SMALLEST_GROUP and learners - count >= SMALLEST_GROUP else -1
