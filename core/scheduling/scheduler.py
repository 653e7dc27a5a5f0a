"""Which reply writes next, and when. The largest waiting goes first because that is best: replies that are served
whenever their waiting reaches a common threshold get edits in proportion to the square root of their speed, and no
other division of the same edits has a smaller mean lag (docs/edit-scheduling.md).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import IntEnum

from core.scheduling.allowance import Allowance, BudgetObservation, EditBudget
from core.scheduling.lengths import Lengths
from core.scheduling.spacing import Survival, spacing

PATIENCE = 5.0
"""Seconds that a reply waits, beyond two rounds of all that are ready, before it goes first."""
CROWD = 8
"""So many of the growing replies are asked how long they may go on; more would change little and cost much."""


class Urgency(IntEnum):
    """Why a reply wants to write. The smaller, the sooner."""

    FIRST = 0
    """Nothing is shown yet."""
    FINAL = 1
    """The text is complete."""
    GROWING = 2


@dataclass(frozen=True, slots=True)
class Edit:
    """That reply may write once, now; then `done` or `failed` must be called."""

    reply: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be written before that time; None: not before something new is offered."""

    until: float | None


@dataclass(slots=True)
class _Reply:
    """One reply. Of its unshown characters only their number and the sum of their arrival times are kept, so an
    offer costs the same however long the text is."""

    urgency: Urgency
    began: float
    began_with: int
    since: float
    """When the oldest text that waits was offered."""
    written: int = 0
    count: int = 0
    arrivals: float = 0.0
    wanting: bool = False
    """Whether something was offered since the last flight began."""
    flying: bool = False
    sent: float = 0.0
    carried: int = 0
    carried_arrivals: float = 0.0

    def waited(self, now: float) -> float:
        """Character seconds."""
        return self.count * now - self.arrivals

    def survival(self, lengths: Lengths, now: float) -> Survival:
        """With which probability the answer goes on, from its length and its speed so far."""
        speed = (self.written - self.began_with) / (now - self.began + 0.1)
        written, before = self.written, lengths.beyond(self.written)
        return lambda seconds: lengths.beyond(written + speed * seconds) / before


class EditScheduler:
    """Decides for all replies that share one budget."""

    def __init__(self, budget: EditBudget, *, now: float, lengths: Lengths | None = None) -> None:
        self._lengths = lengths or Lengths()
        self._allowance = Allowance(budget, now)
        self._replies: dict[int, _Reply] = {}
        self._ready: dict[Urgency, set[int]] = {urgency: set() for urgency in Urgency}
        self._last: float | None = None

    # ── what replies and the platform say ──

    def offer(self, reply: int, written: int, now: float, *, urgency: Urgency, shown: int | None = None) -> bool:
        """The reply has `written` characters in all. True when `next` may now answer differently. Of a reply that is
        new here, `shown` characters are seen already, by writes on another budget; all that is there, if not said
        and the text is not its first."""
        known = self._replies.get(reply)
        if known is None:
            seen = shown if shown is not None else 0 if urgency is Urgency.FIRST else written
            entry = _Reply(urgency=urgency, began=now, began_with=written, since=now, written=seen)
            self._replies[reply] = entry
        else:
            entry = known
        if written < entry.written:
            entry.written, entry.count, entry.arrivals, entry.began, entry.began_with = 0, 0, 0.0, now, written
        # The first offer after a flight brings what came in the meantime.
        arrived = now if known is None or entry.wanting else (entry.sent + now) / 2
        entry.count += written - entry.written
        entry.arrivals += (written - entry.written) * arrived
        entry.written = written
        return self._wants(reply, entry, urgency, now)

    def _wants(self, reply: int, entry: _Reply, urgency: Urgency, now: float) -> bool:
        if entry.wanting and entry.urgency is urgency:
            return False
        if not entry.wanting:
            entry.since = now
        self._ready[entry.urgency].discard(reply)
        entry.urgency, entry.wanting = urgency, True
        if entry.flying:
            return False
        self._ready[urgency].add(reply)
        return True

    def done(self, reply: int, now: float) -> None:
        """The write returned, and people see it."""
        if self._landed(reply, now) is not None:
            self._allowance.succeeded()

    def failed(self, reply: int, now: float) -> None:
        """The write returned, and people do not see it; the platform may have counted it all the same."""
        entry = self._landed(reply, now)
        if entry is not None:
            entry.count += entry.carried
            entry.arrivals += entry.carried_arrivals

    def _landed(self, reply: int, now: float) -> _Reply | None:
        entry = self._replies.get(reply)
        if entry is None or not entry.flying:
            return None
        entry.flying = False
        if entry.wanting:
            self._ready[entry.urgency].add(reply)
        self._allowance.returned(entry.sent, now)
        return entry

    def forget(self, reply: int) -> None:
        """The reply is unknown again. A write of it that was granted counts as made."""
        entry = self._replies.pop(reply, None)
        if entry is None:
            return
        self._ready[entry.urgency].discard(reply)
        if entry.flying:
            self._allowance.vanished(entry.sent)

    def learned(self, observation: BudgetObservation, now: float) -> None:
        """What the platform said of the budget holds from now on."""
        self._allowance.learned(observation, now)

    def shared(self, owners: int) -> None:
        """So many processes draw on the budget from now on, this one among them."""
        self._allowance.shared(owners)

    # ── the decision ──

    def next(self, now: float) -> Edit | Wait:
        """The reply that may write now, whose flight begins, or until when to wait. A wait costs the same however
        many replies there are; an edit looks at each of those that are ready."""
        if not any(self._ready.values()):
            return Wait(None)
        earliest = self._allowance.earliest(now)
        if earliest > now:
            return Wait(earliest)
        urgent = self._ready[Urgency.FIRST] or self._ready[Urgency.FINAL]
        if self._last is not None and not urgent:
            due = self._last + self._spacing(now)
            if due > now:
                return Wait(due)
        return Edit(self._sent(self._chosen(now), now))

    def _chosen(self, now: float) -> int:
        ready = [reply for replies in self._ready.values() for reply in replies]
        patience = PATIENCE + 2 * len(ready) * self._allowance.interval

        def rank(reply: int) -> tuple[float, float, int]:
            entry = self._replies[reply]
            if now - entry.since > patience:
                return (-1, entry.since, reply)
            return (entry.urgency, -entry.waited(now), reply)

        return min(ready, key=rank)

    def _sent(self, reply: int, now: float) -> int:
        entry = self._replies[reply]
        self._ready[entry.urgency].discard(reply)
        entry.wanting, entry.flying, entry.sent = False, True, now
        entry.carried, entry.carried_arrivals = entry.count, entry.arrivals
        entry.count, entry.arrivals = 0, 0.0
        self._allowance.began()
        self._last = now
        return reply

    def _spacing(self, now: float) -> float:
        """Seconds between writes of growing text. Most answers end soon, so what is free is spent while they probably
        go on; but never so densely that a longer one would freeze afterwards."""
        allowance, growing = self._allowance, self._ready[Urgency.GROWING]
        some = itertools.islice(growing, CROWD)
        survivals = [self._replies[reply].survival(self._lengths, now) for reply in some]
        return spacing(
            survivals, allowance.free, allowance.returning(now), interval=allowance.interval, window=allowance.window
        )
