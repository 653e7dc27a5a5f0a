"""What the server was asked, and what became of each answer. Tests assert on it; keys never enter it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_SECRET = ("authorization", "api-key")
REDACTED = "[redacted]"
_KEPT = 10_000
"""Requests; a sandbox may run for weeks."""


class Outcome(StrEnum):
    """Where the answer to a request stands."""

    OPEN = "open"
    FINISHED = "finished"
    REFUSED = "refused"
    """A failure was answered, by script or by validation."""
    CUT = "cut"
    """The script ended the stream early."""
    DISCONNECTED = "disconnected"
    """The client went away before the end."""


@dataclass(slots=True, kw_only=True)
class RecordedRequest:
    """One request. `outcome`, `status` and `deltas` move on while it is answered."""

    path: str
    headers: Mapping[str, str]
    """Lower-case names; credentials are replaced."""
    body: Any
    """The parsed JSON; the raw text where it was none."""
    at: float
    """Seconds since the epoch, by the sandbox's clock."""
    outcome: Outcome = Outcome.OPEN
    status: int | None = None
    deltas: int = 0
    """Deltas written so far."""

    @property
    def disconnected(self) -> bool:
        """The client closed before the answer's end; `deltas` says after how many."""
        return self.outcome is Outcome.DISCONNECTED


@dataclass(slots=True)
class Journal:
    """The log, and a way to wait for something to appear in it."""

    requests: list[RecordedRequest] = field(default_factory=list)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self, request: RecordedRequest) -> None:
        """The request is in the log and whoever waits looks again."""
        self.requests.append(request)
        del self.requests[:-_KEPT]
        self.move()

    def move(self) -> None:
        """Wakes whoever waits: something in the log has changed."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_for(self, predicate: Callable[[list[RecordedRequest]], bool], within: float) -> None:
        """Returns once the predicate holds for the log. TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not predicate(self.requests):
                await self._moved.wait()


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with lower-case names, credentials replaced."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return {name: REDACTED if name in _SECRET else value for name, value in lowered.items()}
