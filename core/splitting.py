"""Long text cut into messages that fit, each well formed for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.markdown.fences import Fence, fence_after

Measure = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What continues whatever the last part left open."""

    text: str = ""
    """Put in front of the part: a fence with its language, a table's header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The first part of a text."""

    end: int
    """The part is `text[:end]`."""
    shown: str
    """The part as it is shown, well formed."""
    following: Opening
    """With what the next part begins."""
    full: bool
    """Whether the text did not fit: then more follows, and what follows changes nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the messages that a text becomes."""

    start: int
    end: int
    shown: str


def seal(text: str, opening: Opening) -> Cut:
    """The part ends exactly here, whatever its length."""
    fence = _open_fence(opening.text + text)
    return Cut(end=len(text), shown=_framed(text, opening), following=_following(fence), full=True)


def take(text: str, opening: Opening, *, limit: int, measure: Measure) -> Cut:
    """The longest first part that fits, cut where a reader would."""

    def fits(end: int) -> bool:
        return measure(_framed(text[:end], opening)) <= limit

    if fits(len(text)):
        return Cut(end=len(text), shown=_framed(text, opening), following=Opening(), full=False)
    low, high = 0, limit
    while high < len(text) and fits(high):
        low, high = high, high * 2
    high = min(high, len(text))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    end = _break(text, max(1, low))
    shown = _framed(text[:end], opening)
    return Cut(end=end, shown=shown, following=_following(_open_fence(opening.text + text[:end])), full=True)


def split(text: str, *, limit: int, measure: Measure) -> tuple[Part, ...]:
    """All parts; their raw slices joined are the text."""
    parts: list[Part] = []
    start, opening = 0, Opening()
    while start < len(text):
        cut = take(text[start:], opening, limit=limit, measure=measure)
        parts.append(Part(start=start, end=start + cut.end, shown=cut.shown))
        start, opening = start + cut.end, cut.following
    return tuple(parts)


def _framed(text: str, opening: Opening) -> str:
    whole = (opening.text + text).rstrip()
    fence = _open_fence(whole)
    return whole if fence is None else f"{whole}\n{fence.closing}"


def _following(fence: Fence | None) -> Opening:
    return Opening() if fence is None else Opening(text=fence.opening)


def _open_fence(text: str) -> Fence | None:
    fence: Fence | None = None
    for line in text.split("\n"):
        fence = fence_after(line, fence)
    return fence


def _break(text: str, end: int) -> int:
    for mark in ("\n\n", "\n", ". ", " "):
        found = text.rfind(mark, end // 2, end)
        if found > 0:
            cut = found + len(mark)
            while cut < len(text) - 1 and text[cut] == "\n":
                cut += 1
            return cut
    return end
