"""How long answers are, as far as this process has seen: so the burst of a budget is spent where it will probably be
of use. Before it has seen any, what is usual; afterwards the last ones count more and more.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import deque
from statistics import NormalDist

USUAL, SPREAD = 2_400, 0.7
"""Characters of the median answer, and the deviation of the logarithm, before anything is known."""
WEIGHT = 24
"""So many answers the usual ones count for."""
RECENT = 200
"""Answers that are remembered."""


class Lengths:
    """The lengths of answers, in characters."""

    def __init__(self) -> None:
        usual = (NormalDist().inv_cdf((number + 0.5) / WEIGHT) for number in range(WEIGHT))
        self._sorted = [USUAL * math.exp(SPREAD * deviation) for deviation in usual]
        self._recent: deque[float] = deque()

    def ended(self, characters: int) -> None:
        """An answer of that length has ended."""
        self._recent.append(float(characters))
        insort(self._sorted, float(characters))
        if len(self._recent) > RECENT:
            del self._sorted[bisect_right(self._sorted, self._recent.popleft()) - 1]

    def beyond(self, characters: float) -> float:
        """The share of answers that are longer: never none, and beyond the longest one half as many at double its
        length."""
        longer = len(self._sorted) - bisect_right(self._sorted, characters)
        unheard = min(1.0, self._sorted[-1] / max(1.0, characters)) / 2
        return (longer + unheard) / (len(self._sorted) + 0.5)
