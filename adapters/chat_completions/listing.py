"""Which models a server says it has, and which of them a person may choose.

A list does not say which of its models chat, so those are left out whose names say that they do something else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import httpx

from adapters.chat_completions.transport import FOREIGN
from core.ports import Clock

FRESH_FOR = 600.0
"""Seconds after which a server is asked again."""
PATIENCE = 1.0
"""Seconds for which somebody waits who wants to choose: a form must open within two."""
_OTHER = re.compile(
    r"embed|whisper|tts|dall-e|image|audio|speech|moderation|realtime|transcri|rerank|ocr|sora|davinci|babbage",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One entry of a server's model list."""

    id: str
    ends: date | None = None
    """The day on which the vendor switches it off."""


async def listed_models(http: httpx.AsyncClient, *, within: float) -> tuple[ListedModel, ...]:
    """What the server says it has; empty where it does not say."""
    try:
        async with asyncio.timeout(within):
            response = await http.get("models")
        data = response.json() if response.is_success else {}
    except (TimeoutError, ValueError, *FOREIGN):
        return ()
    entries = data.get("data") if isinstance(data, Mapping) else None
    return tuple(_listed(entry) for entry in entries if isinstance(entry, Mapping)) if isinstance(entries, list) else ()


def _listed(entry: Mapping[str, object]) -> ListedModel:
    try:
        ends = date.fromisoformat(str(entry.get("shutdown_date") or ""))
    except ValueError:
        ends = None
    return ListedModel(id=str(entry.get("id", "")).removeprefix("models/"), ends=ends)


class Listing:
    """The models of one server, remembered for a while."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._until = 0.0
        self._names: tuple[str, ...] = ()

    async def names(self) -> tuple[str, ...]:
        """What the server lists; what it listed last, or nothing, where it does not answer soon."""
        if self._clock.monotonic() >= self._until:
            found = tuple(entry.id for entry in await listed_models(self._http, within=PATIENCE))
            self._names = found or self._names
            self._until = self._clock.monotonic() + FRESH_FOR
        return self._names


def chatting(names: Iterable[str]) -> list[str]:
    """Those that are not plainly for something else."""
    return [name for name in names if name and not _OTHER.search(name)]
