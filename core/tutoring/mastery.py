"""How well something is mastered, by the answers given so far. Pure; why it is done so stands in decision 11.

Bayesian knowledge tracing, with the chance of a guess taken from the question's form, and answers that had help counted
for less. On top of the estimate stand conditions on what was right without any help, which differ by the kind of
objective: no number of helped, shown or lucky answers adds up to mastery.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.tutoring.grading import RIGHT_FROM
from core.tutoring.question import Form

BEGIN = 0.2
"""The estimate before anything is known."""
SLIP = 0.1
"""How likely somebody who masters it answers wrongly."""
LEARN = 0.1
"""How likely somebody learns it by answering right."""
MASTERED_FROM = 0.85
LEAST, MOST = 0.001, 0.999
"""An estimate never becomes certain, so that later answers can always move it."""
PER_HINT = 0.25
"""What each hint, and each try after the first, takes from what a right answer counts."""
LEAST_COUNT = 0.05


class Kind(StrEnum):
    """What sort of thing is to be learnt; each is mastered in its own way."""

    FACT = "fact"
    CONCEPT = "concept"
    PROCEDURE = "procedure"
    DESIGN = "design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One question that was answered, or given up."""

    score: float
    """From 0 to 1; 0 where it was given up or the answer was shown."""
    form: Form
    chance: float
    """How likely a guess is right."""
    hints: int = 0
    tries: int = 1

    @property
    def help(self) -> int:
        """How much help there was: hints, and tries that told the learner what is wrong."""
        return self.hints + max(0, self.tries - 1)

    @property
    def unaided(self) -> bool:
        """Right, at once, without any hint."""
        return self.score >= RIGHT_FROM and self.help == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastery:
    """Where one objective stands."""

    estimate: float
    """How likely the learner masters it, from 0 to 1."""
    mastered: bool
    missing: str = ""
    """What is missing, for people; empty where it is mastered."""


def moved(estimate: float, evidence: Evidence) -> float:
    """The estimate after one more answer: never lower after a right one, never higher after a wrong one."""
    before = min(MOST, max(LEAST, estimate))
    if_right = _after_right(before, evidence.chance)
    if_right = before + _counted(evidence) * (if_right - before)
    if_wrong = _after_wrong(before, evidence.chance)
    return min(MOST, max(LEAST, evidence.score * if_right + (1 - evidence.score) * if_wrong))


def _counted(evidence: Evidence) -> float:
    """How much a right answer counts beside one without help."""
    return max(LEAST_COUNT, 1 - PER_HINT * evidence.help)


def _after_right(before: float, chance: float) -> float:
    known = before * (1 - SLIP)
    after = known / (known + (1 - before) * chance)
    return after + (1 - after) * LEARN


def _after_wrong(before: float, chance: float) -> float:
    known = before * SLIP
    return known / (known + (1 - before) * (1 - chance))


def estimates(evidence: Iterable[Evidence]) -> list[float]:
    """The estimate after each answer, oldest first."""
    found, now = list[float](), BEGIN
    for one in evidence:
        now = moved(now, one)
        found.append(now)
    return found


def mastery(kind: Kind, evidence: Sequence[Evidence]) -> Mastery:
    """Where the objective stands after these answers, oldest first."""
    estimate = (estimates(evidence) or [BEGIN])[-1]
    missing = _missing(kind, evidence)
    if not missing and estimate < MASTERED_FROM:
        missing = "a few more right answers"
    return Mastery(estimate=estimate, mastered=not missing, missing=missing)


def _missing(kind: Kind, evidence: Sequence[Evidence]) -> str:
    """What of the conditions is not met, of those that no estimate stands for."""
    unaided = [one for one in evidence if one.unaided]
    in_words = [one for one in unaided if one.form is Form.TEXT]
    match kind:
        case Kind.FACT:
            return _sustained(evidence, unaided, times=2, last=1)
        case Kind.PROCEDURE:
            return _sustained(evidence, unaided, times=3, last=2)
        case Kind.CONCEPT:
            if not in_words:
                return "an explanation in your own words"
            return _sustained(evidence, unaided, times=2, last=1)
        case Kind.DESIGN:
            if len(in_words) < 2:
                return "two pieces of your own work that meet every point"
            return _sustained(evidence, unaided, times=2, last=1)


def _sustained(evidence: Sequence[Evidence], unaided: Sequence[Evidence], *, times: int, last: int) -> str:
    if len(unaided) < times:
        left = times - len(unaided)
        return f"{left} more right answer{'' if left == 1 else 's'} without help"
    if not all(one.unaided for one in evidence[-last:]):
        return "a right answer without help after the last one" if last == 1 else f"{last} right answers in a row"
    return ""
