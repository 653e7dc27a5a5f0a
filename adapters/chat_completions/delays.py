"""How long a server asks us to wait, in whatever form it says so.

`retry-after-ms` goes before `Retry-After` (seconds, decimals, or an HTTP date), then the body's own word (Gemini,
Groq), then the reset of an exhausted rate limit. Forms: the chat completions fact sheet, section 6.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def duration(text: str) -> float | None:
    """Seconds in a Go duration (`2m59.56s`, `120ms`) or a bare number; None for anything else."""
    text = text.strip()
    if _WHOLE.fullmatch(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return _seconds(text)


def told_delay(headers: Mapping[str, str], *, body: float | None, now: datetime) -> float | None:
    """Seconds the server asks us to wait, or None where it does not say. Header names are in lower case."""
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    after = _retry_after(headers.get("retry-after", ""), now)
    if after is not None:
        return after
    return body if body is not None else _reset(headers, now)


def _retry_after(text: str, now: datetime) -> float | None:
    seconds = _seconds(text)
    return seconds if seconds is not None else _until(text, now)


def _until(text: str, now: datetime) -> float | None:
    """Seconds until an HTTP date; 0 when it has passed."""
    try:
        date = parsedate_to_datetime(text.strip())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def _reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """The longest reset among the limits of which nothing remains. Azure's −1 and 0 limits mean nothing."""
    resets = [
        _reset_time(headers.get(f"x-ratelimit-reset-{kind}", ""), now)
        for kind in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"
        and headers.get(f"x-ratelimit-limit-{kind}", "").strip() not in ("0", "-1")
    ]
    return max((reset for reset in resets if reset is not None), default=None)


def _reset_time(text: str, now: datetime) -> float | None:
    seconds = duration(text)
    if seconds is not None or "T" not in text:
        return seconds
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return max(0.0, (date - now).total_seconds()) if date.tzinfo else None


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
