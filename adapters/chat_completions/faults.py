"""What a server says is wrong, read from any of the shapes in which servers say it.

OpenAI's wrapper, an array around it (Gemini), no wrapper (Mistral), FastAPI's `detail`, a bare text, HTML, nothing.
Which error follows from it is decided in failures.py; what to leave out next time, in dialects.py.
Source of the shapes: the vendors' documentation and issue threads (chat completions fact sheet, sections 5 and 6).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.chat_completions.delays import duration

_WINDOW = re.compile(r"(?:context (?:length|window|size)|maximum)[^.\d]{0,40}?([\d,_]{3,10}) tokens", re.IGNORECASE)
_ALLOWED = re.compile(r"limit:? ([\d,]+)[^a-z\d]+requested:? ([\d,]+)", re.IGNORECASE)
_TRY_IN = re.compile(r"(?:try again|retry) (?:in|after) ([\dhmsµu.]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A server's complaint. Texts are the server's own and may quote a person: print them through redaction.py."""

    status: int = 0
    code: str = ""
    kind: str = ""
    """The error's `type` (or Google's `status`)."""
    param: str = ""
    message: str = field(default="", repr=False)
    named: tuple[str, ...] = ()
    """Fields of the request that a FastAPI server complains about."""
    reasons: frozenset[str] = frozenset()
    """Codes that stand deeper in the body."""
    delay: float | None = None
    """Seconds to wait, where the body tells."""
    window: int | None = None
    """The model's context size in tokens, where the body tells."""
    readable: bool = False
    """The body was JSON that means an error; otherwise a proxy or a web site spoke."""

    @property
    def text(self) -> str:
        """The message in lower case, for looking things up in it."""
        return self.message.lower()

    @property
    def marks(self) -> frozenset[str]:
        """Every code-like word of the body, in lower case."""
        return frozenset(mark.lower() for mark in (self.code, self.kind, *self.reasons) if mark)

    @property
    def never_fits(self) -> bool:
        """The message tells an allowance and a wish that is greater (Groq's and OpenAI's tokens per minute)."""
        match = _ALLOWED.search(self.message)
        return match is not None and _number(match[2]) > _number(match[1])


def read_fault(status: int, body: bytes) -> Fault:
    """The complaint in an HTTP answer of that status."""
    try:
        data = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Fault(status=status)
    return fault_in(data, status=status) or Fault(status=status)


def fault_in(data: object, *, status: int = 0) -> Fault | None:
    """The complaint in decoded JSON, or None where it is none. `status` 0: the answer began as a good one."""
    if isinstance(data, list):
        return next((fault for item in data if (fault := fault_in(item, status=status))), None)
    if not isinstance(data, Mapping):
        return None
    error = data.get("error")
    if isinstance(error, Mapping) and error:
        return _from_fields(error, status)
    if isinstance(error, str) and error:
        return _from_fields({**data, "message": error}, status)
    if error:
        return _from_fields(data, status)
    if data.get("detail"):
        return _from_detail(data["detail"], status)
    if data.get("object") == "error" or data.get("type") == "error" or _is_bare(data):
        return _from_fields(data, status)
    return None


def _is_bare(data: Mapping[str, object]) -> bool:
    return isinstance(data.get("message"), str) and "choices" not in data and "id" not in data


def _from_fields(error: Mapping[str, object], status: int) -> Fault:
    nested = error.get("message")
    if isinstance(nested, Mapping | list):  # Mistral puts FastAPI's list there
        return fault_in(nested, status=status) or Fault(status=status, readable=True)
    message = _message(error)
    code = _word(error.get("code"))
    return Fault(
        status=status or _status(code) or _status(_word(error.get("status"))),
        code=code,
        kind=_word(error.get("type")) or _word(error.get("status")),
        param=_word(error.get("param")),
        message=message,
        reasons=frozenset(_reasons(error)),
        delay=_delay(error, message),
        window=_window(error, message),
        readable=True,
    )


def _from_detail(detail: object, status: int) -> Fault:
    if isinstance(detail, Mapping):
        return _from_fields(detail, status)
    if not isinstance(detail, list):
        return Fault(status=status, message=_word(detail), readable=True)
    items = [item for item in detail if isinstance(item, Mapping)]
    return Fault(
        status=status,
        kind=_word(items[0].get("type")) if items else "",
        message="; ".join(f"{_location(item)}: {_word(item.get('msg'))}" for item in items),
        named=tuple(name for item in items if (name := _location(item).partition(".")[0])),
        reasons=frozenset(_word(item.get("type")) for item in items),
        readable=True,
    )


def _location(item: Mapping[str, object]) -> str:
    places = item.get("loc")
    words = [str(place) for place in places] if isinstance(places, list) else []
    return ".".join(words[1:] if words[:1] == ["body"] else words)


def _message(error: Mapping[str, object]) -> str:
    """The text, with that of the provider behind a router (OpenRouter's `metadata.raw`) after it."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    return " ".join(text for text in (_word(error.get("message")), _word(raw)) if text)


def _reasons(error: Mapping[str, object]) -> Iterable[str]:
    inner = error.get("innererror")
    if isinstance(inner, Mapping):
        yield _word(inner.get("code"))
    for detail in _details(error):
        yield _word(detail.get("reason"))
    metadata = error.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("reasons"):
        yield "moderation"


def _details(error: Mapping[str, object]) -> list[Mapping[str, object]]:
    details = error.get("details")
    return [item for item in details if isinstance(item, Mapping)] if isinstance(details, list) else []


def _delay(error: Mapping[str, object], message: str) -> float | None:
    told = [duration(_word(detail.get("retryDelay"))) for detail in _details(error)]
    match = _TRY_IN.search(message)
    told.append(duration(match[1].rstrip(".")) if match else None)
    return next((delay for delay in told if delay is not None), None)


def _window(error: Mapping[str, object], message: str) -> int | None:
    size = error.get("n_ctx")
    if isinstance(size, int):
        return size
    match = _WINDOW.search(message)
    return _number(match[1]) if match and "context" in message.lower() else None


def _status(word: str) -> int:
    return int(word) if word.isdecimal() and 400 <= int(word) < 600 else 0


def _number(digits: str) -> int:
    return int(digits.replace(",", "").replace("_", "") or 0)


def _word(value: object) -> str:
    """A scalar as text; empty for anything else."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
