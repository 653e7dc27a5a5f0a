"""Ids and timestamps as Slack forms them: the first letter tells the kind, a ts is a message's name.

Ids made from names can be read back by a person (`U00000ANN`); the rest are counted, so that runs repeat.
"""

import itertools
import re
from collections.abc import Callable


class Ids:
    """Ids that never repeat within one sandbox."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._taken: set[str] = set()

    def numbered(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):08d}"

    def named(self, prefix: str, name: str) -> str:
        """An id that contains the name; a number joins it when two names look alike."""
        stem = re.sub(r"[^A-Z0-9]", "", name.upper()) or "X"
        candidate, number = f"{prefix}{stem.rjust(8, '0')}", 1
        while candidate in self._taken:
            number += 1
            candidate = f"{prefix}{f'{stem}{number}'.rjust(8, '0')}"
        self._taken.add(candidate)
        return candidate


class Timestamps:
    """Message timestamps, `seconds.microseconds`: strictly rising, even when the clock stands still."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> str:
        self._last = max(int(self._now() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"
