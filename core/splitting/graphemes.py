"""Where one visible character ends. The rules of Unicode's Annex 29 as far as the standard library's data carry them;
where they do not, two characters count as one, since a cut may then come a little earlier but never inside.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_INDIC_LINKER = 9
"""The canonical combining class of a virama."""


def is_boundary(text: str, position: int) -> bool:
    """Whether the text may be cut there without tearing a visible character apart."""
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    if _extends(after) or before == _JOINER or _prepends(before):
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        return _flag_letters_before(text, position) % 2 == 0
    if unicodedata.combining(before) == _INDIC_LINKER and unicodedata.category(after) == "Lo":
        return False
    return not _joins_hangul(before, after)


def boundary_before(text: str, position: int, least: int) -> int:
    """The last boundary at or before the position; the first one after `least` where there is none between."""
    for candidate in range(position, least, -1):
        if is_boundary(text, candidate):
            return candidate
    return boundary_after(text, least)


def boundary_after(text: str, position: int) -> int:
    """The next boundary behind the position."""
    position += 1
    while not is_boundary(text, position):
        position += 1
    return min(position, len(text))


def _extends(character: str) -> bool:
    if unicodedata.category(character) in ("Mn", "Me", "Mc") or character in "\u200c\u200d\uff9e\uff9f":
        return True
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"


def _prepends(character: str) -> bool:
    return "\u0600" <= character <= "\u0605" or character in "\u06dd\u070f\u08e2\U000110bd"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, position: int) -> int:
    start = position
    while start and _is_flag_letter(text[start - 1]):
        start -= 1
    return position - start


def _joins_hangul(before: str, after: str) -> bool:
    first, second = _hangul(before), _hangul(after)
    return (
        (first == "L" and second in ("L", "V", "LV", "LVT"))
        or (first in ("LV", "V") and second in ("V", "T"))
        or (first in ("LVT", "T") and second == "T")
    )


def _hangul(character: str) -> str:
    if "\uac00" <= character <= "\ud7a3":
        return "LV" if (ord(character) - 0xAC00) % 28 == 0 else "LVT"
    if "\u1100" <= character <= "\u115f" or "\ua960" <= character <= "\ua97c":
        return "L"
    if "\u1160" <= character <= "\u11a7" or "\ud7b0" <= character <= "\ud7c6":
        return "V"
    return "T" if "\u11a8" <= character <= "\u11ff" or "\ud7cb" <= character <= "\ud7fb" else ""
