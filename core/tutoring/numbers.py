"""Numbers as learners and models write them, exactly: `-3.5`, `0,75`, `3/4`, `1 1/2`, `75 %`, `1e3`. Pure."""

from __future__ import annotations

import re
from fractions import Fraction

_SPACES = re.compile(r"[   ](?=\d{3}(?!\d))")
_NUMBER = re.compile(
    r"(?<![\w.,/])(?P<sign>[-+−–]?)\s?"
    r"(?:(?P<whole>\d+)\s+(?P<above>\d+)\s*/\s*(?P<below>\d+)"
    r"|(?P<top>\d+)\s*/\s*(?P<bottom>\d+)"
    r"|(?P<plain>\d+(?:[.,]\d+)*|[.,]\d+)(?P<power>[eE][-+]?\d{1,3})?)"
    r"(?P<percent>\s?%)?"
)
LONGEST = 2_000
LARGEST_POWER = 100
DECIMALS = 6
"""Places behind the point up to which a number is told as a decimal."""


def numbers_in(text: str) -> list[frozenset[Fraction]]:
    """Each number that stands there, with all that it may mean: `1,234` is two numbers to different people."""
    found = (_meanings(match) for match in _NUMBER.finditer(_SPACES.sub("", text[:LONGEST])))
    return [meanings for meanings in found if meanings]


def number_of(text: str) -> Fraction | None:
    """The one number that the text is; None where it is none, or several. `1.234` is a point and decimals."""
    found = list(_NUMBER.finditer(_SPACES.sub("", text[:LONGEST].strip())))
    if len(found) != 1:
        return None
    return next(iter(_ordered(found[0])), None)


def decimal_text(number: Fraction) -> str:
    """As people read it: a whole number, a short decimal, or a fraction."""
    if number.denominator == 1:
        return str(number.numerator)
    places = next((places for places in range(1, DECIMALS + 1) if 10**places % number.denominator == 0), None)
    if places is None:
        return f"{number.numerator}/{number.denominator}"
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    return f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _meanings(match: re.Match[str]) -> frozenset[Fraction]:
    return frozenset(_ordered(match))


def _ordered(match: re.Match[str]) -> list[Fraction]:
    """The likeliest first."""
    sign = -1 if match["sign"] in ("-", "−", "–") else 1
    share = Fraction(1, 100) if match["percent"] else Fraction(1)
    if match["whole"]:
        return _fractions(sign, match["whole"], match["above"], match["below"], share)
    if match["top"]:
        return _fractions(sign, "0", match["top"], match["bottom"], share)
    power = int((match["power"] or "e0")[1:])
    if abs(power) > LARGEST_POWER:
        return []
    both = [Fraction(text) * Fraction(10) ** power * sign for text in _readings(match["plain"])]
    # "75 %" is 75 to whoever was asked how many per cent.
    return [*(one * share for one in both), *(both if match["percent"] else ())]


def _fractions(sign: int, whole: str, above: str, below: str, share: Fraction) -> list[Fraction]:
    if int(below) == 0:
        return []
    return [sign * (int(whole) + Fraction(int(above), int(below))) * share]


def _readings(text: str) -> list[str]:
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return [text]
    if len(set(marks)) == 2:  # the last mark is the decimal one
        thousands = "," if marks[-1] == "." else "."
        return [text.replace(thousands, "").replace(",", ".")] if marks.count(marks[-1]) == 1 else []
    mark = marks[0]
    grouped = re.fullmatch(rf"\d{{1,3}}(?:\{mark}\d{{3}})+", text) is not None
    decimal = [text.replace(mark, ".")] if len(marks) == 1 else []
    whole = [text.replace(mark, "")] if grouped else []
    return [*decimal, *whole]
