"""Which reply writes next, and when. The largest waiting goes first because that is best: replies that are served
whenever their waiting reaches a common threshold get edits in proportion to the square root of their speed, and no
other division of the same edits has a smaller mean lag (docs/edit-scheduling.md).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.scheduling.allowance import Allowance, BudgetObservation, EditBudget
from core.scheduling.entry import Entry, Urgency
from core.scheduling.lengths import Lengths
from core.scheduling.spacing import spacing

PATIENCE = 5.0
"""Seconds that a reply waits, beyond two rounds of all that are ready, before it goes first."""
FIRST_GAP = 0.4
"""Of the usual gap, after a first text: half of it is best, of which the first text's own flight takes a part."""
CROWD = 8
"""So many of the growing replies are asked how long they may go on; more would change little and cost much."""


@dataclass(frozen=True, slots=True)
class Edit:
    """That reply may write once, now; then `done` or `failed` must be called."""

    reply: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be written before that time; None: not before something new is offered."""

    until: float | None


class EditScheduler:
    """Decides for all replies that share one budget."""

    def __init__(self, budget: EditBudget, *, now: float, lengths: Lengths | None = None) -> None:
        self._lengths = lengths or Lengths()
        self._allowance = Allowance(budget, now)
        self._replies: dict[int, Entry] = {}
        self._ready: dict[Urgency, set[int]] = {urgency: set() for urgency in Urgency}
        self._last = -math.inf

    # ── what replies and the platform say ──

    def offer(self, reply: int, written: int, now: float, *, urgency: Urgency, shown: int | None = None) -> bool:
        """The reply has `written` characters in all. True when `next` may now answer differently. Of a reply that is
        new here, `shown` characters are seen already, by writes on another budget; all that is there, if not said
        and the text is not its first."""
        known = self._replies.get(reply)
        if known is None:
            seen = shown if shown is not None else 0 if urgency is Urgency.FIRST else written
            entry = Entry(urgency=urgency, began=now, began_with=written, since=now, written=seen)
            self._replies[reply] = entry
        else:
            entry = known
        held = entry.held
        entry.grew(written, now, new=known is None)
        return self._wants(reply, entry, urgency, now) or (held and not entry.held)

    def _wants(self, reply: int, entry: Entry, urgency: Urgency, now: float) -> bool:
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

    def _landed(self, reply: int, now: float) -> Entry | None:
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
        due = now if urgent else max(self._paced(now), self._held(now))
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
        entry.take_off(now)
        self._allowance.began()
        self._last = now
        return reply

    def _paced(self, now: float) -> float:
        """When growing text is due. Whoever has come here was shown a moment ago, by a write on another budget."""
        some = [self._replies[reply] for reply in itertools.islice(self._ready[Urgency.GROWING], CROWD)]
        spacing = self._spacing(some, now)
        return max(min(entry.began for entry in some) + spacing * FIRST_GAP, self._last + spacing)

    def _held(self, now: float) -> float:
        """Until when a write of the only reply is kept back, so that it takes the next piece along."""
        growing = self._ready[Urgency.GROWING]
        if len(growing) != 1:
            return now
        entry = self._replies[next(iter(growing))]
        until = entry.rhythm.worth_waiting_until(now)
        entry.held = until > now
        return until

    def _spacing(self, some: Sequence[Entry], now: float) -> float:
        """Seconds between writes of growing text. Most answers end soon, so what is free is spent while they probably
        go on; but never so densely that a longer one would freeze afterwards."""
        allowance = self._allowance
        survivals = [entry.survival(self._lengths, now) for entry in some]
        return spacing(
            survivals, allowance.free, allowance.returning(now), interval=allowance.interval, window=allowance.window
        )
