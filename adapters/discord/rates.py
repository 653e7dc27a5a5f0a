"""Discord's rate limits as our scheduler sees them: what a write draws on, and what answers say of it.

Limits are kept per channel and kind of call; threads are channels of their own, and a slash command's token has its
own (discord.md, section 5). The numbers below are only where we begin: each answer's headers correct them.
Holding calls back is buckets.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import SimpleNamespace

import aiohttp

from adapters.discord.targets import AsReply, BySlash, InThread, Way
from adapters.fencing import fenced
from core.conversation import ConversationKey, Platform
from core.ports import BudgetObserver, Call
from core.scheduling import BudgetObservation, EditBudget
from core.telemetry import SILENT, RateLimited, Telemetry

BURST, INTERVAL = 5, 1.0

_MESSAGE = re.compile(r"/channels/(?P<channel>\d+)/messages(?P<one>/\d+)?$")
_WEBHOOK = re.compile(r"/webhooks/\d+/(?P<token>[^/]+)(?P<one>/messages/[^/]+)?$")
_CALLS = {("POST", False): Call.OPEN, ("PATCH", True): Call.EDIT}


def budget(call: Call, key: ConversationKey, way: Way, channel: str) -> EditBudget:
    """What a write of that kind draws on, in the channel where the reply stands. Only in a channel do other
    conversations write too: a thread and a direct message are one conversation's own."""
    mark = _token_place(way.token) if isinstance(way, BySlash) else channel
    others = isinstance(way, AsReply | InThread) and channel == way.channel
    place = str(key.channel_key) if others else ""
    return EditBudget(name=_name(mark, call), burst=BURST, interval=INTERVAL, place=place)


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


def tracing(observer: BudgetObserver, telemetry: Telemetry = SILENT) -> aiohttp.TraceConfig:
    """Tells the observer what each answer says, as it arrives, and operators of each refusal: discord.py tries again
    by itself."""

    async def ended(
        session: aiohttp.ClientSession, context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        if end.response.status == 429:
            telemetry.happened(RateLimited(platform=Platform.DISCORD))
        name = budget_of(end.method, end.url.path)
        seen = observation(end.response.status, end.response.headers) if name is not None else None
        if name is not None and seen is not None:
            observer.learned(name, seen)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    return fenced(trace)
