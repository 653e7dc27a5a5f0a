"""What no scheduler can beat, even one that knows the future. docs/edit-scheduling.md derives both bounds.

One stream: the least sum of squared gaps that the budget permits. Many streams: Lagrangian relaxation. Each window of
the budget gets a price for its writes, each stream buys the writes that suit it best, and what the streams' waiting
and purchases cost together, less what the windows earn, is a bound from below whatever the prices are. The prices are
only looked for, by ascending the smoothed dual; a bad search makes the bound lower, never wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache

from benchmarks.streaming.platforms import LATENCY, Platform
from core.scheduling import EditBudget

SLOTS = 240
"""Pieces of time in which writes of many streams are placed; the bound is lowered by the length of one."""
ROUNDS = 140


@cache
def least_lag(platform: Platform, streams: int, tokens: int, rate: float, latency: float = LATENCY) -> float:
    """Mean seconds between a character's generation and its being shown: for streams that begin together and are
    equally fast and long, whatever the scheduler. A call takes `latency` seconds."""
    duration = tokens / rate
    waiting = (
        _alone(platform.editing, duration, latency) if streams == 1 else _Market(platform, streams, duration).bound()
    )
    return max(0.0, waiting / duration - 1 / (2 * rate)) + latency


def least_worst(platform: Platform, streams: int, tokens: int, rate: float) -> float:
    """Mean seconds for the stream that is opened last, however well it is served afterwards."""
    window = platform.opening.burst * platform.opening.interval
    opened = (streams - 1) // platform.opening.burst * window + LATENCY
    duration = tokens / rate
    if opened < duration:
        return opened**2 / (2 * duration)
    return opened - duration / 2 - 1 / (2 * rate)


# ── one stream ──


def _alone(budget: EditBudget, duration: float, latency: float) -> float:
    """Half the least sum of squared gaps. The first text costs nothing of this budget, and a write begins when the
    last one has returned."""
    usual = math.ceil(duration / budget.interval)
    most = max(1, math.ceil(duration / latency)) if latency else usual + budget.burst + 1
    counts = range(max(1, min(usual - 2, most)), min(usual + budget.burst + 1, most) + 1)
    return min(_gaps(budget, duration, count) for count in counts)


def _gaps(budget: EditBudget, duration: float, count: int, sweeps: int = 300) -> float:
    """The dual of: half the sum of g² where the g sum to the duration and each `burst` gaps in a row between edits
    to at least the window. Any multipliers give a bound from below, so stopping early is safe."""
    window = budget.burst * budget.interval
    starts = range(1, count - budget.burst + 1)
    gaps = [0.0] * count
    multipliers = dict.fromkeys(starts, 0.0)
    total = 0.0
    best = duration**2 / (2 * count)
    for _ in range(sweeps if starts else 0):
        step = (duration - sum(gaps)) / count
        total += step
        gaps = [gap + step for gap in gaps]
        for start in starts:
            members = slice(start, start + budget.burst)
            step = max(-multipliers[start], (window - sum(gaps[members])) / budget.burst)
            multipliers[start] += step
            gaps[members] = [gap + step for gap in gaps[members]]
        value = total * duration + window * sum(multipliers.values()) - sum(gap * gap for gap in gaps) / 2
        best = max(best, value)
    return best


# ── many streams ──


@dataclass(slots=True)
class _Prices:
    """What a write costs in each window of one budget."""

    budget: EditBudget
    values: list[float]
    windows: list[int]
    """Which window each slot belongs to."""
    momentum: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)

    @classmethod
    def over(cls, budget: EditBudget, slots: list[float], streams: int, duration: float) -> _Prices:
        """To begin with: what a round of all streams costs, or what the last writes' queue does where that is more."""
        length, round_length = budget.burst * budget.interval, streams * budget.interval
        windows = [int(slot / length) for slot in slots]
        usual, slope = min(round_length, duration) ** 2 / 2, min(round_length, duration)
        end = max(duration, round_length)
        values = [max(usual, slope * (end - max(duration, window * length))) for window in range(windows[-1] + 1)]
        return cls(budget, values, windows, [0.0] * len(values), [1e-9] * len(values))

    def by_slot(self) -> list[float]:
        return [self.values[window] for window in self.windows]

    def earned(self) -> float:
        return self.budget.burst * sum(self.values)

    def move(self, bought: list[float], streams: int, step: float) -> None:
        """Dearer where more is bought than there is, cheaper elsewhere."""
        excess = [-self.budget.burst / streams] * len(self.values)
        for slot, amount in enumerate(bought):
            excess[self.windows[slot]] += amount
        for window, amount in enumerate(excess):
            self.momentum[window] = 0.8 * self.momentum[window] + 0.2 * amount
            self.size[window] = 0.95 * self.size[window] + 0.05 * amount**2
            change = step * self.momentum[window] / (math.sqrt(self.size[window]) + 0.02)
            self.values[window] = max(0.0, self.values[window] + change)


class _Market:
    """Equal streams that buy openings and edits."""

    def __init__(self, platform: Platform, streams: int, duration: float) -> None:
        opening, editing = platform.opening, platform.editing
        last = duration + (streams / editing.burst + 2) * editing.burst * editing.interval
        horizon = max(last, (streams / opening.burst + 1) * opening.burst * opening.interval)
        self._streams = streams
        self._duration = duration
        self._slot = horizon / SLOTS
        slots = [number * self._slot for number in range(SLOTS + 1)]
        self._ended = next(number for number, slot in enumerate(slots) if slot >= duration)
        self._first = [self._gap(0.0, slot) for slot in slots]
        self._gaps = [
            [self._gap(slot, later) for later in slots[n + 1 :]] for n, slot in enumerate(slots[: self._ended])
        ]
        self._editing = _Prices.over(editing, slots, streams, duration)
        self._opening = _Prices.over(opening, slots, streams, duration)
        self._scale = max(self._editing.values + self._opening.values)

    def _gap(self, before: float, after: float) -> float:
        """Character seconds, at one character a second, of what comes between two writes."""
        if after <= self._duration:
            return (after - before) ** 2 / 2
        return (self._duration - before) * (after - (self._duration + before) / 2)

    def bound(self) -> float:
        """The least waiting of one stream, on average."""
        best = -math.inf
        for number in range(ROUNDS):
            warmth = self._scale * max(0.002, 0.05 * 0.93**number)
            best = max(best, self._round(warmth, self._scale * 0.1 / (1 + number / 40)))
        return best - self._slot * self._duration

    def _round(self, warmth: float, step: float) -> float:
        edits, openings = self._editing.by_slot(), self._opening.by_slot()
        exact, smooth = [0.0] * (SLOTS + 1), [0.0] * (SLOTS + 1)
        shares: list[list[float]] = [[]] * self._ended
        for slot in range(self._ended - 1, -1, -1):
            costs = [gap + price for gap, price in zip(self._gaps[slot], edits[slot + 1 :], strict=True)]
            exact[slot] = min(map(float.__add__, costs, exact[slot + 1 :]))
            smooth[slot], shares[slot] = _softly(list(map(float.__add__, costs, smooth[slot + 1 :])), warmth)
        costs = [first + price for first, price in zip(self._first, openings, strict=True)]
        value = min(map(float.__add__, costs, exact))
        _, opened = _softly(list(map(float.__add__, costs, smooth)), warmth)
        value -= (self._editing.earned() + self._opening.earned()) / self._streams
        self._opening.move(opened, self._streams, step)
        self._editing.move(self._bought(opened, shares), self._streams, step)
        return value

    def _bought(self, opened: list[float], shares: list[list[float]]) -> list[float]:
        """How many edits one stream makes in each slot."""
        bought = [0.0] * (SLOTS + 1)
        for slot in range(self._ended):
            amount = opened[slot] + bought[slot]
            if amount > 1e-9:
                for later, share in enumerate(shares[slot], start=slot + 1):
                    bought[later] += amount * share
        return bought


def _softly(costs: list[float], warmth: float) -> tuple[float, list[float]]:
    """The smoothed minimum, and how much each choice has of it."""
    least = min(costs)
    weights = [math.exp((least - cost) / warmth) for cost in costs]
    total = sum(weights)
    return least - warmth * math.log(total), [weight / total for weight in weights]
