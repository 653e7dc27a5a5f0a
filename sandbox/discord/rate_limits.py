"""Discord's rate limits: buckets that refill all at once, one for each kind of call and place.

Discord publishes no numbers. Creating and editing messages follow what others measured (about 5 in 5 s a channel); the
rest is chosen so that a well-behaved bot does not meet it. Calls with an interaction's token do not count to the
global limit. The module is told the time and only decides; `rest.door` turns a refusal into HTTP 429.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many calls in so many seconds, counted from the first."""

    calls: int
    seconds: float


LIMITS: Mapping[str, Limit] = {
    "message.create": Limit(calls=5, seconds=5),
    "message.edit": Limit(calls=5, seconds=5),
    "message.delete": Limit(calls=5, seconds=1),
    "message.read": Limit(calls=50, seconds=1),
    "reaction": Limit(calls=1, seconds=0.25),
    "typing": Limit(calls=5, seconds=5),
    "thread": Limit(calls=50, seconds=300),
    "webhook": Limit(calls=5, seconds=5),
    "webhook.edit": Limit(calls=5, seconds=5),
    "commands": Limit(calls=20, seconds=20),
    "other": Limit(calls=50, seconds=1),
}
GLOBAL = Limit(calls=50, seconds=1)


@dataclass(slots=True)
class _Bucket:
    until: float
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whether the call may go through, and what its headers say."""

    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float = 0.0
    """Seconds to wait; 0 when the call went through."""
    scope: Literal["user", "global"] = "user"


class RateLimits:
    """Every bucket; a key is a kind of call and the channel, guild or token that it is about."""

    def __init__(self, now: Callable[[], float], scale: float | None = 1.0) -> None:
        self._now = now
        self.scale = scale
        """Multiplies the calls of every limit; None switches them off, and the headers too."""
        self.limits: dict[str, Limit] = dict(LIMITS)
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, kind: str, place: str, *, counts_globally: bool) -> Grant:
        """The call counts against its bucket and the global one, or is refused and counts against neither."""
        if self.scale is None:
            return Grant()
        bucket, room = self._bucket((kind, place), self.limits[kind], self.scale)
        whole, whole_room = self._bucket(("global", ""), GLOBAL, self.scale)
        now = self._now()
        if counts_globally and whole.used >= whole_room:
            return Grant(retry_after=_millis(whole.until - now), scope="global")
        refused = bucket.used >= room
        if not refused:
            bucket.used += 1
            whole.used += counts_globally
        headers = {
            "X-RateLimit-Limit": str(room),
            "X-RateLimit-Remaining": str(room - bucket.used),
            "X-RateLimit-Reset": f"{bucket.until:.3f}",
            "X-RateLimit-Reset-After": f"{bucket.until - now:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(kind.encode()).hexdigest()[:32],
        }
        return Grant(headers=headers, retry_after=_millis(bucket.until - now) if refused else 0.0)

    def _bucket(self, key: tuple[str, str], limit: Limit, scale: float) -> tuple[_Bucket, int]:
        now = self._now()
        found = self._buckets.get(key)
        if found is None or found.until <= now:
            found = self._buckets[key] = _Bucket(now + limit.seconds)
        return found, max(1, round(limit.calls * scale))


def _millis(seconds: float) -> float:
    return max(0.001, round(seconds, 3))
