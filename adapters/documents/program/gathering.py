"""Text that grows up to a bound, and what to say of what did not fit."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.documents.program.bounds import hurried
from adapters.documents.program.refusal import EMPTY, Refused

SLOW = "reading it took too long"


@dataclass
class Gathering:
    """The text of one document so far."""

    most: int
    """Characters."""
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    cuts: list[str] = field(default_factory=list)
    overflowed: bool = False
    """Something was added that did not fit."""

    @property
    def full(self) -> bool:
        """Nothing more can be added."""
        return self.length >= self.most

    @property
    def over(self) -> bool:
        """It makes no sense to read on."""
        return self.full or hurried()

    def add(self, text: str) -> None:
        """The text follows, as far as there is room."""
        kept = text[: self.most - self.length]
        self.overflowed = self.overflowed or len(kept) < len(text)
        self.pieces.append(kept)
        self.length += len(kept)

    def cut(self, sentence: str) -> None:
        """That was left out."""
        if sentence not in self.cuts:
            self.cuts.append(sentence)

    def answer(self) -> dict[str, str]:
        """The text and what was left out. Raises Refused where there is no text at all."""
        text = "".join(self.pieces).strip()
        if not text:
            raise Refused(EMPTY)
        if self.overflowed and not self.cuts:
            self.cut(f"what follows after the first {self.most:,} characters was left out")
        return {"text": text, "cut": "; ".join(self.cuts)}


def first_characters(kept: int, whole: int) -> str:
    """What is said of a text that was too long."""
    return f"only the first {kept:,} of its {whole:,} characters were read"


def span(name: str, first: int, last: int) -> str:
    """What is said of pages and the like that were left out."""
    return f"{name} {first:,} was left out" if first >= last else f"{name}s {first:,} to {last:,} were left out"
