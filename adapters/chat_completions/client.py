"""One endpoint as core's ChatModel: asks, learns from refusals, asks again where that may help.

A single request and its deadlines are exchange.py's; several endpoints are fallback.py's. After the first event has
been given out nothing is asked again: what breaks then is a ModelCut, and the text that came stays.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import httpx
import structlog

from adapters.chat_completions.connection import open_client
from adapters.chat_completions.dialects import Dialect, Lesson, Payload, learned
from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.exchange import Exchange, Question
from adapters.chat_completions.failures import CallFailed, Failure, codes, cut, names_address
from adapters.chat_completions.faults import Fault
from adapters.chat_completions.listing import Listing, chatting
from adapters.chat_completions.redaction import printable
from adapters.chat_completions.retries import USUAL, RetryRule
from adapters.chat_completions.sight import sees_by_name
from adapters.chat_completions.windows import window_of
from adapters.chat_completions.wire import encoded, payload
from core.conversation import Message
from core.errors import ContextTooLong, ModelError, ModelNotFound, ModelRefused, ModelUnavailable
from core.ports import Clock, Finished, ModelEvent, ModelRequest
from core.telemetry import SILENT, Asking, ModelCall, Telemetry

log = structlog.get_logger()

SMALLEST_WINDOW = 256
"""A context size below this is a misread number."""
_TEACHING = (ModelRefused, ModelNotFound, ModelUnavailable)
"""Errors behind which there may be a lesson. llama.cpp says in a 500 that it takes no pictures."""
_UNTOLD = (401, 403, 407)
"""Answers to a wrong key quote it: only their codes are kept."""


@dataclass(slots=True)
class _Call:
    """One question on its way, over all its tries."""

    request: ModelRequest
    model: str
    dialect: Dialect
    until: float
    tries: int = 0
    sent: Payload | None = None
    given: bool = False
    """An event has been given out."""


class ChatCompletionsModel:
    """A model behind one endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Clock,
        retry: RetryRule = USUAL,
        chance: Callable[[], float] = random.random,
        telemetry: Telemetry = SILENT,
    ) -> None:
        self.endpoint = endpoint
        self._telemetry = telemetry
        self._clock = clock
        self._retry = retry
        self._chance = chance
        self._http = open_client(endpoint)
        self._listing = Listing(self._http, clock)
        self._dialects: dict[str, Dialect] = {}
        self._windows: dict[str, int] = {}

    @property
    def http(self) -> httpx.AsyncClient:
        """The connections, for what else is asked of the same server (probe.py)."""
        return self._http

    def knows(self, model: str) -> bool:
        """Whether somebody said that this endpoint has the model."""
        return self.endpoint.knows(model)

    async def models(self) -> tuple[str, ...]:
        """Names that it can be asked for: those that were set, then those its server lists."""
        own = [self.endpoint.model, *self.endpoint.aliases]
        return tuple(dict.fromkeys(name for name in (*own, *chatting(await self._listing.names())) if name))

    def window(self, model: str) -> int:
        """Tokens read and written together: as set, as the server told in a refusal, or by the model's name."""
        if self.endpoint.window is not None:
            return self.endpoint.window
        name = self.endpoint.named(model)
        return self._windows.get(name) or window_of(name)

    def sees(self, model: str) -> bool:
        """Whether the model looks at pictures: as set, as the server told in a refusal, or by the model's name."""
        name = self.endpoint.named(model)
        if name in self._dialects and self._dialects[name].blind:
            return False
        return sees_by_name(name) if self.endpoint.vision is None else self.endpoint.vision

    async def aclose(self) -> None:
        """Connections are closed."""
        await self._http.aclose()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """The answer's events, Finished last. Raises ModelError; closing it closes the connection at once."""
        call = self._begun(request)
        while True:
            try:
                async with aclosing(self._told(call)) as events:
                    async for event in events:
                        call.given, call.sent = True, None  # nothing is learned any more, and it may be long
                        yield event
                return
            except CallFailed as failed:
                failure, cause = failed.failure, failed.__cause__
            delay = self._delay(call, failure)
            if delay is None:
                raise (cut(failure) if call.given else failure.error) from cause
            if delay:
                await self._clock.sleep(delay)

    def _begun(self, request: ModelRequest) -> _Call:
        if self._http.is_closed:
            raise ModelUnavailable("the client is closed")
        model = self.endpoint.named(request.model)
        dialect = self._dialects.get(model, self.endpoint.first_dialect)
        if not self.sees(request.model):
            dialect = replace(dialect, blind=True)
        until = asyncio.get_running_loop().time() + self.endpoint.timeouts.whole
        return _Call(request=request, model=model, dialect=dialect, until=until)

    async def _told(self, call: _Call) -> AsyncGenerator[ModelEvent]:
        """Operators see the request."""
        parameters = call.request.parameters
        asked = ModelCall(
            endpoint=self.endpoint.name,
            host=self.endpoint.host,
            model=call.model,
            temperature=parameters.temperature,
            max_tokens=parameters.max_tokens,
        )
        with self._telemetry.asking(asked) as asking:
            async with aclosing(self._once(call, asking)) as events:
                async for event in events:
                    yield event

    async def _once(self, call: _Call, asking: Asking) -> AsyncGenerator[ModelEvent]:
        exchange = Exchange(self._http, self._question(call))
        began = self._clock.monotonic()
        first: float | None = None
        try:
            async with aclosing(exchange.events()) as events:
                async for event in events:
                    if first is None:
                        first = self._clock.monotonic() - began
                        asking.began()
                    if isinstance(event, Finished):
                        asking.answered(event)
                        self._log_answer(call, event, exchange.request_id, first, self._clock.monotonic() - began)
                    yield event
        except CallFailed as failed:
            asking.failed(failed.failure.error)
            self._log_failure(call, failed.failure, exchange.request_id)
            raise

    def _question(self, call: _Call) -> Question:
        sent = payload(call.request, model=call.model, dialect=call.dialect, user_field=self.endpoint.identifier())
        call.sent = sent
        return Question(
            body=encoded(sent),
            model=call.model,
            streamed=bool(sent.get("stream")),
            timeouts=self.endpoint.timeouts,
            until=call.until,
            explain=lambda fault: self._explained(fault, call.request),
            now=self._clock.now,
        )

    def _delay(self, call: _Call, failure: Failure) -> float | None:
        """Seconds until the question is asked again, at once where it was said the wrong way; None to give up."""
        if call.given:
            return None
        self._learn_window(call, failure)
        if self._learn(call, failure):
            return 0.0
        call.tries += 1
        delay = self._retry.delay(failure, call.tries, self._chance)
        left = call.until - asyncio.get_running_loop().time()
        return None if delay is None or delay >= left else delay

    def _learn(self, call: _Call, failure: Failure) -> bool:
        """Whether the refusal taught how to say the same in another way."""
        if failure.fault is None or call.sent is None or not isinstance(failure.error, _TEACHING):
            return False
        lesson = learned(call.dialect, failure.fault, call.sent)
        if lesson is None:
            return False
        self._remember(call, lesson, failure.fault)
        call.dialect = lesson.dialect
        return True

    def _remember(self, call: _Call, lesson: Lesson, fault: Fault) -> None:
        left_out = sorted(lesson.dialect.dropped - call.dialect.dropped)
        names = {"endpoint": self.endpoint.name, "model": call.model, "left_out": left_out}
        log.info("request changed", action="model.learned", lasting=lesson.lasting, **names)
        known = self._dialects.get(call.model, self.endpoint.first_dialect)
        again = learned(known, fault, call.sent or {})  # another call may have learned meanwhile
        if lesson.lasting and again is not None:
            self._dialects[call.model] = again.dialect

    def _learn_window(self, call: _Call, failure: Failure) -> None:
        told = failure.fault.window if failure.fault else None
        if isinstance(failure.error, ContextTooLong) and told and told >= SMALLEST_WINDOW:
            self._windows[call.model] = told

    def _explained(self, fault: Fault, request: ModelRequest) -> str:
        """The complaint in words that hold no key and nothing of the conversation."""
        conversation = "\n".join(_words(message) for message in request.messages)
        secrets = self.endpoint.secrets()
        explained = printable(codes(fault), secrets=secrets, conversation="")
        if names_address(fault):
            return f"{explained}: is the base URL right (a /v1 missing or doubled)? {self.endpoint.base_url}"
        if not fault.message or fault.status in _UNTOLD:
            return explained
        return f"{explained}: {printable(fault.message, secrets=secrets, conversation=conversation)}"

    def _log_answer(self, call: _Call, end: Finished, request_id: str, first: float, whole: float) -> None:
        log.info(
            "answered",
            action="model.answered",
            endpoint=self.endpoint.name,
            model=call.model,
            reason=end.reason.value,
            request_id=request_id,
            first_event=round(first, 3),
            seconds=round(whole, 3),
            prompt_tokens=end.usage.prompt_tokens if end.usage else None,
            completion_tokens=end.usage.completion_tokens if end.usage else None,
        )

    def _log_failure(self, call: _Call, failure: Failure, request_id: str) -> None:
        error: ModelError = failure.error
        log.warning(
            "no answer",
            action="model.failed",
            endpoint=self.endpoint.name,
            model=call.model,
            error=type(error).__name__,
            detail=error.detail,
            retry_after=error.retry_after,
            request_id=request_id,
        )


def _words(message: Message) -> str:
    return "\n".join([message.text, *(call.arguments for call in message.tool_calls)])


def with_model(request: ModelRequest, model: str) -> ModelRequest:
    """The same question to another model."""
    return replace(request, model=model)
