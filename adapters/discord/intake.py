"""Events of the gateway on their way to the store: in order within a channel, channels side by side.

The gateway knows no acknowledgement. What cannot be stored now (the database is away, Discord must be asked for a
channel and does not answer) is kept here, in this process's memory, and tried again with growing pauses; it is lost
only with the process. The number kept is bounded: beyond it people are told that we are busy.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from core.errors import StoreUnavailable, SurfaceBusy, SurfaceUnavailable
from core.ports import Clock

log = structlog.get_logger()

MOST = 2_000
PAUSE_LEAST, PAUSE_MOST = 0.25, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it came."""

    name: str
    payload: dict[str, Any]

    @property
    def channel(self) -> str:
        """Events of one channel keep their order."""
        return str(self.payload.get("channel_id", ""))


class Intake:
    """The events that wait to be handled."""

    def __init__(
        self,
        *,
        handle: Callable[[Event], Awaitable[None]],
        overflow: Callable[[Event], None],
        clock: Clock,
        most: int = MOST,
    ) -> None:
        self._handle = handle
        self._overflow = overflow
        self._clock = clock
        self._most = most
        self._waiting = 0
        self._lanes: dict[str, deque[Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Events that are not handled yet."""
        return self._waiting

    def put(self, event: Event) -> None:
        """The event will be handled after the earlier ones of its channel, or `overflow` is told that it will not."""
        if self._waiting >= self._most:
            self._overflow(event)
            return
        self._waiting += 1
        lane = self._lanes.get(event.channel)
        if lane is not None:
            lane.append(event)
            return
        lane = self._lanes[event.channel] = deque([event])
        task = asyncio.create_task(self._serve(event.channel, lane), name=f"intake-{event.channel}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drained(self, seconds: float) -> bool:
        """Waits until every event is handled, or that time has passed; whether all are."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return self._waiting == 0

    async def close(self) -> None:
        """Nothing is handled any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._waiting:
            log.error("events lost", action="discord.events_lost", count=self._waiting)

    async def _serve(self, channel: str, lane: deque[Event]) -> None:
        while lane:
            await self._handled(lane[0])
            lane.popleft()
            self._waiting -= 1
        del self._lanes[channel]  # a quiet channel costs nothing

    async def _handled(self, event: Event) -> None:
        pause = PAUSE_LEAST
        while True:
            try:
                await self._handle(event)
                return
            except (StoreUnavailable, SurfaceUnavailable, SurfaceBusy) as error:
                log.warning("event kept", action="discord.event_kept", kind=event.name, detail=error.detail)
            except Exception:  # one event that cannot be handled must not hold up the channel
                log.exception("event dropped", action="discord.event_dropped", kind=event.name)
                return
            await self._clock.sleep(pause)
            pause = min(pause * 2, PAUSE_MOST)
