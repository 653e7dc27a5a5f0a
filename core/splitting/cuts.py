"""Taking the first part of a text, and all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.splitting.breaks import best_break
from core.splitting.frames import Frame, closed, framed, sealed, without_empty_code
from core.splitting.graphemes import boundary_after

Measure = Callable[[str], int]
"""A text's length as a platform counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What continues whatever the last part left open."""

    text: str = ""
    """Put in front of the part: a fence with its language, a table's header, the marks of emphasis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The first part of a text."""

    end: int
    """The part is `text[:end]`."""
    shown: str
    """The part as it is shown, well formed, without blank ends."""
    following: Opening
    """With what the next part begins."""
    full: bool
    """Whether the text did not fit: then more follows, and no later text changes anything here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the messages that a text becomes."""

    start: int
    end: int
    shown: str


def take(text: str, opening: Opening, *, limit: int, measure: Measure) -> Cut:
    """The longest good first part of a text of which more may come. It is full when the text, framed, is longer than
    the limit; else all of the text is in it."""
    if not text.strip():
        opening = Opening()  # which goes on with nothing yet
    fits = _Fits(text, opening, limit, measure)
    over = fits.first_excess()
    if over is None:
        shown = closed(opening.text + text)
        if measure(shown) > limit:
            shown = closed(without_empty_code(opening.text + text))
        return Cut(end=len(text), shown=shown, following=Opening(), full=False)
    if over <= boundary_after(text, 0) and opening.text:
        return take(text, Opening(), limit=limit, measure=measure)
    end, frame = _fitting_frame(text[:over], opening, limit, measure)
    following = _affordable(frame.following, limit, measure)
    return Cut(end=end, shown=frame.shown, following=following, full=True)


def seal(text: str, opening: Opening) -> Cut:
    """The part ends exactly here, whatever its length; what is shown begins with all that was there."""
    frame = sealed(opening.text + text)
    return Cut(end=len(text), shown=frame.shown, following=Opening(text=frame.following), full=True)


def split(text: str, *, limit: int, measure: Measure) -> tuple[Part, ...]:
    """All parts. Their raw slices joined are the text, none is blank and each fits; a blank text has none."""
    parts: list[Part] = []
    start, opening = 0, Opening()
    while text[start:].strip():
        cut = take(text[start:], opening, limit=limit, measure=measure)
        parts.append(Part(start=start, end=start + cut.end, shown=cut.shown))
        start, opening = start + cut.end, cut.following
    return tuple(parts)


class _Fits:
    """Whether beginnings of a text fit."""

    def __init__(self, text: str, opening: Opening, limit: int, measure: Measure) -> None:
        self._text = text
        self._opening = opening.text
        self._limit = limit
        self._measure = measure

    def __call__(self, end: int) -> bool:
        return self._measure(closed(self._opening + self._text[:end], padded=True)) <= self._limit

    def first_excess(self) -> int | None:
        """The length of the shortest beginning that does not fit; None when all of the text does. A long text is
        not read to its end."""
        low, high = 0, min(len(self._text), 2 * self._limit)
        while self(high):
            if high == len(self._text):
                return None
            low, high = high, min(len(self._text), 2 * high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self(middle) else (low, middle)
        return high


def _fitting_frame(window: str, opening: Opening, limit: int, measure: Measure) -> tuple[int, Frame]:
    """A good place within the window, and what the part before it looks like."""
    base = len(opening.text)
    while True:
        whole = opening.text + window
        cut = max(best_break(whole, base), base + 1)
        frame = framed(whole[:cut], whole[cut:])
        excess = measure(frame.shown) - limit
        if excess <= 0 or cut - base <= boundary_after(window, 0):
            return cut - base, frame
        # In steps of the excess: character by character, a text full of open marks would be read hundreds of times.
        window = window[: max(1, min(cut - base, len(window) - 1 - excess // 4))]


def _affordable(following: str, limit: int, measure: Measure) -> Opening:
    """The opening, unless it would leave too little room for the text: then code is opened without its language,
    and a table goes on without its header."""
    marks = following.strip().rstrip("\n")
    is_code = marks.startswith(("```", "~~~"))
    if measure(following) <= limit // (3 if is_code else 2):
        return Opening(text=following)
    if is_code:
        return Opening(text=marks[: len(marks) - len(marks.lstrip(marks[0]))] + "\n")
    return Opening()
