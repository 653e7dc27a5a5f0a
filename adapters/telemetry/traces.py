"""Each turn as a trace of OpenTelemetry, sent by OTLP over HTTP.

A turn is the root; requests to the model, calls of the platform and of the store made while it is worked on are its
children (what goes on beside turns, such as looking for work, makes no spans). Requests to models follow the
conventions for generative AI (opentelemetry.io/docs/specs/semconv/gen-ai). Texts, errors' details and addresses of
hooks stay out: attributes hold ids, names, states, numbers and the classes of errors.

The SDK is an extra (`traces`), imported when it is wanted and not before.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, assert_never

import structlog

from adapters.telemetry.outcomes import ABANDONED, CANCELLED, OK, outcome_of
from core.ports import Finished
from core.telemetry import (
    Asking,
    Ended,
    Event,
    FirstShown,
    Lagged,
    LetGo,
    ModelCall,
    PlatformCall,
    StoreCall,
    TurnWork,
    Work,
)

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

log = structlog.get_logger()

SERVICE = "parley"
PATH = "/v1/traces"
GOODBYE = 3.0
"""Seconds that the last spans have to be sent when the process stops."""
_PROVIDERS = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
_FINE = (OK, CANCELLED, ABANDONED)


def provider_of(host: str) -> str:
    """The conventions' name for who runs the server. Where that is not known it is called by what it speaks."""
    if host.endswith(".openai.azure.com"):
        return "azure.ai.openai"
    return _PROVIDERS.get(host, "openai")


def open_traces(endpoint: str) -> Traces | None:
    """Traces are sent to that collector from now on; none, and a line in the log, where the extra is missing."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.error(
            "no traces: OTEL_EXPORTER_OTLP_ENDPOINT is set, but the extra is missing; pip install 'parley[traces]'",
            action="traces.extra_missing",
        )
        return None
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": SERVICE}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    # An address for traces alone is used as it is, to the common one the path is added (OTLP specification).
    address = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or endpoint.rstrip("/") + PATH
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    return Traces(provider)


class Traces:
    """core.telemetry.Telemetry as spans of that provider. The SDK must be installed."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace

        self._provider = provider
        self._trace = trace
        self._tracer = provider.get_tracer(SERVICE)

    async def close(self) -> None:
        """What has ended is sent, as far as a few seconds allow. On a thread that nobody has to wait for."""
        closing = threading.Thread(target=self._provider.shutdown, name="traces-close", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, GOODBYE)

    # ── core.telemetry.Telemetry ──

    def happened(self, event: Event) -> None:
        """See core.telemetry.Telemetry. What concerns a turn is noted on its span, in which it happens."""
        span = self._trace.get_current_span()
        match event:
            case Ended():
                span.set_attributes({"parley.turn.state": event.state.value, "parley.turn.reason": event.reason})
                if event.state.value == "failed":
                    self._fail(span, event.reason)
            case LetGo():
                span.set_attribute("parley.turn.let_go", event.why.value)
            case FirstShown():
                span.set_attribute("parley.turn.first_text_seconds", event.seconds)
            case Lagged():
                span.set_attribute("parley.turn.character_lag_seconds", event.seconds)
            case _:
                return  # of no turn, or told by the spans themselves

    def during(self, work: Work) -> AbstractContextManager[None]:
        """See core.telemetry.Telemetry."""
        match work:
            case TurnWork():
                return self._turn(work)
            case PlatformCall():
                return self._part(f"{work.platform.value} {work.method}", {"parley.platform": work.platform.value})
            case StoreCall():
                return self._part(f"store {work.method}", {"parley.store.operation": work.method}, outward=False)
            case _:
                assert_never(work)

    @contextmanager
    def asking(self, call: ModelCall) -> Iterator[Asking]:
        """See core.telemetry.Telemetry. The span is not made the current one: whoever reads the stream goes on with
        other things between two pieces."""
        span = self._tracer.start_span(
            f"chat {call.model}", kind=self._trace.SpanKind.CLIENT, attributes=_request_attributes(call)
        )
        asked = _Asked(span)
        left: BaseException | None = None
        try:
            yield asked
        except BaseException as error:
            left = error
            raise
        finally:
            outcome = OK if asked.finished else outcome_of(asked.error or left)
            self._end(span, outcome)

    # ── spans ──

    @contextmanager
    def _turn(self, work: TurnWork) -> Iterator[None]:
        turn = work.turn
        attributes = {
            "parley.platform": turn.key.platform.value,
            "parley.turn.id": turn.id,
            "parley.turn.attempt": turn.attempt,
            "gen_ai.conversation.id": str(turn.key),
        }
        with self._tracer.start_as_current_span(
            "turn",
            kind=self._trace.SpanKind.CONSUMER,
            attributes=attributes,
            record_exception=False,  # its text could quote
            set_status_on_exception=False,
            end_on_exit=False,
        ) as span:
            outcome = OK
            try:
                yield
            except BaseException as error:
                outcome = outcome_of(error)
                raise
            finally:
                self._end(span, outcome)

    def _part(self, name: str, attributes: dict[str, str], *, outward: bool = True) -> AbstractContextManager[None]:
        if not self._trace.get_current_span().is_recording():
            return nullcontext()
        return self._child(name, attributes, outward=outward)

    @contextmanager
    def _child(self, name: str, attributes: dict[str, str], *, outward: bool) -> Iterator[None]:
        kind = self._trace.SpanKind.CLIENT if outward else self._trace.SpanKind.INTERNAL
        span, outcome = self._tracer.start_span(name, kind=kind, attributes=attributes), OK
        try:
            yield
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            self._end(span, outcome)

    def _end(self, span: Span, outcome: str) -> None:
        if outcome in (CANCELLED, ABANDONED):
            span.set_attribute("parley.outcome", outcome)
        elif outcome not in _FINE:
            self._fail(span, outcome)
        span.end()

    def _fail(self, span: Span, error: str) -> None:
        span.set_attribute("error.type", error)
        span.set_status(self._trace.Status(self._trace.StatusCode.ERROR))


def _request_attributes(call: ModelCall) -> dict[str, str | int | float | bool]:
    attributes: dict[str, str | int | float | bool] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider_of(call.host),
        "gen_ai.request.model": call.model,
        "server.address": call.host,
        "parley.endpoint": call.endpoint,
    }
    if call.temperature is not None:
        attributes["gen_ai.request.temperature"] = call.temperature
    if call.max_tokens is not None:
        attributes["gen_ai.request.max_tokens"] = call.max_tokens
    return attributes


class _Asked:
    """One request to a model, as its span is told of it."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._at = time.perf_counter()
        self.finished = False
        self.error: Exception | None = None

    def began(self) -> None:
        self._span.set_attribute("gen_ai.response.time_to_first_chunk", time.perf_counter() - self._at)

    def answered(self, finished: Finished) -> None:
        self.finished = True
        self._span.set_attribute("gen_ai.response.finish_reasons", [finished.reason.value])
        usage = finished.usage
        if usage is None:
            return
        self._span.set_attributes(
            {
                "gen_ai.usage.input_tokens": usage.prompt_tokens,
                "gen_ai.usage.output_tokens": usage.completion_tokens,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
                "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
            }
        )
        if usage.model:
            self._span.set_attribute("gen_ai.response.model", usage.model)

    def failed(self, error: Exception) -> None:
        self.error = error
