r"""Formulas in LaTeX, found among Markdown and made readable: `$…$`, `$$…$$`, `\(…\)` and `\[…\]` outside of code.

A dollar is a price far more often than a formula, so what stands between two of them must look like one. How a formula
reads as text is latex.py's affair. Each formula is read once, and looked for within bounds: linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from core.markdown.fences import Fence, fence_after
from core.markdown.latex import unicode_of

LONGEST = 1_000
"""Characters of a formula between marks of its own; beyond, it is taken for text."""
LONGEST_IN_DOLLARS = 120

_MARKS = re.compile(r"`+|\\[(\[]|\\.|\\\Z|\$\$?", re.DOTALL)
_CLOSING = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_PROSE = re.compile(r"[\w.,;:!?)][ \t]+[^\W\d_]{2}|[^\W\d_]{2}[.,;:!?]?[ \t]+\w")
_SURE = re.compile(r"\\[A-Za-z]|[\^_{]")
_MATH = re.compile(r"[\\^_={}<>+\-*/|()]|\A\w{1,3}\Z")


class Unclear(Enum):
    """Whether it is a formula depends on what follows."""

    YET = auto()


YET = Unclear.YET


@dataclass(frozen=True, slots=True)
class Formula:
    """Where one stands."""

    start: int
    end: int
    marks: int
    """Characters of each of its marks."""


def readable(text: str, *, growing: bool = False) -> str:
    """The text with its formulas as words and signs. It never becomes longer. Of a text that goes on, it is what is
    known to stay: a beginning of what it will be."""
    if "$" not in text and "\\" not in text:
        return text
    pieces: list[str] = []
    at = 0
    for formula in _formulas(text, growing=growing):
        if isinstance(formula, int):
            return "".join([*pieces, text[at:formula]])
        pieces += [text[at : formula.start], _shown(text, formula)]
        at = formula.end
    return "".join([*pieces, text[at:]])


def undecided(text: str) -> int:
    """How much of a text that goes on is known to be what it is: up to a formula that has not ended."""
    if "$" not in text and "\\" not in text:
        return len(text)
    return next((formula for formula in _formulas(text, growing=True) if isinstance(formula, int)), len(text))


def formula_end(text: str, start: int, *, growing: bool = True) -> int | Unclear | None:
    """Where the formula ends whose marks stand there; none where there is none."""
    mark = text[start : start + 2]
    if mark in _CLOSING:
        return _end_of_display(text, start, _CLOSING[mark])
    return _end_of_dollars(text, start, growing)


def _end_of_display(text: str, start: int, closing: str) -> int | Unclear | None:
    end = text.find(closing, start + 2, start + LONGEST)
    gap = text.find("\n\n", start + 2, end if end >= 0 else start + LONGEST)
    if gap >= 0:
        return None
    if end < 0:
        return YET if len(text) - start < LONGEST else None
    return end + 2 if _is_math(text[start + 2 : end].strip()) else None


def _end_of_dollars(text: str, start: int, growing: bool) -> int | Unclear | None:
    before, first = text[start - 1 : start], text[start + 1 : start + 2]
    if before.isalnum() or before == "$" or first.isspace() or first == "$":
        return None
    line = text.find("\n", start, start + LONGEST_IN_DOLLARS)
    limit = min(len(text), start + LONGEST_IN_DOLLARS) if line < 0 else line
    end = text.find("$", start + 1, limit)
    while end > 0 and text[end - 1] == "\\":
        end = text.find("$", end + 1, limit)
    if end < 0:
        waiting = growing and limit == len(text) < start + LONGEST_IN_DOLLARS
        return YET if waiting and not _is_prose(text[start + 1 :]) else None
    content, after = text[start + 1 : end], text[end + 1 : end + 2]
    if content[-1].isspace() or after.isalnum() or after == "$" or not _is_math(content):
        return None
    return YET if growing and not after and end + 1 == len(text) else end + 1


def _is_math(content: str) -> bool:
    return bool(content) and _MATH.search(content) is not None and not _is_prose(content)


def _is_prose(content: str) -> bool:
    """Whether words follow one another before anything that only formulas have. What follows never changes it."""
    sure = _SURE.search(content)
    return _PROSE.search(content, 0, len(content) if sure is None else sure.start()) is not None


def _shown(text: str, formula: Formula) -> str:
    source = text[formula.start + formula.marks : formula.end - formula.marks]
    shown = unicode_of(source)
    if "\n" not in shown:
        return shown
    line = text[text.rfind("\n", 0, formula.start) + 1 : formula.start]
    return shown.replace("\n", "\n" + " " * len(line)) if not line.strip() else shown.replace("\n", "; ")


# ── where they are ──


def _formulas(text: str, *, growing: bool) -> Iterator[Formula | int]:
    """Those outside of code, in order; while the text grows, at last where one begins whose end is not known."""
    for start, end in _paragraphs(text):
        yield from _in_paragraph(text if end == len(text) else text[:end], start, growing=growing and end == len(text))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of lines outside of fenced code that are not parted by an empty one."""
    fence: Fence | None = None
    start = position = 0
    for line in text.split("\n"):
        before, fence = fence, fence_after(line, fence)
        end = position + len(line)
        if before is not None or fence is not None or not line.strip():
            if start < position:
                yield start, position
            start = end + 1
        position = end + 1
    if start < len(text):
        yield start, len(text)


def _in_paragraph(text: str, start: int, *, growing: bool) -> Iterator[Formula | int]:
    position = start
    while mark := _MARKS.search(text, position):
        position = mark.end()
        if mark[0][0] == "`":
            position = _after_code(text, mark)
        elif mark[0] == "\\" and growing:
            yield mark.start()
        elif mark[0] in _CLOSING or mark[0] == "$":
            end = formula_end(text, mark.start(), growing=growing)
            if isinstance(end, int):
                yield Formula(mark.start(), end, len(mark[0]))
                position = end
            elif end is YET and growing:
                yield mark.start()
                return


def _after_code(text: str, ticks: re.Match[str]) -> int:
    """Behind the code that these backticks open. Where it has no end, all may yet be code."""
    found = re.compile(rf"(?<!`){ticks[0]}(?!`)").search(text, ticks.end())
    return len(text) if found is None else found.end()
