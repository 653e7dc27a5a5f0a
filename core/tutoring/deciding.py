"""What follows from a learner's message: what happens to the open question, and which step comes next. Pure.

Two parts, because a plan may be made between them: `settled` grades, counts and closes; `following` looks at what that
leaves and chooses the step. The store does to its rows what `applied` does to values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.tutoring.grading import RIGHT_FROM, Grade
from core.tutoring.hearing import Heard, Intent
from core.tutoring.ladder import Help, help_for, next_rung
from core.tutoring.mastery import Kind
from core.tutoring.question import Form, Purpose
from core.tutoring.reviews import Review, again, first, grade_of
from core.tutoring.session import Lesson, Objective, Question, SessionState, Standing
from core.tutoring.steps import ASSESS_FROM, TRIES, Step, StepKind, next_step

ONE_TRY = frozenset({Purpose.DIAGNOSE, Purpose.PROBE, Purpose.ASSESS, Purpose.REVIEW})
"""Questions that find out what is known: they are answered once."""
LONGEST_SAID = 2_000
Questions = Callable[[Objective], tuple[Question, ...]]
WANTS_HELP = frozenset({Intent.HINT, Intent.STUCK, Intent.ANSWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a question is from now on."""

    question: int
    standing: Standing
    hints: int
    tries: int
    score: float
    misconception: str = ""
    contested: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """When an objective is reviewed from now on."""

    objective: int
    review: Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a message has brought about."""

    change: Change | None = None
    reviews: tuple[Scheduled, ...] = ()
    state: SessionState | None = None
    graded: bool = False
    """The learner works on something that will be graded, from now on."""


def settled(lesson: Lesson, heard: Heard, now: datetime) -> Settlement:
    """What the message does to the open question, or to the one before it."""
    change = _change(lesson, heard)
    reviews = _reviews(lesson, change, now) if change is not None else ()
    state = SessionState.PAUSED if heard.intent is Intent.PAUSE else None
    return Settlement(change=change, reviews=reviews, state=state, graded=heard.graded_work and lesson.honest)


def _change(lesson: Lesson, heard: Heard) -> Change | None:
    question = lesson.open
    if question is None:
        return _contested(lesson, heard) if heard.intent is Intent.CONTEST else None
    if heard.intent in (Intent.ATTEMPT, Intent.CONTEST) and heard.grade is not None:
        return _tried(lesson, question, heard, heard.grade)
    if heard.intent in WANTS_HELP:
        return _helped(lesson, question)
    return None


def _tried(lesson: Lesson, question: Question, heard: Heard, grade: Grade) -> Change:
    tries = question.tries + 1
    over = grade.right or tries >= TRIES or question.asked.form is Form.CHOICE or question.purpose in ONE_TRY
    if _kind(lesson, question) is Kind.FACT:
        over = True  # a fact is told rather than asked for again
    standing = Standing.ANSWERED if over else Standing.OPEN
    return replace(
        _same(question),
        standing=standing,
        tries=tries,
        score=grade.score,
        misconception=grade.misconception,
        said=heard.said[:LONGEST_SAID],
    )


def _helped(lesson: Lesson, question: Question) -> Change:
    match _help(lesson, question):
        case Help.HINT:
            return replace(_same(question), hints=next_rung(question))
        case Help.SHOW:
            return replace(_same(question), standing=Standing.SHOWN)
        case Help.GIVE_UP:
            return replace(_same(question), standing=Standing.GIVEN_UP)


def _contested(lesson: Lesson, heard: Heard) -> Change | None:
    """A question may be contested once. A second look may raise a grade, and never lowers it."""
    question = lesson.last
    if question is None or question.contested or question.standing is not Standing.ANSWERED:
        return None
    if heard.faulty:
        return replace(_same(question), standing=Standing.VOID, contested=True)
    score = max(question.score, heard.grade.score if heard.grade is not None else 0.0)
    misconception = "" if score >= RIGHT_FROM else question.misconception
    return replace(_same(question), score=score, misconception=misconception, contested=True)


def _same(question: Question) -> Change:
    return Change(
        question=question.id,
        standing=question.standing,
        hints=question.hints,
        tries=question.tries,
        score=question.score,
        misconception=question.misconception,
        contested=question.contested,
        said=question.said,
    )


def _help(lesson: Lesson, question: Question) -> Help:
    return help_for(question, _kind(lesson, question), graded=lesson.session.wanted.graded)


def _kind(lesson: Lesson, question: Question) -> Kind | None:
    objective = lesson.objective(question.objective)
    return objective.kind if objective is not None else None


def _reviews(lesson: Lesson, change: Change, now: datetime) -> tuple[Scheduled, ...]:
    """An objective comes up again some time after it was mastered, and each review moves the next one."""
    question = lesson.open if lesson.open is not None and lesson.open.id == change.question else lesson.last
    if change.standing is Standing.OPEN or question is None or question.objective is None:
        return ()
    before = lesson.objective(question.objective)
    after = applied(lesson, Settlement(change=change), now).objective(question.objective)
    if before is None or after is None:
        return ()
    if before.review is None:
        return (Scheduled(objective=after.id, review=_first(change, now)),) if after.mastery.mastered else ()
    if question.purpose is not Purpose.REVIEW or question.standing is not Standing.OPEN:
        return ()
    score = change.score if change.standing is Standing.ANSWERED else 0.0
    moved = again(before.review, grade_of(score, helped=change.hints > 0), now)
    return (Scheduled(objective=after.id, review=moved),)


def _first(change: Change, now: datetime) -> Review:
    return first(now, grade=grade_of(change.score, helped=change.hints > 0))


def applied(lesson: Lesson, settlement: Settlement, now: datetime) -> Lesson:
    """The lesson after that."""
    session = lesson.session
    if settlement.state is not None:
        session = replace(session, state=settlement.state)
    if settlement.graded:
        session = replace(session, wanted=replace(session.wanted, graded=True))
    lesson = replace(lesson, session=session)
    if settlement.change is not None:
        lesson = _changed(lesson, settlement.change, now)
    reviews = {one.objective: one.review for one in settlement.reviews}
    objectives = tuple(replace(one, review=reviews.get(one.id, one.review)) for one in lesson.objectives)
    return replace(lesson, objectives=objectives)


def _changed(lesson: Lesson, change: Change, now: datetime) -> Lesson:
    question = lesson.open
    if question is not None and question.id == change.question:
        moved = _moved(question, change, closed_at=None if change.standing is Standing.OPEN else now)
        if change.standing is Standing.OPEN:
            return replace(lesson, open=moved)
        lesson = replace(lesson, open=None)
        if lesson.objective(question.objective) is None:
            return replace(lesson, others=(*lesson.others, moved))
        return _with(lesson, lambda one: (*one.questions, moved) if one.id == question.objective else one.questions)
    return _with(
        replace(lesson, others=tuple(_again(one, change) for one in lesson.others)),
        lambda one: tuple(_again(question, change) for question in one.questions),
    )


def _with(lesson: Lesson, questions: Questions) -> Lesson:
    return replace(lesson, objectives=tuple(replace(one, questions=questions(one)) for one in lesson.objectives))


def _again(question: Question, change: Change) -> Question:
    return _moved(question, change, closed_at=question.closed_at) if question.id == change.question else question


def _moved(question: Question, change: Change, *, closed_at: datetime | None) -> Question:
    return replace(
        question,
        standing=change.standing,
        hints=change.hints,
        tries=change.tries,
        score=change.score,
        misconception=change.misconception,
        contested=change.contested,
        said=change.said,
        closed_at=closed_at,
    )


# ── the step ──


def following(lesson: Lesson, heard: Heard, about: Question | None, now: datetime) -> Step:
    """What the tutor does now, in the lesson as the settlement has left it; `about` is the question that it changed, as
    it is now."""
    match heard.intent:
        case Intent.DISTRESS:
            return Step(kind=StepKind.CARE, why="This is about you, not about the lesson.")
        case Intent.PAUSE:
            return Step(kind=StepKind.PAUSE, why="You wanted to pause.")
        case Intent.RECAP:
            return Step(kind=StepKind.RECAP, why="You asked what we have done so far.")
        case _:
            pass
    if lesson.open is not None:
        return _while_open(lesson, lesson.open, heard)
    if about is not None and heard.intent in WANTS_HELP:
        return _given_up(about)
    return _while_none_is_open(lesson, heard, now)


def _while_open(lesson: Lesson, question: Question, heard: Heard) -> Step:
    about = question.objective
    match heard.intent:
        case Intent.ATTEMPT | Intent.CONTEST if heard.grade is not None:
            return Step(kind=StepKind.RETRY, objective=about, why="The answer is not right yet, so you try it again.")
        case Intent.HINT | Intent.STUCK | Intent.ANSWER:
            return Step(kind=StepKind.HINT, objective=about, rung=question.hints, why="You asked for help.")
        case Intent.DIFFERENTLY if lesson.objective(about) is not None:
            return Step(kind=StepKind.EXPLAIN, objective=about, why="You wanted it explained differently.")
        case Intent.RESUME | Intent.READY | Intent.QUIZ:
            return Step(kind=StepKind.WAIT, objective=about, why="A question is still open.")
        case _:
            return Step(kind=StepKind.TALK, objective=about, why="You said something else; the question is still open.")


def _given_up(question: Question) -> Step:
    if question.standing is Standing.SHOWN:
        return Step(kind=StepKind.SHOW, objective=question.objective, why="You have tried, and had every hint.")
    return Step(kind=StepKind.GIVE_UP, objective=question.objective, why="The hints are used up, so we leave it.")


def _while_none_is_open(lesson: Lesson, heard: Heard, now: datetime) -> Step:
    objective = lesson.now
    match heard.intent:
        case Intent.TASK:
            return Step(kind=StepKind.ASK, purpose=Purpose.TASK, why="This is the task that you brought.")
        case Intent.DIFFERENTLY | Intent.HINT | Intent.STUCK | Intent.ANSWER if objective is not None:
            about = _talked_of(lesson) or objective
            return Step(kind=StepKind.EXPLAIN, objective=about.id, why="You wanted it explained.")
        case Intent.QUIZ if objective is not None:
            about = lesson.due(now) or objective
            return Step(
                kind=StepKind.ASK, objective=about.id, purpose=_asked_for(about), choices=True, why="You wanted a quiz."
            )
        case Intent.ASK | Intent.TALK | Intent.PLAN:
            return Step(
                kind=StepKind.TALK, objective=objective.id if objective else None, why="You said something else."
            )
        case _:
            return next_step(lesson, now)


def _talked_of(lesson: Lesson) -> Objective | None:
    """The objective that was explained last, as long as nothing was asked since."""
    told = [(one.told_at, one) for one in lesson.objectives if one.told_at is not None]
    return max(told, key=lambda found: found[0], default=(None, None))[1]


def _asked_for(objective: Objective) -> Purpose:
    return Purpose.ASSESS if objective.mastery.estimate >= ASSESS_FROM else Purpose.PRACTISE
