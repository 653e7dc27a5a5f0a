"""Slack's published rate limits: calls of one method in one workspace per minute, with a modest burst.

Tiers are from docs.slack.dev/apis/web-api/rate-limits; the size of the burst is not published, so it is kept small
here. The module is told the time and only decides; `web_api` turns a refusal into HTTP 429.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many calls a minute on average, so many at once."""

    per_minute: float
    burst: int


TIER_1 = Limit(per_minute=1, burst=5)
TIER_2 = Limit(per_minute=20, burst=5)
TIER_3 = Limit(per_minute=50, burst=10)
TIER_4 = Limit(per_minute=100, burst=20)
GENEROUS = Limit(per_minute=600, burst=100)
POSTING_IN_CHANNEL = Limit(per_minute=60, burst=4)
POSTING_IN_WORKSPACE = Limit(per_minute=300, burst=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a limit still allows: so many calls of so many now, and one more in so many seconds."""

    calls: int
    of: int
    seconds: float


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    """One bucket for each key; a key is a method, or a method and a channel."""

    def __init__(self, now: Callable[[], float], scale: float | None = 1.0) -> None:
        self._now = now
        self.scale = scale
        """Multiplies every limit; None switches them off."""
        self._buckets: dict[str, _Bucket] = {}

    def take(self, limits: dict[str, Limit]) -> int:
        """0 when the call may go through, and then it counts against each key; else whole seconds to wait."""
        if self.scale is None:
            return 0
        buckets = {key: self._bucket(key, limit, self.scale) for key, limit in limits.items()}
        waits = [(1 - buckets[key].tokens) * 60 / (limit.per_minute * self.scale) for key, limit in limits.items()]
        if (wait := max(waits, default=0.0)) > 0:
            return math.ceil(wait)
        for bucket in buckets.values():
            bucket.tokens -= 1
        return 0

    def left(self, limits: dict[str, Limit]) -> Left | None:
        """How much of the tightest of these limits is left; None while they are switched off."""
        if self.scale is None:
            return None
        found = [
            Left(
                calls=math.floor(self._bucket(key, limit, self.scale).tokens),
                of=math.floor(max(1.0, limit.burst * self.scale)),
                seconds=60 / (limit.per_minute * self.scale),
            )
            for key, limit in limits.items()
        ]
        return min(found, key=lambda one: one.calls / one.of, default=None)

    def _bucket(self, key: str, limit: Limit, scale: float) -> _Bucket:
        now, room = self._now(), max(1.0, limit.burst * scale)
        bucket = self._buckets.setdefault(key, _Bucket(room, now))
        bucket.tokens = min(room, bucket.tokens + (now - bucket.at) * limit.per_minute * scale / 60)
        bucket.at = now
        return bucket
