"""How late people see what a model writes: the mean over characters of (time visible − time generated). Pure.

Told of every piece that comes and of every write that returned. What nobody has seen yet is kept by piece, not by
character, and each piece is let go of once, so a piece costs the same however long the answer is. A character that a
write carried counts as visible, also where it is shown differently for a moment (an unfinished link). What gathered
while nobody read the stream counts as having come in the middle of that time, which is right on average.
"""

from __future__ import annotations

import math
from collections import deque

GATHERED_WITHIN = 0.02
"""Seconds after a rest in which what has gathered is read."""
MOST_PIECES = 32
"""Pieces that are kept apart while nobody has seen them."""


class Lag:
    """The lag of one answer."""

    def __init__(self) -> None:
        self.first_seen: float | None = None
        """When people saw the first text, by the clock's monotonic seconds; also of an answer that began anew since."""
        self._rest = (-math.inf, -math.inf)
        """When the reader last began to rest, and until when."""
        self._restart()

    def _restart(self) -> None:
        self._unseen: deque[tuple[int, float]] = deque()
        """Where each piece ends, and when it came."""
        self._written = 0
        self._seen = 0
        self._waited = 0.0

    @property
    def mean(self) -> float | None:
        """Seconds, over the characters that people have seen; none where there are none."""
        return self._waited / self._seen if self._seen else None

    def resting(self, seconds: float, now: float) -> None:
        """For so long nobody reads the stream."""
        self._rest = (now, now + seconds)

    def wrote(self, characters: int, now: float) -> None:
        """That many characters more were read."""
        if characters:
            self._written += characters
            self._unseen.append((self._written, self._came(now)))
            if len(self._unseen) > MOST_PIECES:
                self._merge()

    def _merge(self) -> None:
        """Each two pieces become one that came when their characters did on average: seen together, they have waited
        as long as before. So a crowd that waits for its first text takes little memory."""
        merged: deque[tuple[int, float]] = deque()
        begin = self._seen
        pieces = iter(self._unseen)
        for middle, came in pieces:
            end, later = next(pieces, (middle, came))
            merged.append((end, (came * (middle - begin) + later * (end - middle)) / (end - begin)))
            begin = end
        self._unseen = merged

    def _came(self, now: float) -> float:
        began, until = self._rest
        return (began + until) / 2 if until <= now <= until + GATHERED_WITHIN else now

    def saw(self, through: int, now: float) -> None:
        """People see that many characters, from the beginning. What they had seen before stays seen."""
        through = min(through, self._written)
        while self._seen < through:
            end, came = self._unseen[0]
            self._waited += (min(end, through) - self._seen) * (now - came)
            self._seen = min(end, through)
            if end <= through:
                self._unseen.popleft()
        if self._seen and self.first_seen is None:
            self.first_seen = now

    def restarted(self) -> None:
        """The answer begins anew: what people saw of the old one counts no more."""
        self._restart()
