"""How many writes a platform allows, counted so that it never has to refuse one.

Nobody knows how a platform counts: in windows that begin when they like, in sliding ones, with a bucket. At most
`burst` writes in any `burst × interval` seconds are safe with each of them. The platform counts a write when it
arrives, which is after it was sent and before its answer came, so each is counted from shortly before its answer.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass

RETRY_MARGIN = 0.1
"""Seconds added to what a platform asks us to wait: its clock and ours are not read at the same moment."""
PAUSE_LEAST = 1.0
PAUSE_MOST = 60.0
"""Seconds of pause after a refusal without figures: the first time, and at most."""
SLOWEST = 8.0
RECOVERY = 0.9
"""After refusals the interval is up to so many times longer; each write that succeeds shortens it by this factor."""
SAME_FROM = 0.8
"""A window that a platform states is taken for ours when it is at most so much shorter: its answer took time."""
LONGEST_INTERVAL = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditBudget:
    """How much the platform allows: `burst` writes at once, then one each `interval` seconds. Precisely: no more than
    `burst` in any `burst × interval` seconds."""

    name: str
    """Replies whose budgets have the same name share it."""
    burst: int
    interval: float
    place: str = ""
    """The workspace or channel for which the platform counts, as its key is written: whoever answers there draws on the
    same budget. Empty where nobody else can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetObservation:
    """What a platform's answer told us of a budget. With nothing but defaults: a refusal without any figure."""

    remaining: int | None = None
    reset_after: float | None = None
    """Seconds until the budget is whole again."""
    retry_after: float | None = None
    """Seconds to wait: we were refused (429)."""
    burst: int | None = None
    """The budget's size as the platform states it."""


class Allowance:
    """The writes of one budget, as far as they still count."""

    def __init__(self, budget: EditBudget, now: float) -> None:
        self._stated = max(1, budget.burst)
        self._owners = 1
        self._interval = budget.interval
        self._counted: list[float] = []
        """Since when each write counts, in order."""
        self._flying = 0
        self._quickest = math.inf
        self._paused_until = now
        self._refusals = 0
        self._slowness = 1.0

    def shared(self, owners: int) -> None:
        """So many processes draw on the budget, this one among them: each keeps to its part, so that together they
        stay within the whole, whatever window the platform counts in."""
        self._owners = max(1, owners)

    @property
    def _burst(self) -> int:
        """The part of this process."""
        return max(1, self._stated // self._owners)

    @property
    def interval(self) -> float:
        """Seconds for each write, as long as it lasts."""
        return self._interval * max(self._stated / self._burst, self._owners) * self._slowness

    @property
    def window(self) -> float:
        """Seconds for which a write counts."""
        return self._burst * self.interval

    @property
    def free(self) -> int:
        """Writes that could be made at once, as of the last question."""
        return self._burst - len(self._counted) - self._flying

    def began(self) -> None:
        """A write is on its way."""
        self._flying += 1

    def returned(self, sent: float, now: float) -> None:
        """It came back, shown or not."""
        self._flying -= 1
        self._quickest = min(self._quickest, now - sent)
        insort(self._counted, now - self._quickest / 2)

    def vanished(self, sent: float) -> None:
        """Nobody will say what became of it; it may have been counted."""
        self._flying -= 1
        insort(self._counted, sent)

    def succeeded(self) -> None:
        """The platform took a write, so the pace recovers."""
        self._refusals = 0
        self._slowness = max(1.0, self._slowness * RECOVERY)

    def earliest(self, now: float) -> float:
        """When one more write may be sent, as far as is known now."""
        while self._counted and self._counted[0] + self.window <= now:
            self._counted.pop(0)
        over = len(self._counted) + self._flying - self._burst
        if over < 0:
            return max(now, self._paused_until)
        # While all that counts is still flying, its return will say more.
        fits = self._counted[over] + self.window if over < len(self._counted) else now + max(0.01, self.interval)
        return max(fits, self._paused_until)

    def returning(self, now: float) -> list[float]:
        """In how many seconds each counted write stops counting, in order."""
        return [since + self.window - now for since in self._counted]

    def learned(self, observation: BudgetObservation, now: float) -> None:
        """The count agrees with what the platform said; after a refusal nothing is sent before its time."""
        if observation.burst is not None and observation.burst > 0:
            self._resize(observation.burst, observation)
        if observation.remaining is not None:
            self._recount(observation.remaining, observation.reset_after, now)
        if observation.retry_after is not None:
            self._refused(max(0.0, observation.retry_after) + RETRY_MARGIN, now)
        elif observation == BudgetObservation():
            self._refused(min(PAUSE_MOST, max(PAUSE_LEAST, self._interval) * 2.0**self._refusals), now)

    def _refused(self, pause: float, now: float) -> None:
        self._refusals += 1
        self._slowness = min(SLOWEST, self._slowness * 2)
        self._paused_until = max(self._paused_until, now + pause)

    def _resize(self, burst: int, observation: BudgetObservation) -> None:
        """The first answer of a fresh window also says how long a window is, up to the time it took to arrive."""
        self._stated = burst
        if observation.remaining == burst - 1 and observation.reset_after:
            interval = observation.reset_after / burst
            if not SAME_FROM * self._interval <= interval <= self._interval:
                self._interval = min(LONGEST_INTERVAL, interval)

    def _recount(self, remaining: int, reset_after: float | None, now: float) -> None:
        """The answer is about a write that still counts as flying; others that fly may not have been counted."""
        self.earliest(now)
        counted = max(0, self._burst - remaining + max(0, self._flying - 1) - self._flying)
        if self._owners == 1:  # what the others leave free is not ours: they may be about to use it
            del self._counted[: max(0, len(self._counted) - counted)]
        reset = now + (self.interval if reset_after is None else reset_after)
        for _ in range(counted - len(self._counted)):
            insort(self._counted, reset - self.window)
