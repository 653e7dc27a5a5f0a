"""One request for an answer, as the page shows it: the messages that were given, and how the answer came."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
LONGEST = 6_000
"""Characters of a message that are shown; a prompt may hold a whole document."""
TOLD_EACH = 0.25
"""Seconds between two tellings of how far an answer is."""


class Ending(StrEnum):
    """Where the answer stands."""

    OPEN = "open"
    FINISHED = "finished"
    REFUSED = "refused"
    CUT = "cut"
    """Broken off here, on request."""
    LEFT = "left"
    """Parley hung up: it was stopped, or it died."""
    FAILED = "failed"
    """The model's server could not be reached, or broke off."""


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request; the fields from `ending` on move while it is answered."""

    number: int
    at: float
    model: str
    messages: tuple[Json, ...]
    """Each with `role`, `text` and, where it calls tools, `calls`."""
    tools: tuple[str, ...] = ()
    ending: Ending = Ending.OPEN
    status: int = 0
    error: str = ""
    first: float | None = None
    """Seconds from the request to the first piece."""
    seconds: float | None = None
    """Seconds from the request to the end."""
    pieces: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @classmethod
    def of(cls, number: int, body: Mapping[str, Any], at: float) -> Asked:
        """As it was sent; what is not a list of messages is shown as none."""
        given = body.get("messages")
        messages = tuple(_message(one) for one in given if isinstance(one, dict)) if isinstance(given, list) else ()
        offered = body.get("tools")
        tools = tuple(_tool(one) for one in offered if isinstance(one, dict)) if isinstance(offered, list) else ()
        return cls(number=number, at=at, model=str(body.get("model", "")), messages=messages, tools=tools)

    def told(self) -> Json:
        """With its messages."""
        about = {"model": self.model, "messages": list(self.messages), "tools": list(self.tools), "at": self.at}
        return self.progress() | about | {"type": "asked"}

    def progress(self) -> Json:
        """How far it is, without what was asked."""
        return {
            "type": "answered",
            "number": self.number,
            "ending": self.ending,
            "status": self.status,
            "error": self.error,
            "first": self.first,
            "seconds": self.seconds,
            "pieces": self.pieces,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }

    def read_usage(self, event: object) -> None:
        """The tokens of an answer or of one of its events, where it tells them."""
        usage = event.get("usage") if isinstance(event, dict) else None
        if isinstance(usage, dict):
            self.prompt_tokens = usage.get("prompt_tokens")
            self.completion_tokens = usage.get("completion_tokens")


class PieceCounter:
    """Reads the lines of a stream as they pass."""

    def __init__(self, asked: Asked, *, now: Callable[[], float]) -> None:
        self._asked = asked
        self._now = now
        self._told_at = 0.0

    def read(self, line: bytes) -> bool:
        """The line is counted; true when it is time to tell how far the answer is."""
        if not line.startswith(b"data:"):
            return False
        try:
            event = json.loads(line[len(b"data:") :])
        except ValueError:
            return False  # [DONE], or a line that is no event
        self._asked.read_usage(event)
        if not _has_piece(event):
            return False
        self._asked.pieces += 1
        now = self._now()
        if self._asked.first is None:
            self._asked.first = now - self._asked.at
        if now - self._told_at < TOLD_EACH:
            return False
        self._told_at = now
        return True


def _has_piece(event: object) -> bool:
    choices = event.get("choices") if isinstance(event, dict) else None
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    delta = first.get("delta")
    return isinstance(delta, dict) and any(value for name, value in delta.items() if name != "role")


def _message(given: Mapping[str, Any]) -> Json:
    calls = given.get("tool_calls")
    named = [_called(one) for one in calls if isinstance(one, dict)] if isinstance(calls, list) else []
    text = _text(given.get("content"))
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text) - LONGEST} characters more)"
    return {"role": str(given.get("role", "")), "text": shown, "calls": named}


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [one for one in content if isinstance(one, dict)]
    return "\n".join(str(part["text"]) if "text" in part else f"[{part.get('type', 'part')}]" for part in parts)


def _called(call: Mapping[str, Any]) -> str:
    function = call.get("function")
    return f"{function.get('name')}({function.get('arguments', '')})" if isinstance(function, dict) else ""


def _tool(given: Mapping[str, Any]) -> str:
    function = given.get("function")
    return str(function.get("name", "")) if isinstance(function, dict) else ""
