"""Cards to learn from, made of the questions of a session. Writing them in a program's format is an adapter's part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.tutoring.question import Purpose
from core.tutoring.session import Lesson, Question, Standing

ANKI_TYPE = "application/octet-stream"
CSV_TYPE = "text/csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flashcard:
    """One card."""

    front: str
    back: str
    tags: tuple[str, ...] = ()
    guid: str
    """The same for the same question, so that a second import changes the card instead of doubling it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """Cards that belong together."""

    name: str
    cards: tuple[Flashcard, ...]


class DeckWriter(Protocol):
    """Who writes decks."""

    async def anki(self, deck: Deck) -> bytes:
        """A package that Anki imports."""
        ...

    def table(self, deck: Deck) -> bytes:
        """The same as a table: CSV in UTF-8, with a header."""
        ...


def deck_of(lesson: Lesson) -> Deck:
    """The questions of the session that are over, each once; nothing that is open gives its answer away here, not
    even where it was asked before. A card keeps its guid when its question comes up again."""
    session = lesson.session
    guid = f"parley:{session.key.platform.value}:{session.key.workspace}:{session.id}"
    cards: dict[str, Flashcard] = {}
    for question in _over(lesson):
        objective = lesson.objective(question.objective)
        title = objective.title if objective is not None else session.name
        known = cards.get(question.asked.text)
        cards[question.asked.text] = Flashcard(
            front=_front(question),
            back="\n\n".join(part for part in (question.asked.key, question.asked.explanation) if part),
            tags=tuple("-".join(tag.split()) for tag in (session.name, title)),
            guid=f"{guid}:{question.id}" if known is None else known.guid,
        )
    return Deck(name=f"Parley: {session.name}", cards=tuple(cards.values()))


def _over(lesson: Lesson) -> Sequence[Question]:
    graded = lesson.session.wanted.graded
    asked_now = None if lesson.open is None else lesson.open.asked.text
    return [
        one
        for one in lesson.closed
        if one.standing in (Standing.ANSWERED, Standing.SHOWN)
        and one.asked.text != asked_now
        and not (graded and one.purpose is Purpose.TASK)
    ]


def _front(question: Question) -> str:
    asked = question.asked
    options = [f"{letter}. {one.text}" for letter, one in zip(asked.letters, asked.options, strict=True)]
    return "\n".join([asked.text, *options])
