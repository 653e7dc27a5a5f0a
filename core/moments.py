"""Instants in words of our own, which each platform shows in its reader's own time zone.

A text that is sent to several people cannot name an hour for all of them. So it holds a mark, and the adapter puts the
platform's own time stamp in its place (adapters/*/moments.py): in answers, whispers and notices. The text of a model's
answer is never read for marks, so a model that writes one shows two signs that mean nothing. A mark does not belong
into code or tables, where platforms show no time stamps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_OPENS, _CLOSES = "\ue5a0", "\ue5a1"
"""Of Unicode's private use: no keyboard has them, and no Markdown reads them."""
_MARK = re.compile(f"{_OPENS}([0-9]{{1,11}}){_CLOSES}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: datetime) -> str:
    """The mark of that instant, to the second, rounded up: what is said to happen then has happened. Not for instants
    before 1970."""
    seconds = -((_EPOCH - at) // timedelta(seconds=1))
    return f"{_OPENS}{seconds}{_CLOSES}"


def has_moments(text: str) -> bool:
    """Whether there is a mark in it."""
    return _MARK.search(text) is not None


def rendered(text: str, show: Callable[[int], str]) -> str:
    """The text with what `show` makes of the seconds since 1970 in place of each mark."""
    return _MARK.sub(lambda found: show(int(found[1])), text)


def plain(text: str) -> str:
    """The text with each instant in UTC, for where no platform shows it: files and the command line."""
    return rendered(text, in_utc)


def in_utc(seconds: int) -> str:
    """The instant in UTC: "2026-11-20 17:00 UTC"."""
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M UTC")
    except OverflowError:  # a year that no calendar has
        return str(seconds)
