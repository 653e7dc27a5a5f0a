"""One reply as its budget's scheduler knows it. Of its unshown characters only their number and the sum of their
arrival times are kept, so an offer costs the same however long the text is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from core.scheduling.lengths import Lengths
from core.scheduling.rhythm import Rhythm
from core.scheduling.spacing import Survival

USUAL_SPEED, GUESSED = 250.0, 0.05
"""Characters a second before any came, and for how many seconds' worth that guess counts."""


class Urgency(IntEnum):
    """Why a reply wants to write. The smaller, the sooner."""

    FIRST = 0
    """Nothing is shown yet."""
    FINAL = 1
    """The text is complete."""
    GROWING = 2


@dataclass(slots=True)
class Entry:
    """What is known of the reply."""

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
    held: bool = False
    """Whether a write that may be made waits for the next piece."""
    rhythm: Rhythm = field(default_factory=Rhythm)

    def grew(self, written: int, now: float, *, new: bool) -> None:
        """It has so many characters in all; fewer than before where the answer began anew."""
        if written < self.written:
            self.written, self.count, self.arrivals, self.began, self.began_with = 0, 0, 0.0, now, written
        if written > self.written:
            self.rhythm.came(now, awaited=self.wanting)
            self.held = False
        # The first offer after a flight brings what came in the meantime.
        arrived = now if new or self.wanting else (self.sent + now) / 2
        self.count += written - self.written
        self.arrivals += (written - self.written) * arrived
        self.written = written

    def take_off(self, now: float) -> None:
        """All that is there is on its way."""
        self.wanting, self.held, self.flying, self.sent = False, False, True, now
        self.carried, self.carried_arrivals = self.count, self.arrivals
        self.count, self.arrivals = 0, 0.0

    def waited(self, now: float) -> float:
        """Character seconds."""
        return self.count * now - self.arrivals

    def survival(self, lengths: Lengths, now: float) -> Survival:
        """With which probability the answer goes on, from its length and its speed so far."""
        speed = (self.written - self.began_with + USUAL_SPEED * GUESSED) / (now - self.began + GUESSED)
        written, before = self.written, lengths.beyond(self.written)
        return lambda seconds: lengths.beyond(written + speed * seconds) / before
