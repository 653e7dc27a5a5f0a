"""Discord's ids: 64 bits whose upper part is the millisecond of birth, written as decimal strings.

Messages get ids that only grow. Guilds, people and channels get ids made from their names, so that they are the same
after a restart and whatever was stored about them still fits.
"""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
_NAMED_FROM_MS = 1_600_000_000_000
_NAMED_SPAN_MS = 100_000_000_000


class Snowflakes:
    """Fresh ids, each larger than the one before, also while the clock stands still."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> str:
        fresh = (int(self._now() * 1000) - EPOCH_MS) << 22
        self._last = max(fresh, self._last + 1)
        return str(self._last)


def named(kind: str, name: str) -> str:
    """The same id for the same name, as if born some day between 2020 and 2023."""
    spread = zlib.crc32(f"{kind}:{name}".encode())
    born = _NAMED_FROM_MS + spread * _NAMED_SPAN_MS // 2**32
    return str(((born - EPOCH_MS) << 22) | (spread & 0x3FFFFF))


def born_at(snowflake: str) -> float:
    """The moment in the id, in seconds since 1970."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000


def shard_of(guild_id: str | None, count: int) -> int:
    """The shard that hears of a guild; what belongs to no guild is heard on shard 0."""
    return 0 if guild_id is None else (int(guild_id) >> 22) % count


def timestamp(at: float) -> str:
    """A moment as Discord writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat()
