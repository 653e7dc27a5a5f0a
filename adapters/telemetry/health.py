"""What can be read of a process when somebody looks: its faults, and figures that are a matter of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.conversation import Platform
from core.store import OpenTurns

Faults = Mapping[str, str]
"""What is not well, by part, in a few words; empty where all is."""


class SiteTaken(Exception):
    """The address for metrics and health is in use or not allowed. Set another PARLEY_METRICS_PORT."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{' '.join((type(self).__doc__ or '').split())} ({address})")


class Subject(Protocol):
    """The process that is looked at."""

    def dead(self) -> Faults:
        """What only a restart mends."""
        ...

    async def unready(self) -> Faults:
        """Why this process should be given no work now."""
        ...

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        """Its metrics and their media type."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is read when somebody looks, and not told when it happens."""

    open_turns: OpenTurns | None
    """None where the database does not answer."""
    oldest_age: float
    running: int
    slots: int
    draining: bool
    intake: Mapping[Platform, int]
    up: Mapping[Platform, bool]
