"""What an answer is worth. Choices and numbers are graded here, by code; words by criteria that a model has judged.

Pure. A grade is a part of 1; what help and guessing take from it is mastery.py's affair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import ascii_uppercase

from core.tutoring.numbers import numbers_in
from core.tutoring.question import Asked, Form
from core.tutoring.secrecy import same, words

RIGHT_FROM = 0.8
"""A grade from which an answer counts as right."""
PARTLY_FROM = 0.4
_LETTER = re.compile(
    r"(?:(?:my\s+)?(?:answer|option|choice)(?:\s+is)?\s*:?\s*)?[(*_]*(?P<letter>[A-Za-z])[)*_]*[.):!]?(?:\s+(?P<rest>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_LEADING = frozenset(
    (
        *(
            "a",
            "about",
            "also",
            "an",
            "answer",
            "approximately",
            "are",
            "be",
            "comes",
            "das",
            "equals",
            "es",
            "ergebnis",
        ),
        *(
            "gets",
            "i",
            "ich",
            "is",
            "ist",
            "it",
            "its",
            "i'd",
            "i'm",
            "it's",
            "la",
            "le",
            "make",
            "makes",
            "maybe",
            "me",
        ),
        *("my", "n", "or", "out", "result", "say", "so", "sum", "that", "the", "there", "think", "total", "un", "une"),
        *("vielleicht", "would", "x", "y", "z"),
    )
)
"""Words that may stand before a number that is meant as an answer."""
_SUM = re.compile(r"[-+−–]?\s?\d[\d\s.,/*+x×·:%^()=≈−–-]*")
_LAST = re.compile(r"(?:=|≈|:|\bis\b|\bist\b|\bes\b)\s*(?P<last>[^=≈:]*)\Z", re.DOTALL)


class Met(StrEnum):
    """Whether an answer has one of the things in it that it must have."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


_WORTH = {Met.YES: 1.0, Met.PARTLY: 0.5, Met.NO: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What one attempt is worth."""

    score: float
    """From 0 to 1."""
    misconception: str = ""
    """What seems to stand behind a wrong answer."""
    met: tuple[Met, ...] = ()
    """By criterion, where there are any."""
    chosen: int = -1
    """Which option."""

    @property
    def right(self) -> bool:
        """Whether it counts as right."""
        return self.score >= RIGHT_FROM

    @property
    def partly(self) -> bool:
        """Whether something of it is right."""
        return PARTLY_FROM <= self.score < RIGHT_FROM


def graded(asked: Asked, said: str, *, meant: bool = False) -> Grade | None:
    """The grade of what the learner said, where code can tell: None for words, and for what is no answer. `meant`: it
    is known to be an answer, so that it may be looked for among other words; else "I do not get step 2" is none."""
    match asked.form:
        case Form.CHOICE:
            chosen = choice_of(asked, said)
            if chosen is None and meant:
                chosen = _named(asked, said)
            return None if chosen is None else _of_choice(asked, chosen)
        case Form.NUMBER:
            return _of_number(asked, said) if meant or _only_a_number(said) else None
        case Form.TEXT:
            return None


def _named(asked: Asked, said: str) -> int | None:
    """The only option whose words stand in the text."""
    found = [number for number, one in enumerate(asked.options) if same(one.text, said)]
    return found[0] if len(found) == 1 else None


def _only_a_number(said: str) -> bool:
    """Whether nothing stands there but a number, what leads to it, and perhaps its unit."""
    left = _SUM.sub(" # ", said.casefold())
    before, _, after = left.rpartition("#")
    return all(word in _LEADING for word in words(before)) and len(words(after)) <= 1


def choice_of(asked: Asked, said: str) -> int | None:
    """Which option was chosen: by its letter, or by its words."""
    number = _by_words(asked, said)
    if number is not None:
        return number
    match = _LETTER.fullmatch(said.strip())
    if match is None:
        return None
    number = ascii_uppercase.find(match["letter"].upper())
    if not 0 <= number < len(asked.options):
        return None
    rest = match["rest"] or ""
    return number if not rest.strip() or _by_words(asked, rest) == number else None


def _by_words(asked: Asked, said: str) -> int | None:
    """The option that says the same to the letter, or else the only one that has the same words: signs are all that
    tells some options apart."""
    exact = [n for n, one in enumerate(asked.options) if _line(one.text) == _line(said)]
    alike = [n for n, one in enumerate(asked.options) if words(one.text) == words(said)]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def _line(text: str) -> str:
    return " ".join(text.casefold().split())


def _of_choice(asked: Asked, chosen: int) -> Grade:
    right = chosen == asked.right
    mistaken = "" if right else asked.options[chosen].misconception
    return Grade(score=1.0 if right else 0.0, misconception=mistaken, chosen=chosen)


def _of_number(asked: Asked, said: str) -> Grade | None:
    """Of the one number that was said, or of the one behind the last sign of equality."""
    assert asked.number is not None
    found = numbers_in(said)
    if len(found) > 1:
        last = _LAST.search(said.strip())
        found = numbers_in(last["last"]) if last else []
    if len(found) != 1:
        return None
    close = any(abs(one - asked.number) <= asked.tolerance for one in found[0])
    return Grade(score=1.0 if close else 0.0)


def by_criteria(met: Sequence[Met], *, misconception: str = "") -> Grade:
    """The grade of an answer in words. Raises ValueError without criteria."""
    if not met:
        raise ValueError("nothing to judge by")
    score = sum(_WORTH[one] for one in met) / len(met)
    return Grade(score=score, misconception="" if score >= RIGHT_FROM else misconception, met=tuple(met))
