"""Charts for a running process: drawn beside the event loop, by a library that is loaded with the first of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.chart import Bar, Track


class Pictures:
    """Implements core.chart.Charts."""

    async def bar_chart(self, title: str, bars: Sequence[Bar]) -> bytes:
        """See core.chart.Charts."""
        return await asyncio.to_thread(_drawn, title, tuple(bars))

    async def track_chart(self, title: str, tracks: Sequence[Track], *, goal: float) -> bytes:
        """See core.chart.Charts."""
        return await asyncio.to_thread(_tracked, title, tuple(tracks), goal)


def _tracked(title: str, tracks: Sequence[Track], goal: float) -> bytes:
    from adapters.charts.tracks import track_chart

    return track_chart(title, tracks, goal=goal)


def _drawn(title: str, bars: Sequence[Bar]) -> bytes:
    from adapters.charts.bars import bar_chart

    return bar_chart(title, bars)
