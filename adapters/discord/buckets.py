"""When the next REST call may go out: discord.py's HTTP client with buckets of our own.

discord.py holds the call that used a bucket up until the bucket is whole again, although its write is long visible:
our scheduler would believe it in flight, and the reply would stand still. Here that call returns at once, and the next
one waits. Nothing is learned here for the scheduler: that is rates.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Ratelimit, Route

MOST_WAIT = 30.0
"""Seconds for which discord.py may hold a call back before it raises RateLimited; it takes no smaller number."""
MOST_AT_ONCE, WITHIN = 45, 1.1
"""So many calls in so many seconds, a little less than Discord's 50 in one."""
MARGIN = 0.05
"""Seconds added to what Discord says: it rounds, and its clock and ours are not read at the same moment."""

_counts: ContextVar[bool] = ContextVar("counts", default=True)
"""Whether the call that this task makes counts to the limit over all calls."""


class Whole:
    """The limit over all of the bot's calls, whatever they are about: 50 a second, and discord.py keeps no count."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._turn = asyncio.Lock()
        self._begun: deque[float] = deque(maxlen=MOST_AT_ONCE)

    async def passed(self) -> None:
        """One more call may go out now; those who wait go in order."""
        async with self._turn:
            if len(self._begun) == MOST_AT_ONCE:
                await asyncio.sleep(self._begun[0] + WITHIN - self._loop.time())
            self._begun.append(self._loop.time())


class Bucket(Ratelimit):
    """One of Discord's buckets: who used it up returns, and who comes next waits."""

    def __init__(self, max_ratelimit_timeout: float | None, whole: Whole) -> None:
        super().__init__(max_ratelimit_timeout)
        self._whole = whole

    async def acquire(self) -> None:
        """A call may go out now. Raises RateLimited where that would take too long."""
        self._last_request = self._loop.time()
        while not self._free():
            wait = None if self.expires is None else max(0.0, self.expires - self._loop.time())
            if wait is not None and self._max_ratelimit_timeout is not None and wait > self._max_ratelimit_timeout:
                raise discord.RateLimited(wait)
            await self._changed_within(wait)
        self.remaining -= 1
        self.outgoing += 1
        if _counts.get():
            await self._passed()

    async def _passed(self) -> None:
        try:
            await self._whole.passed()
        except asyncio.CancelledError:  # nothing went out, so the place in the bucket is free again
            self.remaining += 1
            self.outgoing -= 1
            raise

    def update(self, response: aiohttp.ClientResponse, *, use_clock: bool = False) -> None:
        """What the answer's headers say holds from now on; headers that cannot be read change nothing."""
        with contextlib.suppress(KeyError, ValueError):
            self.dirty = False
            super().update(response, use_clock=use_clock)
            self.remaining = max(0, self.remaining - self.outgoing + 1)  # Discord may not have seen the others yet
            self.expires = self._loop.time() + self.reset_after + MARGIN

    def _free(self) -> bool:
        if self.is_expired():
            self._refill()
        return self.remaining > 0

    def _refill(self) -> None:
        self.reset()  # type: ignore[no-untyped-call]  # discord.py gives it no return type

    async def _changed_within(self, seconds: float | None) -> None:
        waiting = self._loop.create_future()
        self._pending_requests.append(waiting)
        try:
            await asyncio.wait([waiting], timeout=seconds)
        finally:
            waiting.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.outgoing -= 1
        if self.expires is None:  # the answer named no limit: the next call may follow at once
            self._refill()
        self._wake(max(1, self.remaining))


class PromptHTTP(HTTPClient):
    """discord.py's own REST client with our buckets."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, http_trace: aiohttp.TraceConfig) -> None:
        super().__init__(loop, http_trace=http_trace, max_ratelimit_timeout=MOST_WAIT)
        self._whole = Whole(loop)

    async def request(self, route: Route, **details: Any) -> Any:
        """See discord.py. Answers to interactions do not count to the limit over all calls."""
        _counts.set(not route.path.startswith(("/webhooks/", "/interactions/")))
        return await super().request(route, **details)

    def get_ratelimit(self, key: str) -> Ratelimit:
        """The bucket of that name."""
        if key not in self._buckets:
            self._buckets[key] = Bucket(self.max_ratelimit_timeout, self._whole)
            self._try_clear_expired_ratelimits()
        return self._buckets[key]
