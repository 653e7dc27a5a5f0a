"""A vocabulary that is in memory only while people ask. It takes 61 MB, more than a third of an idle process.

The first text that is counted after a pause wakes it, and until it is there bytes are counted, which says rather too
many. Loading takes a third of a second in which nothing else runs, so it waits a moment, until the first text of the
answer is probably shown. When nothing was counted for long the vocabulary is let go of, and the C library is asked to
give the memory back, since it would keep it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
from collections.abc import Callable

from adapters.chat_completions.tokens import ByteCounter, counter_for
from core.ports import TokenCounter

WAKES_AFTER = 2.0
"""Seconds from the first text to the loading."""
SLEEPS_AFTER = 600.0
"""Seconds without a text."""


class DormantCounter:
    """Counts for one model, also in other threads. Made inside the running loop, which wakes it and lets it sleep."""

    def __init__(
        self,
        model: str,
        *,
        load: Callable[[str], TokenCounter] = counter_for,
        wakes_after: float = WAKES_AFTER,
        sleeps_after: float = SLEEPS_AFTER,
    ) -> None:
        self._model = model
        self._load = load
        self._wakes_after = wakes_after
        self._sleeps_after = sleeps_after
        self._loop = asyncio.get_running_loop()
        self._guess = ByteCounter()
        self._exact: TokenCounter | None = None
        self._used = 0.0
        self._closed = False
        self._next: asyncio.TimerHandle | None = None
        """When it wakes, or when it is looked at whether it may sleep."""

    @property
    def awake(self) -> bool:
        """Whether counts are exact, where there is a vocabulary at all."""
        return self._exact is not None

    def count(self, text: str) -> int:
        """Tokens of the text; rather too many while the vocabulary is not there."""
        self._used = self._loop.time()
        if self._next is None:
            self._loop.call_soon_threadsafe(self._begin)
        return (self._exact or self._guess).count(text)

    def _begin(self) -> None:
        if self._next is None and not self._closed:
            self._next = self._loop.call_later(self._wakes_after, self._wake)

    def _wake(self) -> None:
        self._exact = self._load(self._model)
        self._look_in(self._sleeps_after)

    def _look_in(self, seconds: float) -> None:
        self._next = self._loop.call_later(seconds, self._sleep)

    def _sleep(self) -> None:
        """The vocabulary goes, unless a text was counted meanwhile."""
        rest = self._used + self._sleeps_after - self._loop.time()
        if rest > 0:
            self._look_in(rest)
            return
        self._exact = self._next = None
        _give_back()

    def close(self) -> None:
        """It wakes no more by itself."""
        self._closed = True
        if self._next is not None:
            self._next.cancel()


def _give_back() -> None:
    """Memory that is free goes back to the system, where the C library is glibc (malloc_trim(3))."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
