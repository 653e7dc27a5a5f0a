"""Charts that commands give to people: what stands in them. Drawing is for others (adapters/charts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MEDIA_TYPE = "image/png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row."""

    name: str
    amount: int
    """Decides how long the bar is; none below 0."""
    told: str
    """The amount as people read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """How one thing grew."""

    name: str
    points: tuple[tuple[datetime, float], ...]
    """Oldest first; each a part of one."""
    told: str
    """Where it stands, as people read it."""


class Charts(Protocol):
    """Who draws."""

    async def bar_chart(self, title: str, bars: Sequence[Bar]) -> bytes:
        """A PNG with a row for each bar, in the order given, that can be read on dark and on light backgrounds. What
        is too long for its place is cut."""
        ...

    async def track_chart(self, title: str, tracks: Sequence[Track], *, goal: float) -> bytes:
        """The same with a row for each track over the time that they share, and a line at the part of one from which
        something counts as reached."""
        ...
