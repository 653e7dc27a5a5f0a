"""Tells several listeners what one would be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

from core.ports import Finished
from core.telemetry import SILENT, Asking, Event, ModelCall, Telemetry, Work


class Several:
    """core.telemetry.Telemetry for all of them, in order."""

    def __init__(self, listeners: Sequence[Telemetry]) -> None:
        self._listeners = tuple(listeners)

    def happened(self, event: Event) -> None:
        """See core.telemetry.Telemetry."""
        for listener in self._listeners:
            listener.happened(event)

    @contextmanager
    def _during(self, work: Work) -> Iterator[None]:
        with ExitStack() as stack:
            for listener in self._listeners:
                stack.enter_context(listener.during(work))
            yield

    def during(self, work: Work) -> AbstractContextManager[None]:
        """See core.telemetry.Telemetry."""
        return self._during(work)

    @contextmanager
    def asking(self, call: ModelCall) -> Iterator[Asking]:
        """See core.telemetry.Telemetry."""
        with ExitStack() as stack:
            yield _Askings([stack.enter_context(listener.asking(call)) for listener in self._listeners])


class _Askings:
    def __init__(self, askings: Sequence[Asking]) -> None:
        self._askings = askings

    def began(self) -> None:
        for asking in self._askings:
            asking.began()

    def answered(self, finished: Finished) -> None:
        for asking in self._askings:
            asking.answered(finished)

    def failed(self, error: Exception) -> None:
        for asking in self._askings:
            asking.failed(error)


def together(listeners: Sequence[Telemetry]) -> Telemetry:
    """All of them as one; nobody where there are none."""
    if not listeners:
        return SILENT
    return listeners[0] if len(listeners) == 1 else Several(listeners)
