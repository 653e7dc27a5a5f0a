"""Whole sessions at random, without a model or a database: the laws that no order of messages may break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.conversation import ConversationKey, Platform
from core.incoming import ReplyTarget
from core.tutoring.deciding import applied, following, settled
from core.tutoring.grading import Grade
from core.tutoring.hearing import Heard, Intent
from core.tutoring.ladder import Rung
from core.tutoring.mastery import Kind
from core.tutoring.question import Asked, Form, Option, Purpose
from core.tutoring.session import Lesson, Objective, Question, Session, SessionState, Standing, Wanted
from core.tutoring.steps import CHECKS, DIAGNOSES, TRIES, Step, StepKind

KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="D1")
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
NUMBER = Asked(form=Form.NUMBER, text="?", number=Fraction(3), answer="3")
CHOICE = Asked(form=Form.CHOICE, text="?", options=(Option(text="a"), Option(text="b")), right=0)
TEXT = Asked(form=Form.TEXT, text="?", answer="it", criteria=("it",))
HELP = (Intent.HINT, Intent.STUCK, Intent.ANSWER)
OTHERS = [one for one in Intent if one not in (*HELP, Intent.ATTEMPT, Intent.CONTEST, Intent.PAUSE)]


class Sitting(RuleBasedStateMachine):
    """A learner who does anything, and an engine that answers with the rules alone."""

    @initialize(graded=st.booleans())
    def begin(self, graded: bool) -> None:
        wanted = Wanted(name="s", topic="s", graded=graded)
        self.now, self.number = START, 0
        self.asked_in_a_row = self.asked_because_wished = 0
        self.lesson = Lesson(
            session=Session(
                id=1,
                key=KEY,
                home="T1",
                learner="U1",
                target=ReplyTarget(key=KEY, kind="dm"),
                wanted=wanted,
                state=SessionState.ACTIVE,
                started_at=START,
                active_at=START,
            )
        )
        self.closed: dict[int, Question] = {}
        self.hear(Heard(intent=Intent.READY))

    def hear(self, heard: Heard) -> None:
        """A message, as the engine takes it."""
        self.now += timedelta(minutes=1)
        question = self.lesson.open
        settlement = settled(self.lesson, heard, self.now)
        self.lesson = applied(self.lesson, settlement, self.now)
        if not self.lesson.objectives and self.lesson.diagnosed >= DIAGNOSES and self.lesson.open is None:
            self.plan()
        about = None
        if settlement.change is not None:
            number = settlement.change.question
            known = [*self.lesson.closed, *([self.lesson.open] if self.lesson.open else [])]
            about = next(one for one in known if one.id == number)
        step = following(self.lesson, heard, about, self.now)
        self.check(heard, question, about, step)
        self.take(step, wished=heard.intent in (Intent.QUIZ, Intent.TASK))

    def plan(self) -> None:
        kinds = list(Kind)
        objectives = tuple(
            Objective(id=number + 1, position=number + 1, title=kind.value, kind=kind)
            for number, kind in enumerate(kinds)
        )
        self.lesson = replace(self.lesson, objectives=objectives)

    def check(self, heard: Heard, before: Question | None, about: Question | None, step: Step) -> None:
        """What a step may be."""
        if self.lesson.open is not None:
            assert step.kind is not StepKind.ASK, "one question at a time"
        if step.kind is StepKind.SHOW:
            assert about is not None
            assert about.tries > 0, "a try comes before the answer"
            assert not (self.lesson.session.wanted.graded and about.purpose is Purpose.TASK)
        if step.kind is StepKind.HINT:
            assert 1 <= step.rung <= Rung.EXAMPLE
        if about is not None and before is not None and about.id == before.id:
            assert about.hints <= before.hints + 1
            assert about.tries <= min(TRIES, before.tries + 1)
            if heard.intent is Intent.ATTEMPT and about.asked.form is Form.CHOICE:
                assert about.standing is Standing.ANSWERED, "a choice has one try"

    def take(self, step: Step, *, wished: bool) -> None:
        session = self.lesson.session
        if step.kind is StepKind.ASK:
            self.number += 1
            asked = CHOICE if step.choices else self.form_for(step)
            question = Question(
                id=self.number,
                turn=self.number,
                objective=step.objective,
                purpose=step.purpose or Purpose.PRACTISE,
                asked=asked,
                at=self.now,
            )
            if not wished:
                assert session.checks < CHECKS or not self.lesson.objectives, "at most two checks in a row"
            self.lesson = replace(self.lesson, open=question, session=replace(session, checks=session.checks + 1))
        elif step.kind in (StepKind.EXPLAIN, StepKind.GIVE_UP, StepKind.SHOW):
            told = tuple(
                replace(one, told_at=self.now) if one.id == step.objective else one for one in self.lesson.objectives
            )
            self.lesson = replace(self.lesson, objectives=told, session=replace(session, checks=0))
        elif step.kind is StepKind.TIME:
            self.lesson = replace(self.lesson, session=replace(session, timed=True))

    def form_for(self, step: Step) -> Asked:
        objective = self.lesson.objective(step.objective)
        return TEXT if objective is not None and objective.kind in (Kind.CONCEPT, Kind.DESIGN) else NUMBER

    # ── what a learner does ──

    @precondition(lambda self: self.lesson.open is not None)
    @rule(score=st.sampled_from([0.0, 0.5, 1.0, 1.0]))
    def try_it(self, score: float) -> None:
        wrong = "m" if score < 1 else ""
        self.hear(Heard(intent=Intent.ATTEMPT, grade=Grade(score=score, misconception=wrong), said="x"))

    @rule(intent=st.sampled_from(HELP))
    def want_help(self, intent: Intent) -> None:
        self.hear(Heard(intent=intent))

    @rule(intent=st.sampled_from(OTHERS), graded=st.booleans())
    def say(self, intent: Intent, graded: bool) -> None:
        self.hear(Heard(intent=intent, graded_work=graded))

    @precondition(lambda self: self.lesson.open is None)
    @rule(score=st.sampled_from([0.0, 1.0]), faulty=st.booleans())
    def contest(self, score: float, faulty: bool) -> None:
        before = self.lesson.last
        self.hear(Heard(intent=Intent.CONTEST, grade=None if faulty else Grade(score=score), faulty=faulty))
        after = next((one for one in self.lesson.closed if before is not None and one.id == before.id), None)
        if before is not None and after is not None:
            assert after.score >= before.score, "a second look takes nothing away"
            if before.contested:
                assert (after.score, after.standing) == (before.score, before.standing), "once"

    @rule(days=st.integers(1, 60))
    def come_back_later(self, days: int) -> None:
        self.now += timedelta(days=days)

    # ── laws ──

    @invariant()
    def what_is_closed_stays(self) -> None:
        """Graded once: neither reopened nor changed, but for a contested grade."""
        for one in self.lesson.closed:
            known = self.closed.get(one.id)
            if known is not None and not one.contested:
                assert one == known
            self.closed[one.id] = one
        assert set(self.closed) == {one.id for one in self.lesson.closed}

    @invariant()
    def nothing_is_mastered_by_help(self) -> None:
        """Each mastered objective has two right answers without any help, the last answer being one."""
        for one in self.lesson.objectives:
            if one.mastery.mastered:
                assert sum(found.unaided for found in one.evidence) >= 2
                assert one.evidence[-1].unaided
                assert one.review is not None

    @invariant()
    def a_review_is_in_the_future_of_its_answer(self) -> None:
        for one in self.lesson.objectives:
            if one.review is not None:
                answered = [question.closed_at for question in one.questions if question.closed_at is not None]
                assert one.review.due > min(answered)


Sitting.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSitting = Sitting.TestCase
