"""A tutoring session: one learner, one topic, in that learner's direct messages. Pure values.

What was answered is the only thing from which progress is read: an objective holds the questions that were closed on
it, and its mastery follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.conversation import ConversationKey
from core.incoming import ReplyTarget
from core.turn import MessageRef
from core.tutoring.mastery import Evidence, Kind, Mastery, mastery
from core.tutoring.question import Asked, Purpose
from core.tutoring.reviews import Review
from core.tutoring.teachers import Level, Subject

LONGEST_TOPIC = 200
LONGEST_NAME = 60
LONGEST_GOAL = 500
LONGEST_NOTE = 1_500
LONGEST_LANGUAGE = 40
LEAST_MINUTES, MOST_MINUTES = 5, 240


class SessionState(StrEnum):
    """Whether a session goes on. In one conversation at most one does."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Standing(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"
    """Graded, once."""
    SHOWN = "shown"
    """Its answer was shown: it counts as not known."""
    GIVEN_UP = "given_up"
    VOID = "void"
    """It was faulty, and counts for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants of a new session."""

    name: str
    topic: str
    level: Level = Level.ADULT
    subject: Subject = Subject.FACTS
    goal: str = ""
    language: str = ""
    """Empty: the one in which the learner writes."""
    minutes: int = 0
    """The time box; 0 without one."""
    graded: bool = False
    """The learner works on something that will be graded, so nothing of it is solved for them."""
    course: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session."""

    id: int
    key: ConversationKey
    """The conversation in which it is held."""
    home: str
    """The workspace where it was begun; on Discord not that of direct messages."""
    learner: str
    """The platform's id."""
    target: ReplyTarget
    """Where the tutor speaks."""
    wanted: Wanted
    state: SessionState
    started_at: datetime
    active_at: datetime
    """When the learner last did something in it."""
    checks: int = 0
    """Questions in a row, without anything being explained between them."""
    timed: bool = False
    """The learner was told that the time is over."""
    card: MessageRef | None = None
    """The message that shows the plan."""
    resumed_at: datetime | None = None

    @property
    def name(self) -> str:
        """What the learner calls it."""
        return self.wanted.name

    def time_over(self, now: datetime) -> bool:
        """Whether the time that was set for a sitting is over."""
        begun = self.resumed_at or self.started_at
        return self.wanted.minutes > 0 and now - begun >= timedelta(minutes=self.wanted.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that was asked."""

    id: int
    turn: int
    """In which it was asked."""
    objective: int | None
    """None before there is a plan, and for what the learner brought."""
    purpose: Purpose
    asked: Asked
    standing: Standing = Standing.OPEN
    hints: int = 0
    """Given so far."""
    tries: int = 0
    score: float = 0.0
    misconception: str = ""
    contested: bool = False
    said: str = field(default="", repr=False)
    """The learner's last try, cut: what a second look at its grade looks at."""
    at: datetime
    closed_at: datetime | None = None

    @property
    def evidence(self) -> Evidence | None:
        """What it says of the learner; nothing while it is open, or faulty."""
        if self.standing in (Standing.OPEN, Standing.VOID):
            return None
        score = self.score if self.standing is Standing.ANSWERED else 0.0
        return Evidence(
            score=score,
            form=self.asked.form,
            chance=self.asked.chance,
            hints=self.hints,
            tries=max(1, self.tries),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One thing that is to be learnt."""

    id: int
    position: int
    title: str
    kind: Kind
    points: tuple[str, ...] = ()
    told_at: datetime | None = None
    """When it was last explained."""
    review: Review | None = None
    """When it comes up again; None before it was mastered."""
    questions: tuple[Question, ...] = field(default=(), repr=False)
    """Those that were closed, oldest first."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What was answered."""
        return tuple(found for question in self.questions if (found := question.evidence) is not None)

    @property
    def mastery(self) -> Mastery:
        """Where the learner stands."""
        return mastery(self.kind, self.evidence)

    @property
    def last(self) -> Question | None:
        """The question that was closed last."""
        return self.questions[-1] if self.questions else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A session with all that is known of it, as it stands before an answer."""

    session: Session
    objectives: tuple[Objective, ...] = ()
    """In the plan's order, without those that were dropped."""
    others: tuple[Question, ...] = ()
    """Closed questions without an objective: those of the beginning, and tasks of the learner's own."""
    open: Question | None = None
    note: str = ""
    """How this person learns."""
    honest: bool = True
    """Whether work that will be graded is coached only: the rule of the workspace."""

    def objective(self, number: int | None) -> Objective | None:
        """The objective of that number."""
        return next((one for one in self.objectives if one.id == number), None)

    @property
    def closed(self) -> Sequence[Question]:
        """All closed questions, in the order in which they were closed."""
        found = [question for one in self.objectives for question in one.questions]
        return sorted([*found, *self.others], key=lambda one: (one.closed_at or one.at, one.id))

    @property
    def last(self) -> Question | None:
        """The question that was closed last."""
        closed = self.closed
        return closed[-1] if closed else None

    @property
    def diagnosed(self) -> int:
        """Questions of the beginning that were closed."""
        return sum(one.purpose is Purpose.DIAGNOSE and one.standing is not Standing.VOID for one in self.others)

    @property
    def mastered(self) -> int:
        """Objectives that are mastered."""
        return sum(one.mastery.mastered for one in self.objectives)

    @property
    def now(self) -> Objective | None:
        """The first objective that is not mastered."""
        return next((one for one in self.objectives if not one.mastery.mastered), None)

    def due(self, now: datetime) -> Objective | None:
        """The objective whose review has been due for the longest time."""
        waiting = [(one.review.due, one.position, one) for one in self.objectives if one.review is not None]
        return min((found for found in waiting if found[0] <= now), default=(now, 0, None))[2]
