"""Who is told of an answer as it comes, and what stands between a model and those who read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.asking import Asking
from core.ports import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who is told of an answer as it comes."""

    add: Callable[[str], None]
    """More text."""
    rest: Callable[[], float] = lambda: 0.0
    """Seconds for which more text is of no use yet."""
    found: Callable[[Asking], None] = lambda _: None
    """What is being asked of whom."""
    doing: Callable[[Sequence[Task]], None] = lambda _: None
    """What tools are doing."""


class Screening(Protocol):
    """What stands between a model and those who read it."""

    def feed(self, text: str) -> str:
        """What may be shown now of all that came."""
        ...

    def flush(self) -> str:
        """What may be shown of the rest, at the end of a round."""
        ...


class Unscreened:
    """Everything is shown as it comes."""

    def feed(self, text: str) -> str:
        """See Screening."""
        return text

    def flush(self) -> str:
        """See Screening."""
        return ""
