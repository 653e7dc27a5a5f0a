"""One person on several platforms: codes that show it, and what may come of entering one. Pure.

A code is shown where somebody is known already and entered where they are known too; whoever can do both is one person
and has one quota. It lives for ten minutes, opens once, and is kept only as its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import Enum

LIVES = timedelta(minutes=10)
TRIES, TRIES_IN = 5, timedelta(hours=1)
"""Wrong codes that one person may enter, and in which time."""
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for others. Eight of them are 40 bits: five tries in an hour find none."""
_LENGTH = 8


class LinkEnd(Enum):
    """What came of entering a code, or of undoing it."""

    DONE = "done"
    UNKNOWN = "unknown"
    """No such code, or not any more."""
    OWN = "own"
    """It was shown to this very person."""
    ALREADY = "already"
    """Both are linked to somebody already."""
    BUSY = "busy"
    """An answer is being written for one of them: what it uses must have one account."""
    TOO_MANY = "too_many"
    """Too many wrong codes."""


def new_code() -> str:
    """A code nobody can guess, as people write it."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def code_hash(typed: str) -> str:
    """What is kept of a code, however it was typed."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
