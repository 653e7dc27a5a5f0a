"""Slack's rate limits: what a write draws on, and where we begin. Pure.

Limits are kept per method and workspace, posting also per channel (slack.md, section 8). Slack tells no figures, so
these are a little more careful than the published ones; a 429 corrects them.
"""

from __future__ import annotations

import hashlib

from adapters.slack.targets import Way
from core.conversation import ConversationKey
from core.ports import Call
from core.scheduling import EditBudget

POST, UPDATE = "chat.postMessage", "chat.update"
START, APPEND, STOP = "chat.startStream", "chat.appendStream", "chat.stopStream"

_SIZES: dict[str, tuple[int, float]] = {POST: (2, 1.0), UPDATE: (3, 1.2), APPEND: (5, 0.6), START: (3, 3.0)}


def size(method: str) -> tuple[int, float]:
    """So many calls at once, and the seconds for each of them in the long run."""
    return _SIZES[method]


def budget(call: Call, key: ConversationKey, way: Way, *, streams: bool) -> EditBudget:
    """What a write of that kind draws on."""
    started, grown = (START, APPEND) if streams else (POST, UPDATE)
    method = started if call is Call.OPEN else grown
    burst, interval = size(method)
    place = str(key.channel_key) if method == POST else key.workspace_name
    named = name(key.workspace, method, way.channel)
    return EditBudget(name=named, burst=burst, interval=interval, place=place)


def private_budget(trigger: str) -> EditBudget:
    """A response_url takes five uses in half an hour (slack.md, section 6), so they are far apart."""
    mark = hashlib.sha256(trigger.encode()).hexdigest()[:16]
    return EditBudget(name=f"slack:response:{mark}", burst=2, interval=5.0)


def name(team: str, method: str, channel: str) -> str:
    """The budget of a method; posting has one for each channel."""
    return f"slack:{team}:{method}:{channel}" if method == POST else f"slack:{team}:{method}"
