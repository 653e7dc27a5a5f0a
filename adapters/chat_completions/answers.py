"""A good HTTP answer on its way: its bytes → events, and what makes it a broken one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.chat_completions.assembly import BROKEN_OFF, Assembly
from adapters.chat_completions.bodies import AnswerBody, Broken, NotAnAnswer
from adapters.chat_completions.failures import CallFailed, Failure, error_type, is_passing
from adapters.chat_completions.faults import Fault, fault_in
from core.errors import ModelNotConfigured, ModelUnavailable
from core.ports import ModelEvent

NO_MODEL_SPOKE = "HTTP 200, but no model's answer: is the base URL right (a /v1 missing or doubled)?"


class Answer:
    """Take its bytes as they come; ask for the end when it is complete."""

    def __init__(self, model: str, explain: Callable[[Fault], str]) -> None:
        self._body = AnswerBody()
        self._assembly = Assembly(model)
        self._explain = explain
        self._failure: Failure | None = None
        self.complete = False
        """No more bytes are wanted."""
        self.moved = False
        """The last bytes held more than comments and blank lines."""

    @property
    def begun(self) -> bool:
        """A piece of the answer has come."""
        return self._assembly.begun

    @property
    def finished(self) -> bool:
        """The server gave a finish reason; only figures may follow."""
        return self._assembly.reason is not None

    def take(self, data: bytes) -> list[ModelEvent]:
        """The events in these bytes; no bytes mean that the body ended."""
        events: list[ModelEvent] = []
        self.moved = False
        try:
            for value in self._body.feed(data) if data else self._body.flush():
                self.moved = True
                events += self._read(value)
        except Broken as error:
            if not self.finished:  # only figures are lost
                self._failure = self._failure or _passing(f"the answer cannot be read: {error}")
        except NotAnAnswer:
            self._failure = Failure(error=ModelNotConfigured(NO_MODEL_SPOKE))
        self.complete = self._body.done or not data or self._failure is not None
        return events

    def end(self) -> list[ModelEvent]:
        """The last events. Raises CallFailed where the server gave up or the answer broke off."""
        reason = self._assembly.reason
        if self._failure is not None:
            raise CallFailed(self._failure)
        if reason is not None and reason.lower() in BROKEN_OFF:
            raise CallFailed(_passing(f"the server gave up: {reason.lower()}"))
        if reason is None and not (self._body.done and self._assembly.begun):
            raise CallFailed(_passing("the answer ended before a finish reason"))
        return self._assembly.end()

    def _read(self, value: object) -> list[ModelEvent]:
        if self._failure is not None:
            return []
        fault = fault_in(value)
        if fault is not None:
            self._failure = self._complaint(fault)
        elif not isinstance(value, Mapping) or (self._body.whole and "choices" not in value):
            self._failure = Failure(error=ModelNotConfigured(NO_MODEL_SPOKE))
        else:
            return self._assembly.take(value)
        return []

    def _complaint(self, fault: Fault) -> Failure:
        error = error_type(fault)(self._explain(fault), retry_after=fault.delay)
        return Failure(error=error, again=is_passing(error), fault=fault)


def _passing(detail: str) -> Failure:
    return Failure(error=ModelUnavailable(detail), again=True)
