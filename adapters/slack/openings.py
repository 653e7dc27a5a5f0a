"""Which answers in direct messages grow by Slack's own streaming. It begins few streams a minute in a workspace, but
takes many posts, so a crowd is not left to wait for streams: whoever finds them used up gets an ordinary message that
is edited, at once. Decided when an answer begins, and kept for it, since the two grow differently.
"""

from __future__ import annotations

from collections import defaultdict, deque

from adapters.recency import Recent
from adapters.slack import rates
from adapters.slack.targets import InDirect
from core.ports import Clock


class Openings:
    """The streams that this process begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chosen: Recent[tuple[str, str, str], bool] = Recent()
        """By answer, whether it is a stream."""
        self._begun: defaultdict[str, deque[float]] = defaultdict(deque)
        """When the last streams were begun, by workspace."""

    def is_stream(self, team: str, way: InDirect) -> bool:
        """Whether the answer is a stream: always the same for one answer."""
        place = (team, way.channel, way.message)
        known = self._chosen.get(place)
        if known is None:
            known = self._takes(team)
            self._chosen.put(place, known)
        return known

    def _takes(self, team: str) -> bool:
        burst, interval = rates.size(rates.START)
        begun, now = self._begun[team], self._clock.monotonic()
        while begun and begun[0] <= now - burst * interval:
            begun.popleft()
        if len(begun) >= burst:
            return False
        begun.append(now)
        return True
