"""In what rhythm a slow answer comes, so that a write can wait a moment for the next piece. Pure.

A model that says ten tokens a second adds one each 100 ms. A write that is due just before the next one carries
everything but that; a moment later it carries it too, and so does each write after it, at the price of a moment.
"""

from __future__ import annotations

import math

KNOWN_FROM = 3
"""Pieces that tell the pace."""
SLOW_FROM = 0.03
"""Seconds between pieces, from which it is worth while to wait for one."""
LATE_BY = 0.1
"""The part of a pace by which a piece may be late."""


class Rhythm:
    """The pieces of one answer."""

    def __init__(self) -> None:
        self._came = -math.inf
        """When the last one was offered."""
        self._seamless = False
        """Whether that is when it came: what is offered after a flight may have come during it."""
        self._pieces = 0
        self._between = 0.0
        """Seconds from each of so many to the next, together."""

    def came(self, now: float, *, awaited: bool) -> None:
        """A piece was offered; `awaited` when no flight lies between it and the last one."""
        if awaited and self._seamless:
            self._pieces += 1
            self._between += now - self._came
        self._seamless, self._came = awaited, now

    def worth_waiting_until(self, now: float) -> float:
        """When the next piece has come, if it comes in time; now, unless that is nearer than the last one."""
        if self._pieces < KNOWN_FROM:
            return now
        pace = self._between / self._pieces
        until = self._came + pace * (1 + LATE_BY)
        return until if pace > SLOW_FROM and now < until and now > self._came + pace / 2 else now
