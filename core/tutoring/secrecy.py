"""Whether a text gives an answer away. Pure.

By what stands there to the letter: a number as a number, a short answer as a phrase, a longer one by how many of its
words come together. What is said in quite other words is not found; the model that could say it does not know the key.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from core.tutoring.numbers import numbers_in

SHORT = 6
"""Words up to which an answer is given away only by all of them in a row."""
TOO_MANY = 0.8
"""Part of the words of a longer answer that may not stand together in one text."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def words(text: str) -> list[str]:
    """The words, without case, accents' other spellings and marks."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def same(phrase: str, text: str) -> bool:
    """Whether the phrase stands in the text, word for word."""
    wanted, there = words(phrase), words(text)
    if not wanted:
        return False
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))


def gives_away_number(text: str, number: Fraction, seen: str) -> bool:
    """Whether the number stands there, and nowhere in what the learner has seen."""
    if any(number in meanings for meanings in numbers_in(seen)):
        return False
    return any(number in meanings for meanings in numbers_in(text))


def gives_away_text(text: str, answer: str, seen: str) -> bool:
    """Whether the answer stands there, and not already in what the learner has seen."""
    wanted = words(answer)
    if not wanted:
        return False
    if len(wanted) <= SHORT:
        return same(answer, text) and not same(answer, seen)
    telling = set(wanted) - set(words(seen))
    if len(telling) < SHORT // 2:
        return False
    return len(telling & set(words(text))) / len(telling) >= TOO_MANY
