"""Whether a failed call is tried again, and after how long. Decides only: it neither waits nor calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.chat_completions.failures import Failure
from core.errors import ModelBusy

JITTER = 0.25
"""Part of a delay that chance takes off (our own delays) or adds (the server's), so that replies do not march in
step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """Bounds on asking again."""

    retries: int = 2
    """Calls after the first one."""
    first_delay: float = 0.5
    """Seconds before the first retry where the server names none; doubled each time."""
    longest_delay: float = 8.0
    busy: bool = True
    """Whether a server that is busy is asked again; else that is left to whoever keeps a line (core/waiting.py)."""
    longest_wait: float = 60.0
    """A server that asks for more than this is not waited for: the person is told instead."""

    def delay(self, failure: Failure, tries: int, chance: Callable[[], float]) -> float | None:
        """Seconds until the next call, or None to give up. `tries` calls have failed; `chance` gives 0 to 1."""
        if not failure.again or tries > self.retries:
            return None
        if not self.busy and isinstance(failure.error, ModelBusy):
            return None
        told = failure.error.retry_after
        if told is None:
            delay = min(self.first_delay * 2.0 ** (tries - 1), self.longest_delay)
            return delay * (1 - JITTER * chance())
        if told > self.longest_wait:
            return None
        return told + min(told, 1.0) * JITTER * chance()


USUAL = RetryRule()
