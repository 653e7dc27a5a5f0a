"""The ladder of hints: how much help comes next, and when an answer may be shown. Pure.

The learner's try comes before the answer, always. Whoever has had every hint and still has tried nothing does not get
the answer: the question is given up, the matter is explained, and something else is asked. A fact is told: nobody
finds a year or a word by being asked for it again.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from core.tutoring.mastery import Kind
from core.tutoring.question import Purpose
from core.tutoring.session import Question


class Rung(IntEnum):
    """How much a hint tells."""

    NUDGE = 1
    PRINCIPLE = 2
    PART = 3
    EXAMPLE = 4


class Help(StrEnum):
    """What may be done for somebody who asks for help."""

    HINT = "hint"
    SHOW = "show"
    """The answer is shown; it does not count as known."""
    GIVE_UP = "give_up"
    """The question is over, and its answer stays untold."""


ORDERS = {
    Rung.NUDGE: "a nudge: point to what matters, without saying how to go on",
    Rung.PRINCIPLE: "the principle or rule that is needed, without applying it here",
    Rung.PART: "part of one step: begin it, and let the learner end it",
    Rung.EXAMPLE: "a worked example of a similar question with other numbers or words, all steps shown",
}
NAMES = {
    Rung.NUDGE: "a nudge",
    Rung.PRINCIPLE: "the principle",
    Rung.PART: "part of a step",
    Rung.EXAMPLE: "a similar example",
}


def help_for(question: Question, kind: Kind | None, *, graded: bool) -> Help:
    """What comes next for somebody who asks for help with that question."""
    told = kind is Kind.FACT and question.hints >= Rung.NUDGE
    if question.hints < Rung.EXAMPLE and not told:
        return Help.HINT
    if question.tries == 0 or (graded and question.purpose is Purpose.TASK):
        return Help.GIVE_UP
    return Help.SHOW


def next_rung(question: Question) -> Rung:
    """The hint after those that were given. Only where `help_for` says HINT."""
    return Rung(question.hints + 1)
