"""Runs of `*`, `_` and `~~`, paired as CommonMark does (spec.commonmark.org, section 6.2), in linear time.

What is special here is the end: openers that found no partner are not thrown away but returned, since a text that is
still being written may yet close them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

DEEPEST_NESTING = 6
LOOK_BACK = 8
"""Openers of one kind that a closer tries before it gives up; more only occurs in text made to be slow."""


@dataclass(slots=True)
class Run:
    """Equal marks in a row."""

    start: int
    end: int
    mark: str
    opens: bool
    closes: bool
    within_word: bool
    """Like the star in `a*b`, which rarely means emphasis."""
    left: int
    """Marks that have found no partner so far."""


def run_at(text: str, start: int, end: int) -> Run:
    """The run of marks that stands at that place of the text."""
    mark = text[start]
    before, after = _class_at(text, start - 1), _class_at(text, end)
    opening = after != "space" and (after != "mark" or before != "word")
    closing = before != "space" and (before != "mark" or after != "word")
    opens, closes = opening, closing
    if mark == "_":
        opens = opening and (not closing or before == "mark")
        closes = closing and (not opening or after == "mark")
    if mark == "~" and end - start != 2:
        opens = closes = False
    within = before == after == "word"
    return Run(start=start, end=end, mark=mark, opens=opens, closes=closes, within_word=within, left=end - start)


def _class_at(text: str, position: int) -> str:
    if not 0 <= position < len(text) or text[position].isspace():
        return "space"
    if text[position].isalnum() or unicodedata.category(text[position])[0] not in "PS":
        return "word"
    return "mark"


def still_open(runs: list[Run]) -> list[Run]:
    """The openers that a reader would still expect to be closed, in order. A crowd of them is no emphasis."""
    waiting = [run for run in unpaired(runs) if not run.within_word]
    return waiting if len(waiting) <= DEEPEST_NESTING else []


def unpaired(runs: list[Run]) -> list[Run]:
    """The openers without a partner, in order."""
    stack: list[Run] = []
    depths: dict[str, list[int]] = {}
    for run in runs:
        while run.closes and run.left:
            depth = _partner(stack, depths.get(run.mark, []), run)
            if depth is None:
                break
            _pair(stack[depth], run)
            _cut(stack, depths, depth + 1 if stack[depth].left else depth)
        if run.opens and run.left:
            depths.setdefault(run.mark, []).append(len(stack))
            stack.append(run)
    return stack


def _partner(stack: list[Run], candidates: list[int], closer: Run) -> int | None:
    for depth in reversed(candidates[-LOOK_BACK:]):
        opener = stack[depth]
        lengths = opener.end - opener.start, closer.end - closer.start
        odd = (opener.closes or closer.opens) and sum(lengths) % 3 == 0 and (lengths[0] % 3 or lengths[1] % 3)
        if not odd:
            return depth
    return None


def _pair(opener: Run, closer: Run) -> None:
    marks = 2 if opener.left >= 2 and closer.left >= 2 else 1
    opener.left -= marks
    closer.left -= marks


def _cut(stack: list[Run], depths: dict[str, list[int]], depth: int) -> None:
    for run in stack[depth:]:
        depths[run.mark].pop()
    del stack[depth:]
