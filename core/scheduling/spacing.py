"""How far apart to write growing text while the budget has something free. Pure.

Let an answer go on for another t seconds with probability S(t). Of all ways to spend the same writes, the least waiting
is expected where they are as dense as √S (docs/edit-scheduling.md): dense while the answer goes on for certain, and so
much thinner later as it is unlikely to be still there. What comes back in the meantime is spent too, but not before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

PIECES = 24
"""Into so many the window is divided for the sum."""
LONGEST_GAP = 1.6
"""Intervals between writes, at most."""
GOES_ON = 0.7
"""An answer that is so likely to outlive the window is written evenly: what is spent early comes back early, so each
window would repeat the unevenness of the one before."""

Survival = Callable[[float], float]
"""Seconds from now → with which probability the answer still goes on then."""


def spacing(
    survivals: Sequence[Survival], free: int, returning: Sequence[float], *, interval: float, window: float
) -> float:
    """Seconds between writes, of answers that go on with these probabilities: so many writes are free now, others come
    back in so many seconds, in order; one an interval in the long run, and none counts longer than the window."""
    if window <= 0 or not survivals:
        return 0.0
    if any(survival(window) > GOES_ON for survival in survivals):
        survivals = [_forever]
    piece = window / PIECES
    density = [max(math.sqrt(survival((number + 0.5) * piece)) for survival in survivals) for number in range(PIECES)]
    reached = [0.0]
    for value in density:
        reached.append(reached[-1] + value * piece)

    def wanted(until: float) -> float:
        """Writes until then, as a multiple of those in a second now."""
        whole = min(PIECES, int(until / piece))
        return reached[whole] + (density[whole] * (until - whole * piece) if whole < PIECES else 0.0)

    # Just before each one comes back, no more may have been written than there were.
    scarcest = max(
        (wanted(min(back, window)) / (free + count) for count, back in enumerate(returning, start=1)), default=0.0
    )
    scarcest = max(scarcest, reached[-1] / (free + len(returning)))
    return min(scarcest / max(density[0], 1e-9), interval * LONGEST_GAP)


def _forever(seconds: float) -> float:
    return 1.0
