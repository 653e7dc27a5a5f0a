"""Turns as traces: what is a span, whose child it is, and what no attribute says."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from adapters.telemetry.traces import Traces, open_traces, provider_of
from core.conversation import Platform
from core.errors import ModelBusy, StoreUnavailable
from core.ports import Finished, FinishReason
from core.telemetry import LetGo, LettingGo, ModelCall, PlatformCall, RateLimited, StoreCall, TurnWork
from core.turn import Usage
from tests.core.replies import turn

CALL = ModelCall(endpoint="default", host="api.openai.com", model="tiny", temperature=0.5, max_tokens=99)
WORK = TurnWork(turn=turn())
FINISH = StoreCall(method="finish")


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Keeps the spans that have ended."""
    return InMemorySpanExporter()


@pytest.fixture
def traces(exporter: InMemorySpanExporter) -> Iterator[Traces]:
    """Traces into memory."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield Traces(provider)
    provider.shutdown()


def spans(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """By name."""
    return {span.name: span for span in exporter.get_finished_spans()}


def test_children_of_a_turn(traces: Traces, exporter: InMemorySpanExporter) -> None:
    """What goes on inside a turn is its child; what goes on beside turns makes no span at all."""
    with traces.during(FINISH):
        pass
    with traces.during(WORK):
        with traces.during(FINISH), traces.during(PlatformCall(platform=Platform.SLACK, method="chat.update")):
            pass
        with traces.asking(CALL) as asking:
            asking.answered(Finished(reason=FinishReason.STOP))
    found = spans(exporter)
    assert found.keys() == {"turn", "store finish", "slack chat.update", "chat tiny"}
    root = found.pop("turn")
    assert root.parent is None
    assert all(span.parent and span.parent.span_id == root.context.span_id for span in found.values())


async def test_turns_side_by_side(traces: Traces, exporter: InMemorySpanExporter) -> None:
    """Each task has its own turn, also in tasks that were begun in it."""

    async def work(number: int, both: asyncio.Barrier) -> None:
        with traces.during(TurnWork(turn=replace(turn(), id=number))):
            await both.wait()
            await asyncio.create_task(call(number))

    async def call(number: int) -> None:
        with traces.during(StoreCall(method=f"finish_{number}")):
            await asyncio.sleep(0)

    both = asyncio.Barrier(2)
    await asyncio.gather(work(1, both), work(2, both))
    roots = {span.context.span_id: span.attributes for span in exporter.get_finished_spans() if span.name == "turn"}
    for number in (1, 2):
        parent = spans(exporter)[f"store finish_{number}"].parent
        assert parent is not None
        attributes = roots[parent.span_id]
        assert attributes is not None
        assert attributes["parley.turn.id"] == number


def test_a_request_follows_the_conventions(traces: Traces, exporter: InMemorySpanExporter) -> None:
    """The names that tools for generative AI look for."""
    usage = Usage(prompt_tokens=30, completion_tokens=9, cached_tokens=8, reasoning_tokens=2, model="tiny-2026")
    with traces.asking(CALL) as asking:
        asking.began()
        asking.answered(Finished(reason=FinishReason.LENGTH, usage=usage))
    attributes = dict(spans(exporter)["chat tiny"].attributes or {})
    assert float(str(attributes.pop("gen_ai.response.time_to_first_chunk"))) >= 0
    assert attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "tiny",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 99,
        "gen_ai.response.model": "tiny-2026",
        "gen_ai.response.finish_reasons": ("length",),
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.cache_read.input_tokens": 8,
        "gen_ai.usage.reasoning.output_tokens": 2,
        "server.address": "api.openai.com",
        "parley.endpoint": "default",
    }


def test_errors_are_classes_and_no_words(traces: Traces, exporter: InMemorySpanExporter) -> None:
    """An error's text may quote; its class may not."""

    def ask() -> None:
        with traces.asking(CALL) as asking:
            asking.failed(ModelBusy("a person's word"))
            raise KeyError("a person's word")

    def work() -> None:
        with traces.during(WORK), traces.during(FINISH):
            raise StoreUnavailable("a person's word")

    with pytest.raises(KeyError):
        ask()
    with pytest.raises(StoreUnavailable):
        work()
    for name, error in (("chat tiny", "ModelBusy"), ("store finish", "StoreUnavailable"), ("turn", "StoreUnavailable")):
        span = spans(exporter)[name]
        assert (span.attributes or {})["error.type"] == error
        assert not span.status.is_ok
        assert "word" not in span.to_json()


def test_being_let_go_is_no_error(traces: Traces, exporter: InMemorySpanExporter) -> None:
    """A turn that is handed over, and a call that is cancelled, say so and have not failed."""

    def work() -> None:
        with traces.during(WORK):
            traces.happened(LetGo(platform=Platform.SLACK, why=LettingGo.HANDED_OVER))
            traces.happened(RateLimited(platform=Platform.SLACK))
            with traces.during(FINISH):
                raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        work()
    root, call = spans(exporter)["turn"], spans(exporter)["store finish"]
    assert (root.attributes or {})["parley.turn.let_go"] == "handed_over"
    assert (call.attributes or {})["parley.outcome"] == "cancelled"
    assert "error.type" not in {**(root.attributes or {}), **(call.attributes or {})}


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("api.openai.com", "openai"),
        ("mine.openai.azure.com", "azure.ai.openai"),
        ("api.mistral.ai", "mistral_ai"),
        ("localhost", "openai"),
    ],
)
def test_who_runs_the_server(host: str, provider: str) -> None:
    """By the conventions' names; a server that nobody knows is called by what it speaks."""
    assert provider_of(host) == provider


def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the SDK there are no traces, and the log says what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with capture_logs() as logs:
        assert open_traces("http://localhost:4318") is None
    (line,) = logs
    assert line["log_level"] == "error"
    assert "parley[traces]" in line["event"]
