"""When which reply may be edited. Platforms allow few edits and tell how long to wait. This module only decides:
it is told the time, never sleeps and never edits.

One scheduler serves one budget, and all replies that draw on it:

- **What is allowed.** At most `burst` writes in any `burst × interval` seconds, counted from when a write returned:
  that is safe whether the platform counts in fixed windows, sliding ones or with a bucket. What its answers say
  corrects the count.
- **Who is next.** First text, then final text, then the reply with the largest waiting (each character not yet shown
  times how long it has waited). Equal thresholds of waiting are what minimises the mean lag of streams of different
  speed. Whoever has waited beyond a bound goes before all others, so nobody starves.
- **How fast.** First and final text go as soon as the budget allows. Growing text is spaced: a little faster while
  much of the budget is free, and then evenly, so that no burst is followed by a freeze.
- **After a refusal** everything waits as long as the platform said. Without a figure the pause doubles from one
  refusal to the next. Afterwards the pace is slower, and recovers write by write: somebody else may share the budget.

`docs/edit-scheduling.md` derives the bound that this is measured against.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

PATIENCE = 5.0
"""Seconds that a reply waits, beyond two rounds of all waiting ones, before it goes first."""
RETRY_MARGIN = 0.1
"""Seconds added to what a platform asks us to wait: its clock and ours are not read at the same moment."""
PAUSE_LEAST = 1.0
PAUSE_MOST = 60.0
"""Seconds of pause after a refusal without figures: the first time, and at most."""
SLOWEST = 8.0
RECOVERY = 0.9
"""After refusals the interval is up to so many times longer; each write that succeeds shortens it by this factor."""
HASTE = 0.7
"""The shortest spacing of growing text, in intervals, while the budget is unused."""


class Urgency(IntEnum):
    """Why a reply wants to write. The smaller, the sooner."""

    FIRST = 0
    """Nothing is shown yet."""
    FINAL = 1
    """The text is complete."""
    GROWING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EditBudget:
    """How much the platform allows: `burst` writes at once, then one each `interval` seconds."""

    name: str
    """Replies whose budgets have the same name share it."""
    burst: int
    interval: float


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


@dataclass(frozen=True, slots=True)
class Edit:
    """That reply may write once, now; then `done` or `failed` must be called."""

    reply: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be written before that time; None: not before something new is offered."""

    until: float | None


@dataclass(slots=True)
class _Waiting:
    """One reply. Of its unshown characters only their number and the sum of their arrival times are kept, so an
    offer costs the same however long the text is."""

    urgency: Urgency
    since: float
    """When the oldest text that waits was offered."""
    written: int = 0
    count: int = 0
    arrivals: float = 0.0
    wanted: bool = False
    flying: bool = False
    flight_count: int = 0
    flight_arrivals: float = 0.0
    flight_began: float | None = None

    def waited(self, now: float) -> float:
        """Character seconds."""
        return self.count * now - self.arrivals


class EditScheduler:
    """Decides for all replies that share one budget."""

    def __init__(self, budget: EditBudget, *, now: float) -> None:
        self._burst = max(1, budget.burst)
        self._interval = budget.interval
        self._replies: dict[int, _Waiting] = {}
        self._returned: list[float] = []
        self._flying = 0
        self._last = now - self._burst * self._interval
        self._paused_until = now
        self._refusals = 0
        self._slowness = 1.0

    # ── what replies say ──

    def offer(self, reply: int, written: int, now: float, *, urgency: Urgency) -> bool:
        """The reply has `written` characters in all, shown or not. True when `next` may now answer differently."""
        entry = self._replies.get(reply)
        if entry is None:
            entry = self._replies[reply] = _Waiting(urgency=urgency, since=now)
        if written < entry.written:
            entry.written, entry.count, entry.arrivals = 0, 0, 0.0
        arrived = now if entry.flight_began is None else (entry.flight_began + now) / 2
        entry.flight_began = None
        entry.count += written - entry.written
        entry.arrivals += (written - entry.written) * arrived
        entry.written = written
        news = not entry.wanted or entry.urgency is not urgency
        if not entry.wanted:
            entry.since = now
        entry.wanted, entry.urgency = True, urgency
        return news

    def done(self, reply: int, now: float) -> None:
        """The write returned, and people see it."""
        self._land(reply, now)
        self._refusals = 0
        self._slowness = max(1.0, self._slowness * RECOVERY)

    def failed(self, reply: int, now: float) -> None:
        """The write returned, and people do not see it; the platform may have counted it all the same."""
        entry = self._land(reply, now)
        if entry is not None:
            entry.count += entry.flight_count
            entry.arrivals += entry.flight_arrivals

    def forget(self, reply: int) -> None:
        """The reply is unknown again. A write of it that is on its way must still be reported."""
        entry = self._replies.pop(reply, None)
        if entry is not None and entry.flying:
            self._flying -= 1
            insort(self._returned, self._last)

    def _land(self, reply: int, now: float) -> _Waiting | None:
        entry = self._replies.get(reply)
        if entry is None or not entry.flying:
            return None
        entry.flying = False
        self._flying -= 1
        insort(self._returned, now)
        return entry

    # ── what the platform says ──

    def learned(self, observation: BudgetObservation, now: float) -> None:
        """The count agrees with what the platform said; after a refusal nothing is written before its time."""
        if observation.burst is not None and observation.burst > 0:
            self._resize(observation.burst, observation)
        if observation.remaining is not None:
            self._recount(observation.remaining, observation.reset_after, now)
        if observation.retry_after is not None:
            self._refused(max(0.0, observation.retry_after) + RETRY_MARGIN, now)
        elif observation == BudgetObservation():
            pause = max(PAUSE_LEAST, self._interval) * 2.0**self._refusals
            self._refused(min(PAUSE_MOST, pause), now)

    def _refused(self, pause: float, now: float) -> None:
        self._refusals += 1
        self._slowness = min(SLOWEST, self._slowness * 2)
        self._paused_until = max(self._paused_until, now + pause)

    def _resize(self, burst: int, observation: BudgetObservation) -> None:
        fresh = observation.remaining == burst - 1 and observation.reset_after
        self._burst = burst
        if fresh:
            self._interval = min(60.0, max(0.01, fresh / burst))

    def _recount(self, remaining: int, reset_after: float | None, now: float) -> None:
        self._expire(now)
        others = max(0, self._flying - 1)
        used = max(0, self._burst - remaining - others)
        reset = now + (self._interval if reset_after is None else reset_after)
        del self._returned[: max(0, len(self._returned) + self._flying - self._burst + remaining)]
        missing = used - len(self._returned)
        for _ in range(missing):
            insort(self._returned, reset - self._window)

    # ── the decision ──

    def next(self, now: float) -> Edit | Wait:
        """The reply that may write now, whose flight begins, or until when to wait."""
        urgent = growing = 0
        for entry in self._replies.values():
            if entry.wanted and not entry.flying:
                if entry.urgency is Urgency.GROWING:
                    growing += 1
                else:
                    urgent += 1
        if not urgent and not growing:
            return Wait(None)
        allowed = max(self._paused_until, self._free_at(now))
        if not urgent:
            allowed = max(allowed, self._last + self._spacing(now))
        if allowed > now:
            return Wait(allowed)
        return Edit(self._begin(self._chosen(now), now))

    def _chosen(self, now: float) -> int:
        ready = [(reply, entry) for reply, entry in self._replies.items() if entry.wanted and not entry.flying]
        patience = PATIENCE + 2 * len(ready) * self._interval * self._slowness
        return self._best(ready, now, patience)

    @staticmethod
    def _best(ready: Iterable[tuple[int, _Waiting]], now: float, patience: float) -> int:
        def rank(item: tuple[int, _Waiting]) -> tuple[float, float, float]:
            entry = item[1]
            waited = now - entry.since
            if waited > patience:
                return (-1.0, -waited, 0.0)
            return (float(entry.urgency), -entry.waited(now), -waited)

        return min(ready, key=rank)[0]

    def _begin(self, reply: int, now: float) -> int:
        entry = self._replies[reply]
        entry.flying, entry.wanted = True, False
        entry.flight_count, entry.flight_arrivals, entry.flight_began = entry.count, entry.arrivals, now
        entry.count, entry.arrivals = 0, 0.0
        self._flying += 1
        self._last = now
        return reply

    @property
    def _window(self) -> float:
        return self._burst * self._interval * self._slowness

    def _expire(self, now: float) -> None:
        while self._returned and self._returned[0] + self._window <= now:
            self._returned.pop(0)

    def _free_at(self, now: float) -> float:
        """When one more write fits."""
        self._expire(now)
        over = len(self._returned) + self._flying - self._burst
        if over < 0:
            return now
        if over >= len(self._returned):
            return now + self._interval
        return self._returned[over] + self._window

    def _spacing(self, now: float) -> float:
        """Seconds between writes of growing text: even, a little less while much of the budget is unused."""
        used = (len(self._returned) + self._flying) / self._burst
        return self._interval * self._slowness * (HASTE + (1 - HASTE) * min(1.0, used))
