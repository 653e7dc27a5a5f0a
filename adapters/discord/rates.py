"""Discord's rate limits: what a write draws on, what answers say of it, and when the next call may go out.

Limits are kept per channel and kind of call; threads are channels of their own, and a slash command's token has its
own (discord.md, section 5). The numbers below are only where we begin: each answer's headers correct them.

discord.py holds the call that used a bucket up until the bucket is whole again, although its write is long visible:
our scheduler would believe it in flight, and the reply would stand still. `Bucket` lets that call return at once and
holds back the next one instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Mapping
from types import SimpleNamespace, TracebackType

import aiohttp
import discord
from discord.http import HTTPClient, Ratelimit

from adapters.discord.targets import BySlash, Way
from core.ports import BudgetObserver, Call
from core.scheduling import BudgetObservation, EditBudget

BURST, INTERVAL = 5, 1.0
MOST_WAIT = 30.0
"""Seconds for which discord.py may hold a call back before it raises RateLimited; it takes no smaller number."""
MARGIN = 0.05
"""Seconds added to what Discord says: it rounds, and its clock and ours are not read at the same moment."""

_MESSAGE = re.compile(r"/channels/(?P<channel>\d+)/messages(?P<one>/\d+)?$")
_WEBHOOK = re.compile(r"/webhooks/\d+/(?P<token>[^/]+)(?P<one>/messages/[^/]+)?$")
_CALLS = {("POST", False): Call.OPEN, ("PATCH", True): Call.EDIT}


def budget(call: Call, way: Way, channel: str) -> EditBudget:
    """What a write of that kind draws on, in the channel where the reply stands."""
    place = _token_place(way.token) if isinstance(way, BySlash) else channel
    return EditBudget(name=_name(place, call), burst=BURST, interval=INTERVAL)


def budget_of(method: str, path: str) -> str | None:
    """The name of the budget that a request drew on; none for calls that no reply makes."""
    found = _MESSAGE.search(path) or _WEBHOOK.search(path)
    call = _CALLS.get((method, found["one"] is not None)) if found else None
    if found is None or call is None:
        return None
    place = found["channel"] if "channel" in found.groupdict() else _token_place(found["token"])
    return _name(place, call)


def _name(place: str, call: Call) -> str:
    return f"discord:{place}:{call.value}"


def _token_place(token: str) -> str:
    """Budgets' names may be logged, and the token would let anybody answer."""
    return "slash-" + hashlib.sha256(token.encode()).hexdigest()[:16]


def observation(status: int, headers: Mapping[str, str]) -> BudgetObservation | None:
    """What an answer says of its budget; none where it says nothing."""
    retry = _number(headers, "Retry-After")
    if status == 429:
        return BudgetObservation(retry_after=retry)
    remaining, reset = _number(headers, "X-RateLimit-Remaining"), _number(headers, "X-RateLimit-Reset-After")
    if remaining is None or reset is None:
        return None
    burst = _number(headers, "X-RateLimit-Limit")
    return BudgetObservation(
        remaining=int(remaining), reset_after=reset, burst=int(burst) if burst is not None else None
    )


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers[name])
    except (KeyError, ValueError):
        return None


def tracing(observer: BudgetObserver) -> aiohttp.TraceConfig:
    """Tells the observer what each answer says, as it arrives."""

    async def ended(
        session: aiohttp.ClientSession, context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        name = budget_of(end.method, end.url.path)
        seen = observation(end.response.status, end.response.headers) if name is not None else None
        if name is not None and seen is not None:
            observer.learned(name, seen)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    return trace


class Bucket(Ratelimit):
    """One of Discord's buckets: who used it up returns, and who comes next waits."""

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

    def get_ratelimit(self, key: str) -> Ratelimit:
        """The bucket of that name."""
        if key not in self._buckets:
            self._buckets[key] = Bucket(self.max_ratelimit_timeout)
            self._try_clear_expired_ratelimits()
        return self._buckets[key]
