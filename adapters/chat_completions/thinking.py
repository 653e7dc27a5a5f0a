"""Tells what a model thinks from what it says, where both come as content.

Some servers leave `<think>…</think>` inside the text. Only a block at the very beginning counts: further on, the tag
is something that the model writes about, and what a model wrote is never dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

OPENING = "<think>"
CLOSING = "</think>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some text, said or thought."""

    text: str
    thought: bool


class _State(Enum):
    BEGINNING = "beginning"
    THINKING = "thinking"
    SPEAKING = "speaking"


class ThoughtSplitter:
    """Feed it content as it comes and flush it at the end. Any cut of the content gives the same two texts."""

    def __init__(self) -> None:
        self._state = _State.BEGINNING
        self._held = ""
        self._thought_before = False

    def feed(self, text: str) -> list[Piece]:
        """What can be told of the text so far; the start of a tag is held back until it is whole."""
        pieces: list[Piece] = []
        self._held += text
        while self._held and (piece := self._step()) is not None:
            if piece.text:
                pieces.append(piece)
        return pieces

    def flush(self) -> list[Piece]:
        """What was held back, now that nothing follows."""
        held, self._held = self._held, ""
        if not held or (self._state is _State.BEGINNING and self._thought_before and not held.strip()):
            return []
        return [Piece(text=held, thought=self._state is _State.THINKING)]

    def _step(self) -> Piece | None:
        """One piece taken from what is held, perhaps empty; None where more text is needed."""
        match self._state:
            case _State.BEGINNING:
                return self._begin()
            case _State.THINKING:
                return self._think()
            case _State.SPEAKING:
                return self._taken(len(self._held), thought=False)

    def _begin(self) -> Piece | None:
        start = self._held.lstrip()
        if start.startswith(OPENING):
            self._state = _State.THINKING
            self._held = start.removeprefix(OPENING)
            return Piece(text="", thought=True)
        if OPENING.startswith(start):
            return None
        self._state = _State.SPEAKING
        self._held = start if self._thought_before else self._held
        return Piece(text="", thought=False)

    def _think(self) -> Piece | None:
        end = self._held.find(CLOSING)
        if end >= 0:
            piece = self._taken(end, thought=True)
            self._held = self._held.removeprefix(CLOSING)
            self._state = _State.BEGINNING
            self._thought_before = True
            return piece
        sure = len(self._held) - _overlap(self._held)
        return self._taken(sure, thought=True) if sure else None

    def _taken(self, length: int, *, thought: bool) -> Piece:
        piece = Piece(text=self._held[:length], thought=thought)
        self._held = self._held[length:]
        return piece


def _overlap(text: str) -> int:
    """How many characters at the end may be the start of the closing tag."""
    return next((n for n in range(min(len(CLOSING) - 1, len(text)), 0, -1) if CLOSING.startswith(text[-n:])), 0)
