"""Gateway sessions: numbered events to one bot process, kept so that a resumed connection misses nothing.

A session outlives its connection. How frames travel is `gateway`; who hears what is `dispatch`.
"""

import json
from collections import deque
from typing import Protocol

from sandbox.discord.snowflakes import shard_of
from sandbox.discord.values import Json

KEPT = 10_000
"""Events that a session can replay; an older place in the sequence cannot be resumed."""


class Sink(Protocol):
    """Where a session's frames go while it is connected."""

    def send(self, frame: str) -> None: ...


class Session:
    """One identified bot, or one shard of it."""

    def __init__(self, id: str, intents: int, shard: tuple[int, int]) -> None:
        self.id = id
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.sink: Sink | None = None
        self.lost_at: float | None = None
        """When its connection ended, in seconds since 1970."""
        self._kept: deque[tuple[int, str]] = deque(maxlen=KEPT)

    @property
    def connected(self) -> bool:
        return self.sink is not None

    def hears_guild(self, guild_id: str | None) -> bool:
        return shard_of(guild_id, self.shard[1]) == self.shard[0]

    def dispatch(self, event: str, data: Json) -> None:
        """The event has the next number; it is sent now or, without a connection, when the session is resumed."""
        self.sequence += 1
        frame = json.dumps({"op": 0, "s": self.sequence, "t": event, "d": data})
        self._kept.append((self.sequence, frame))
        if self.sink is not None:
            self.sink.send(frame)

    def can_resume(self, sequence: int) -> bool:
        oldest = self._kept[0][0] if self._kept else self.sequence + 1
        return oldest - 1 <= sequence <= self.sequence

    def replay(self, sequence: int) -> None:
        """Everything after that number is sent again."""
        for number, frame in list(self._kept):
            if number > sequence and self.sink is not None:
                self.sink.send(frame)
