"""What can be reached by whoever does not know how long an answer will be, only how long answers are.

While a lone answer of steady speed goes on, its scheduler learns nothing but that it does. So it is a list of times at
which it writes as long as the answer goes on, and the last text follows at the end. `least` is a bound from below for
all such lists, by dynamic programming over slots of time; `found` is what the best list does that a search finds, in
the same units. Both know the true distribution of lengths. docs/edit-scheduling.md derives them.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import NormalDist

from benchmarks.streaming.platforms import LATENCY, Platform

MEDIAN, SPREAD, SHORTEST, LONGEST = 400, 0.9, 10, 2_000
"""Tokens of the median answer, the deviation of the logarithm, and the bounds of what is asked for."""
ANSWERS = 48
SLOTS = 900
FINE = 4
"""Pieces of a slot for the sums."""
TRIES = 4_000


def answers() -> tuple[int, ...]:
    """Tokens of answers of very different lengths, each as likely as any other, in an order that is always the same."""
    quantiles = (NormalDist().inv_cdf((number + 0.5) / ANSWERS) for number in range(ANSWERS))
    tokens = [max(SHORTEST, min(LONGEST, int(MEDIAN * math.exp(SPREAD * quantile)))) for quantile in quantiles]
    random.Random(5).shuffle(tokens)
    return tuple(tokens)


@cache
def least(platform: Platform, rate: float) -> float:
    """Mean seconds of lag over all characters of `answers`, which no list of times can go below."""
    tokens = answers()
    durations = sorted(count / rate for count in tokens)
    window = platform.editing.burst * platform.editing.interval
    slot = window / math.ceil(window / max(durations[-1] / SLOTS, LATENCY / 12))
    waiting = _least_waiting(durations, slot, round(window / slot), platform.editing.burst)
    return waiting / sum(durations) - 1 / (2 * rate) + LATENCY - slot


def _least_waiting(durations: Sequence[float], slot: float, window: int, burst: int) -> float:
    """Seconds², over all answers, of the best list whose writes stand at the ends of slots, with no more than `burst`
    in each window of so many slots. One write returns before the next, and the last text costs nothing."""
    count = math.ceil(durations[-1] / slot) + 1
    alive, moments = _integrals(durations, slot, count)
    apart = math.floor(LATENCY / slot)
    costs = [[0.0] * (burst + 1) for _ in range(count + 1)]
    for place in range(count - 1, -1, -1):

        def gap(until: int, place: int = place) -> float:
            return moments[until] - moments[place] - place * slot * (alive[until] - alive[place])

        best = [gap(count)] * (burst + 1)
        for until in range(place + max(1, apart), count + 1):
            waiting, after = gap(until), costs[until]
            if waiting >= max(best):
                break
            fresh = _window(until, window) != _window(place, window)
            for used in range(burst + 1):
                if fresh or used < burst:
                    best[used] = min(best[used], waiting + after[1 if fresh else used + 1])
        costs[place] = best
    return costs[0][0]


def _window(place: int, window: int) -> int:
    """Windows end with a slot's end, so that whoever is moved there stays in the same one."""
    return max(0, place - 1) // window


def _integrals(durations: Sequence[float], slot: float, count: int) -> tuple[list[float], list[float]]:
    """Up to each slot: ∫ S(u) du and ∫ u·S(u) du, where S(u) answers go on after u seconds."""
    alive, moments = [0.0], [0.0]
    for place in range(count):
        times = [(place + (piece + 0.5) / FINE) * slot for piece in range(FINE)]
        left = [len(durations) - bisect_right(durations, time) for time in times]
        alive.append(alive[-1] + sum(left) * slot / FINE)
        moments.append(moments[-1] + sum(map(float.__mul__, times, map(float, left))) * slot / FINE)
    return alive, moments


# ── what a search finds ──


@cache
def found(platform: Platform, rate: float) -> float:
    """Mean seconds of lag over all characters of `answers`, by the best list of times that was found."""
    durations = [count / rate for count in answers()]
    burst, interval = platform.editing.burst, platform.editing.interval
    chance = random.Random(1)
    even = [interval * (number + 0.5) for number in range(int(max(durations) / interval) + burst)]
    times = _allowed(even, burst, interval)
    best = sum(_waiting(times, duration, burst, interval) for duration in durations)
    for _ in range(TRIES):
        changed = _changed(times, chance)
        if changed[0] < 0 or any(later < earlier for earlier, later in pairwise(changed)):
            continue
        changed = _allowed(changed, burst, interval)
        waiting = sum(_waiting(changed, duration, burst, interval) for duration in durations)
        if waiting < best:
            times, best = changed, waiting
    return best / sum(durations) - 1 / (2 * rate) + LATENCY


def _changed(times: Sequence[float], chance: random.Random) -> list[float]:
    """One of the times is moved, or all from one on."""
    first = int(chance.random() ** 2 * len(times))
    change = chance.gauss(0, chance.random() ** 2 / 2)
    last = first + 1 if chance.random() < 0.5 else len(times)
    return [time + change if first <= place < last else time for place, time in enumerate(times)]


def _allowed(times: Sequence[float], burst: int, interval: float) -> list[float]:
    """None before the budget allows it, nor before the last one returned."""
    moved = list[float]()
    for place, time in enumerate(times):
        earliest = moved[-1] + LATENCY if moved else 0.0
        if place >= burst:
            earliest = max(earliest, moved[place - burst] + burst * interval)
        moved.append(max(time, earliest))
    return moved


def _waiting(times: Sequence[float], duration: float, burst: int, interval: float) -> float:
    """Seconds² of an answer of that duration; its last text waits for the budget too."""
    used = [time for time in times if time < duration]
    end = max(duration, used[-1] + LATENCY) if used else duration
    if len(used) >= burst:
        end = max(end, used[-burst] + burst * interval)
    gaps = (later - earlier for earlier, later in pairwise([0.0, *used]))
    rest = duration - (used[-1] if used else 0.0)
    return sum(gap**2 for gap in gaps) / 2 + rest**2 / 2 + rest * (end - duration)
