"""Words in a picture: in which font, how wide, and what becomes of letters that no font has.

Pillow brings one font, the same everywhere, that has hardly more than ASCII. A name that needs more is written in that
font of this machine that has most of its letters. Of those that it lacks marks are left off (é becomes e), and what
cannot be written even so becomes a question mark. Never a box that says nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont

OTHERS = (
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
    "LiberationSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "arial.ttf",
)
"""Of systems on which Parley runs, by the names of their files; Pillow knows the folders."""
UNKNOWN = "?"
ELLIPSIS = "…"
LONGEST = 200
"""Letters of a text that are looked at."""
_NO_LETTER = "\uffff"
"""Shows what a font draws for letters that it lacks."""
_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc"})
"""Categories of what is no letter by itself: marks, joiners, controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text that can be drawn."""

    text: str
    font: Font

    @property
    def width(self) -> float:
        """In pixels."""
        return self.font.getlength(self.text)


def words(text: str, size: int, most: float) -> Words:
    """The text on one line, in letters that can be drawn, cut to so many pixels."""
    return column([text], size, most)[0]


def column(texts: Sequence[str], size: int, most: float) -> list[Words]:
    """The same of several texts that stand together: in one font, the one that has most of all their letters."""
    lines = [" ".join(text[:LONGEST].split()) for text in texts]
    letters = "".join(lines)
    font = max(fonts(size), key=lambda one: sum(_has(one, letter) for letter in letters))  # the first of several
    written = ["".join(_written(letter, font) for letter in line) for line in lines]
    return [_cut(Words(text=line, font=font), most) for line in written]


def _written(letter: str, font: Font) -> str:
    if _has(font, letter):
        return letter
    bare = [one for one in unicodedata.normalize("NFKD", letter) if unicodedata.category(one) not in _UNSEEN]
    return "".join(one if _has(font, one) else UNKNOWN for one in bare)


def _cut(whole: Words, most: float) -> Words:
    if whole.width <= most:
        return whole
    fits, too_long = 0, len(whole.text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if _shortened(whole, middle).width <= most else (fits, middle)
    return _shortened(whole, fits)


def _shortened(whole: Words, letters: int) -> Words:
    return Words(text=whole.text[:letters].rstrip() + ELLIPSIS, font=whole.font)


@lru_cache(maxsize=8)
def fonts(size: int) -> tuple[Font, ...]:
    """Pillow's own, then those of this machine."""
    built_in = ImageFont.load_default(size)
    assert isinstance(built_in, Font)  # Pillow's wheels have FreeType
    return built_in, *(found for name in OTHERS if (found := _found(name, size)) is not None)


def _found(name: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:  # not on this machine, or damaged
        return None


@lru_cache(maxsize=4_096)
def _has(font: Font, letter: str) -> bool:
    return letter == " " or _drawn(font, letter) != _drawn(font, _NO_LETTER)


def _drawn(font: Font, letter: str) -> bytes:
    return bytes(font.getmask(letter))
