"""One question of a tutor: what the learner sees, and what the engine alone knows until it was answered.

What a model drafts is read here, and refused with reasons that the model can mend. The key never leaves in a reason: it
stands in no fault, no `repr` and no text for the learner.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from string import ascii_uppercase

from core.mentions import unmarked
from core.tutoring.numbers import decimal_text, number_of
from core.tutoring.secrecy import gives_away_number, gives_away_text, same

LONGEST_QUESTION = 1_500
LONGEST_CHOICE = 200
LONGEST_HINT = 600
LONGEST_SOLUTION = 1_500
LONGEST_CRITERION = 200
FEWEST_CHOICES, MOST_CHOICES = 2, 6
MOST_CRITERIA = 4
MOST_TOLERANCE = Fraction(1, 20)
"""Part of the right number by which an answer may be off, at most."""
_ASKS = re.compile(r"(?<=[^\s?])\?+(?=[\s\"')\]*_»”]|$)")
_LETTERED = re.compile(r"\b(?:option|choice|answer)\s+[A-F]\b|\b[A-F]\)", re.IGNORECASE)


class Form(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"


class Purpose(StrEnum):
    """What a question is asked for."""

    DIAGNOSE = "diagnose"
    """What does the learner know already? Asked before there is a plan."""
    PROBE = "probe"
    PRACTISE = "practise"
    ASSESS = "assess"
    REVIEW = "review"
    TASK = "task"
    """The learner brought it."""


class BadQuestion(ValueError):
    """The text tells a model what to mend; it quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the answers to choose from."""

    text: str
    misconception: str = field(default="", repr=False)
    """What whoever chooses it seems to believe; empty for the right one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with all that belongs to it. What `repr` leaves out is the engine's alone."""

    form: Form
    text: str
    options: tuple[Option, ...] = ()
    right: int = field(default=-1, repr=False)
    """Which option; -1 where there is none to choose."""
    number: Fraction | None = field(default=None, repr=False)
    tolerance: Fraction = field(default=Fraction(0), repr=False)
    """How far off an answer may be, absolutely."""
    answer: str = field(default="", repr=False)
    """As it is told in the end: a sentence or two."""
    criteria: tuple[str, ...] = field(default=(), repr=False)
    """What an answer in the learner's own words must have in it."""
    hints: tuple[str, ...] = field(default=(), repr=False)
    """A nudge, the principle, part of a step, a worked example of something similar: as many as were written."""
    explanation: str = field(default="", repr=False)

    @property
    def letters(self) -> str:
        """The names of the options."""
        return ascii_uppercase[: len(self.options)]

    @property
    def key(self) -> str:
        """What is right, for people, once it may be told."""
        match self.form:
            case Form.CHOICE:
                return f"{self.letters[self.right]}. {self.options[self.right].text}"
            case Form.NUMBER:
                return decimal_text(self.number) if self.number is not None else self.answer
            case Form.TEXT:
                return self.answer

    @property
    def shown(self) -> str:
        """What the learner sees: Markdown."""
        lines = [f"- **{letter}.** {one.text}" for letter, one in zip(self.letters, self.options, strict=True)]
        return "\n".join([f"**Question.** {self.text}", *([""] if lines else []), *lines])

    @property
    def chance(self) -> float:
        """How likely a guess is right."""
        match self.form:
            case Form.CHOICE:
                return 1 / len(self.options)
            case Form.NUMBER:
                return 0.05
            case Form.TEXT:
                return 0.1


def gives_away(text: str, asked: Asked, *, known: str = "") -> bool:
    """Whether the text tells what is right. `known` is what the learner has seen or said: what stands there is no
    secret."""
    seen = f"{asked.text}\n{known}"
    match asked.form:
        case Form.CHOICE:
            return _names_the_right_one(text, asked)
        case Form.NUMBER:
            return asked.number is not None and gives_away_number(text, asked.number, seen)
        case Form.TEXT:
            return gives_away_text(text, asked.answer, seen)


def _names_the_right_one(text: str, asked: Asked) -> bool:
    """Alone among the options, or by its letter."""
    letter = asked.letters[asked.right]
    if re.search(rf"(?:\b(?:answer|option|choice|right|correct|it)\b\W+(?:is\W+)?|\*\*){letter}\b(?!\w)", text):
        return True
    named = [number for number, one in enumerate(asked.options) if same(one.text, text)]
    return named == [asked.right]


# ── reading what a model drafted ──


def read_question(document: Mapping[str, object], *, seed: int) -> Asked:
    """The question that a model drafted. `seed` orders the options, since models like to begin with the right one.
    Raises BadQuestion."""
    faults: list[str] = []
    document = {name: _unmarked(one) for name, one in document.items()}
    text = _text(document, "question", LONGEST_QUESTION, faults)
    if len(_ASKS.findall(text)) > 1:
        faults.append("question: ask one question, not several")
    form = _form(document, faults)
    asked = Asked(
        form=form,
        text=text,
        explanation=_optional(document, "explanation", LONGEST_SOLUTION),
        answer=_optional(document, "answer", LONGEST_SOLUTION),
    )
    match form:
        case Form.CHOICE:
            asked = _with_options(asked, document, faults)
        case Form.NUMBER:
            asked = _with_number(asked, document, faults)
        case Form.TEXT:
            asked = _with_criteria(asked, document, faults)
    if faults:
        raise BadQuestion("; ".join(faults))
    if form is Form.CHOICE:
        asked = _shuffled(asked, seed)
    elif gives_away(text, replace(asked, text="")) and form is Form.TEXT:
        raise BadQuestion("question: it has its own answer in it")
    return with_hints(asked, _texts(document.get("hints")))


def with_hints(asked: Asked, hints: Sequence[str]) -> Asked:
    """With those hints, as far as none gives the answer away or names an option by its letter: the first that does ends
    them."""
    kept: list[str] = []
    for hint in hints[:4]:
        if not hint.strip() or len(hint) > LONGEST_HINT or gives_away(hint, asked) or _LETTERED.search(hint):
            break
        kept.append(hint.strip())
    return replace(asked, hints=tuple(kept))


def _form(document: Mapping[str, object], faults: list[str]) -> Form:
    said = str(document.get("form") or "").strip().lower()
    known = {"multiple_choice": "choice", "choices": "choice", "quiz": "choice", "numeric": "number", "open": "text"}
    try:
        return Form(known.get(said, said))
    except ValueError:
        faults.append("form: one of choice, number, text")
        return Form.TEXT


def _with_options(asked: Asked, document: Mapping[str, object], faults: list[str]) -> Asked:
    options = _options(document.get("choices"))
    if not FEWEST_CHOICES <= len(options) <= MOST_CHOICES:
        faults.append(f"choices: from {FEWEST_CHOICES} to {MOST_CHOICES} of them")
    if any(not one.text or len(one.text) > LONGEST_CHOICE for one in options):
        faults.append(f"choices: each has text, at most {LONGEST_CHOICE} characters")
    if len({one.text.casefold() for one in options}) < len(options):
        faults.append("choices: no two are the same")
    right = _right(asked.answer, options)
    if right < 0 and options:
        faults.append("answer: the exact text of one of the choices")
    return replace(asked, options=options, right=right)


def _options(given: object) -> tuple[Option, ...]:
    if not isinstance(given, list):
        return ()
    options = []
    for one in given[: MOST_CHOICES + 1]:
        if isinstance(one, Mapping):
            mistaken = str(one.get("misconception") or "").strip()
            options.append(Option(text=_line(str(one.get("text") or "")), misconception=mistaken[:LONGEST_CRITERION]))
        else:
            options.append(Option(text=_line(str(one))))
    return tuple(options)


def _right(answer: str, options: Sequence[Option]) -> int:
    said = _line(answer)
    for number, one in enumerate(options):
        if one.text.casefold() == said.casefold():
            return number
    letter = said.rstrip(").:").upper()
    if len(letter) == 1 and letter in ascii_uppercase[: len(options)]:
        return ascii_uppercase.index(letter)
    return -1


def _shuffled(asked: Asked, seed: int) -> Asked:
    order = sorted(
        range(len(asked.options)),
        key=lambda number: hashlib.sha256(f"{seed}:{asked.options[number].text}".encode()).digest(),
    )
    options = tuple(asked.options[number] for number in order)
    right = order.index(asked.right)
    clean = tuple(replace(one, misconception="") if n == right else one for n, one in enumerate(options))
    return replace(asked, options=clean, right=right)


def _with_number(asked: Asked, document: Mapping[str, object], faults: list[str]) -> Asked:
    number = number_of(asked.answer)
    if number is None:
        faults.append("answer: one number, such as 12, -3.5 or 3/4")
        return asked
    tolerance = number_of(str(document.get("tolerance") or "0")) or Fraction(0)
    return replace(asked, number=number, tolerance=min(abs(tolerance), abs(number) * MOST_TOLERANCE))


def _with_criteria(asked: Asked, document: Mapping[str, object], faults: list[str]) -> Asked:
    criteria = tuple(one.strip()[:LONGEST_CRITERION] for one in _texts(document.get("criteria")) if one.strip())
    if not asked.answer:
        faults.append("answer: what a good answer says")
    if not criteria:
        faults.append("criteria: what an answer must have in it, from 1 to 4 points")
    return replace(asked, criteria=criteria[:MOST_CRITERIA])


def _unmarked(given: object) -> object:
    """Whatever a model sent, without the signs of our own words: a question's text stands among them in recaps."""
    match given:
        case str():
            return unmarked(given)
        case list():
            return [_unmarked(one) for one in given]
        case Mapping():
            return {name: _unmarked(one) for name, one in given.items()}
        case _:
            return given


def _text(document: Mapping[str, object], name: str, longest: int, faults: list[str]) -> str:
    text = document.get(name)
    if not isinstance(text, str) or not text.strip():
        faults.append(f"{name}: it is missing")
        return ""
    if len(text) > longest:
        faults.append(f"{name}: at most {longest} characters")
    return text.strip()


def _optional(document: Mapping[str, object], name: str, longest: int) -> str:
    text = document.get(name)
    return "" if text is None or isinstance(text, (list, dict)) else str(text).strip()[:longest]


def _texts(given: object) -> list[str]:
    if isinstance(given, str):
        return [given]
    return [str(one) for one in given if isinstance(one, (str, int, float))] if isinstance(given, list) else []


def _line(text: str) -> str:
    return " ".join(text.split())
