"""Lags from what people could read when. Pure.

What counts is the answer's beginning that is on the screen, over all its messages, without the blanks at which it may
have been cut. Each character's lag is counted from the asking: from the moment at which a model that had been asked
at once would have written it. So a bot that asks late gains nothing, and what was never shown counts to the end.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A message showed this text from that time on, in seconds since 1970."""

    at: float
    message: int
    """Its place among the answer's messages, from 0."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One answer as people saw it."""

    lag: float
    """Mean seconds over all characters."""
    first: float | None
    """When the first of it could be read, in seconds since 1970; None where nothing ever could."""
    last: float | None
    """When all of it could; None where it never could."""


def seen(tokens: Sequence[str], rate: float, asked: float, sightings: Iterable[Sighting], until: float) -> Seen:
    """How late the answer was read, that was asked for at that time and watched until that one."""
    due = [asked + (number + 1) / rate for number, token in enumerate(tokens) for sign in token if not sign.isspace()]
    whole = _bare("".join(tokens))
    shown, lags, first = 0, list[float](), None
    texts: dict[int, str] = {}
    for sighting in sorted(sightings, key=lambda one: one.at):
        texts[sighting.message] = _bare(sighting.text)
        reach = _common(whole, "".join(texts[message] for message in sorted(texts)))
        if reach > shown:
            first = sighting.at if first is None else first
            lags += [sighting.at - moment for moment in due[shown:reach]]
            shown, last = reach, sighting.at
    complete = shown == len(whole)
    lags += [until - moment for moment in due[shown:]]
    return Seen(lag=statistics.fmean(lags), first=first, last=last if complete else None)


def _bare(text: str) -> str:
    return "".join(text.split())


def _common(whole: str, shown: str) -> int:
    if whole.startswith(shown):
        return len(shown)
    return next((place for place, (one, other) in enumerate(zip(whole, shown, strict=False)) if one != other), 0)
