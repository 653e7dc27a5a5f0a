"""What a tutor does next: the whole of its decisions, in one table of rules. Pure.

In the order of the rules: an open question; a review that is due; the first objective that is not mastered, probed,
practised and assessed; the end. Never more than two checks in a row without something being explained.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.tutoring.grading import PARTLY_FROM
from core.tutoring.mastery import Kind
from core.tutoring.question import Purpose
from core.tutoring.session import Lesson, Objective, Question, Standing

DIAGNOSES = 2
"""Questions before there is a plan."""
CHECKS = 2
"""Questions in a row, at most."""
ASSESS_FROM = 0.6
"""The estimate from which questions are as hard as in an exam."""
TRIES = 3
"""At one question; a choice has one."""


class StepKind(StrEnum):
    """What the tutor's next message does."""

    ASK = "ask"
    EXPLAIN = "explain"
    RETRY = "retry"
    """Says what of an answer is wrong, and lets the learner try the same question again."""
    TALK = "talk"
    """Answers what the learner said, and comes back to the matter."""
    HINT = "hint"
    SHOW = "show"
    GIVE_UP = "give_up"
    WAIT = "wait"
    """Says that the question is still open."""
    RECAP = "recap"
    PAUSE = "pause"
    RESUME = "resume"
    TIME = "time"
    """The time that was set is over."""
    CARE = "care"
    """The learner needs people rather than a lesson."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do, about what, and why."""

    kind: StepKind
    objective: int | None = None
    purpose: Purpose | None = None
    """Of a question to ask."""
    rung: int = 0
    """Of a hint."""
    choices: bool = False
    """The question shall have choices."""
    why: str = ""
    """For the learner who asks, in one sentence."""


def next_step(lesson: Lesson, now: datetime) -> Step:
    """What comes next where no question is open."""
    if lesson.session.time_over(now) and not lesson.session.timed:
        return Step(kind=StepKind.TIME, why="The time that you set for this session is over.")
    if not lesson.objectives:
        return _before_the_plan(lesson)
    due = lesson.due(now)
    if due is not None and not _just_asked(lesson, due):
        return _checked(lesson, due, Purpose.REVIEW, f"It is time to review “{due.title}”.")
    objective = lesson.now
    if objective is None:
        return Step(kind=StepKind.DONE, why="Everything in the plan is mastered.")
    return _towards(lesson, objective)


def _before_the_plan(lesson: Lesson) -> Step:
    left = DIAGNOSES - lesson.diagnosed
    why = "I want to know first what you know already, so that the plan fits you."
    return Step(kind=StepKind.ASK, purpose=Purpose.DIAGNOSE, why=f"{why} {left} of {DIAGNOSES} questions are left.")


def _just_asked(lesson: Lesson, objective: Objective) -> bool:
    """A review whose answer was wrong goes on as practice, not as the same review again."""
    last = lesson.last
    return last is not None and last.purpose is Purpose.REVIEW and last.objective == objective.id


def _towards(lesson: Lesson, objective: Objective) -> Step:
    standing, last = objective.mastery, objective.last
    if last is None:
        if objective.kind is Kind.FACT and objective.told_at is None:
            return _explain(objective, f"“{objective.title}” is a fact: I tell it first, and ask later.")
        return _checked(lesson, objective, Purpose.PROBE, f"What do you know of “{objective.title}”?")
    if _needs_telling(last, objective):
        return _explain(objective, f"The last answer on “{objective.title}” showed that something is missing.")
    purpose = Purpose.ASSESS if standing.estimate >= ASSESS_FROM else Purpose.PRACTISE
    return _checked(lesson, objective, purpose, f"For “{objective.title}” I still need {standing.missing}.")


def _needs_telling(last: Question, objective: Objective) -> bool:
    """Whether the last answer missed something that was not explained since."""
    missed = last.standing is not Standing.ANSWERED or last.score < PARTLY_FROM or bool(last.misconception)
    closed_at = last.closed_at or last.at
    return missed and (objective.told_at is None or objective.told_at < closed_at)


def _checked(lesson: Lesson, objective: Objective, purpose: Purpose, why: str) -> Step:
    if lesson.session.checks >= CHECKS:
        return _explain(objective, "Two questions in a row are enough; now it is my turn to explain.")
    return Step(kind=StepKind.ASK, objective=objective.id, purpose=purpose, why=why)


def _explain(objective: Objective, why: str) -> Step:
    return Step(kind=StepKind.EXPLAIN, objective=objective.id, why=why)
