"""A vocabulary that is in memory only while people ask. It takes 61 MB, more than a third of an idle process.

The first text that is counted after a pause wakes it: a third of a second in which nothing else runs, when nothing else
was running. Guessing meanwhile would be quicker, but counts are kept: limits, prices and what fits a model stand on
them. When nothing was counted for long the vocabulary is let go of, and the C library is asked to give the memory back,
since it would keep it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import threading
from collections.abc import Callable

from adapters.chat_completions.tokens import counter_for
from core.ports import TokenCounter

SLEEPS_AFTER = 600.0
"""Seconds without a text."""


class DormantCounter:
    """Counts for one model, also in other threads. Made inside the running loop, which lets it sleep."""

    def __init__(
        self, model: str, *, load: Callable[[str], TokenCounter] = counter_for, sleeps_after: float = SLEEPS_AFTER
    ) -> None:
        self._model = model
        self._load = load
        self._sleeps_after = sleeps_after
        self._loop = asyncio.get_running_loop()
        self._loading = threading.Lock()
        self._exact: TokenCounter | None = None
        self._used = 0.0
        self._closed = False
        self._next: asyncio.TimerHandle | None = None
        """When it is looked at whether it may sleep."""

    @property
    def awake(self) -> bool:
        """Whether the vocabulary is in memory."""
        return self._exact is not None

    def count(self, text: str) -> int:
        """Tokens of the text."""
        self._used = self._loop.time()
        return (self._exact or self._woken()).count(text)

    def _woken(self) -> TokenCounter:
        with self._loading:
            exact = self._exact or self._load(self._model)
            if self._exact is None and not self._closed:
                self._exact = exact
                self._loop.call_soon_threadsafe(self._look_in, self._sleeps_after)
            return exact

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
        """No timer is left."""
        self._closed = True
        if self._next is not None:
            self._next.cancel()


def _give_back() -> None:
    """Memory that is free goes back to the system, where the C library is glibc (malloc_trim(3))."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
