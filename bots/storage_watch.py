"""Tells operators once that the database fails while the process runs, with what to do, and once that it is well.

Each part of Parley that waits for the database says so by itself, in the driver's words. This is the line that
somebody who is woken by them looks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog

from bots.storage import Fault, explained
from core.errors import StoreUnavailable
from core.ports import Clock
from core.telemetry import Silent, StoreCall, Work

log = structlog.get_logger()


class StorageWatch(Silent):
    """Listens to how calls of the store end."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._failing: set[str] = set()
        """Methods that have failed. Where only writing fails, another one that works is no sign of health."""
        self._told: list[Fault] = []
        self._since = 0.0

    def during(self, work: Work) -> AbstractContextManager[None]:
        """See core.telemetry.Telemetry."""
        return self._watched(work.method) if isinstance(work, StoreCall) else nullcontext()

    @contextmanager
    def _watched(self, method: str) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable as error:
            self._failed(method, error)
            raise
        if method in self._failing:
            self._answered()

    def _failed(self, method: str, error: StoreUnavailable) -> None:
        if not self._failing:
            self._since = self._clock.monotonic()
        self._failing.add(method)
        fault = explained(self._url, error)
        if fault not in self._told:
            self._told.append(fault)
            log.error(fault.problem, action="storage.fails", fix=fault.fix)

    def _answered(self) -> None:
        self._failing.clear()
        self._told.clear()
        seconds = round(self._clock.monotonic() - self._since, 1)
        log.warning("The database is well again.", action="storage.well", seconds=seconds)
