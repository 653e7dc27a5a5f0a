"""What becomes of what core tells: counted under bounded labels, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from adapters.slack.failures import Refused
from adapters.telemetry.health import Snapshot
from adapters.telemetry.outcomes import outcome_of
from adapters.telemetry.prometheus import MOST_NAMES, Names, PrometheusTelemetry
from adapters.telemetry.several import together
from core.conversation import Platform
from core.errors import ModelBusy, StoreUnavailable, SurfaceBusy
from core.ports import Finished, FinishReason
from core.store import OpenTurns
from core.telemetry import (
    SILENT,
    Claim,
    Claimed,
    Ended,
    LetGo,
    LettingGo,
    ModelCall,
    PlatformCall,
    RateLimited,
    StoreCall,
    WriteReturned,
)
from core.turn import TurnState, Usage

CALL = ModelCall(endpoint="default", host="localhost", model="tiny")
UPDATE = PlatformCall(platform=Platform.SLACK, method="chat.update")


@pytest.fixture
def counts() -> PrometheusTelemetry:
    """Nothing was told yet."""
    return PrometheusTelemetry()


def value(counts: PrometheusTelemetry, name: str, **labels: str) -> float | None:
    """One series."""
    return counts.registry.get_sample_value(name, labels)


def ended(*, reason: str = "stop", usage: Usage | None = None) -> Ended:
    """The end of a turn."""
    return Ended(platform=Platform.SLACK, state=TurnState.DONE, reason=reason, seconds=2.0, usage=usage or Usage())


# ── outcomes ──


def test_errors_are_named_by_core() -> None:
    """An adapter's own error counts as the class of core that it is; what is no error of ours is a fault."""
    assert outcome_of(None) == "ok"
    assert outcome_of(Refused("chat.update: not_in_channel", "not_in_channel")) == "SurfaceForbidden"
    assert outcome_of(SurfaceBusy("429")) == "SurfaceBusy"
    assert outcome_of(asyncio.CancelledError()) == "cancelled"
    assert outcome_of(GeneratorExit()) == "abandoned"
    assert outcome_of(KeyError("somebody's word")) == "fault"


def test_calls_are_counted_by_outcome(counts: PrometheusTelemetry) -> None:
    """A call that fails is counted and timed like one that succeeds, and its error goes on."""
    with counts.during(UPDATE):
        pass
    with pytest.raises(SurfaceBusy), counts.during(UPDATE):
        raise SurfaceBusy("chat.update: 429", retry_after=3)
    labels = {"platform": "slack", "method": "chat.update"}
    assert value(counts, "parley_platform_calls_total", **labels, outcome="ok") == 1
    assert value(counts, "parley_platform_calls_total", **labels, outcome="SurfaceBusy") == 1
    assert value(counts, "parley_platform_call_duration_seconds_count", **labels) == 2


def test_store_errors(counts: PrometheusTelemetry) -> None:
    """A method of the store that fails counts as an error of that class."""
    with pytest.raises(StoreUnavailable), counts.during(StoreCall(method="claim")):
        raise StoreUnavailable("away")
    assert value(counts, "parley_store_errors_total", operation="claim", error="StoreUnavailable") == 1
    assert value(counts, "parley_store_operation_duration_seconds_count", operation="claim") == 1


# ── models ──


async def test_a_stream_that_is_closed(counts: PrometheusTelemetry) -> None:
    """Whoever closes the stream early (a person pressed Stop) abandons it; that is no failure."""

    async def stream() -> AsyncGenerator[str]:
        with counts.asking(CALL) as asking:
            asking.began()
            yield "Hello"

    events = stream()
    assert await anext(events) == "Hello"
    await events.aclose()
    assert value(counts, "parley_model_requests_total", endpoint="default", model="tiny", outcome="abandoned") == 1
    assert value(counts, "parley_model_first_event_seconds_count", endpoint="default", model="tiny") == 1


def test_a_model_that_fails(counts: PrometheusTelemetry) -> None:
    """What the model's side said is the outcome, whichever exception carries it."""

    def ask() -> None:
        with counts.asking(CALL) as asking:
            asking.failed(ModelBusy("429"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask()
    assert value(counts, "parley_model_requests_total", endpoint="default", model="tiny", outcome="ModelBusy") == 1
    assert value(counts, "parley_model_first_event_seconds_count", endpoint="default", model="tiny") is None


def test_tokens_are_counted_once(counts: PrometheusTelemetry) -> None:
    """The provider's figures are counted with the request, and a turn's only where they are our estimate."""
    usage = Usage(prompt_tokens=30, completion_tokens=9, model="tiny-2026")
    with counts.asking(CALL) as asking:
        asking.answered(Finished(reason=FinishReason.STOP, usage=usage))
    counts.happened(ended(usage=usage))
    counts.happened(ended(usage=Usage(prompt_tokens=5, completion_tokens=2, estimated=True)))
    tokens = {"model": "tiny-2026", "source": "provider"}
    assert value(counts, "parley_tokens_total", **tokens, kind="prompt") == 30
    assert value(counts, "parley_tokens_total", **tokens, kind="completion") == 9
    assert value(counts, "parley_tokens_total", **tokens, kind="cached") is None
    assert value(counts, "parley_tokens_total", model="unknown", source="estimate", kind="completion") == 2


# ── events ──


def test_turns(counts: PrometheusTelemetry) -> None:
    """Claims by their kind, ends by state and reason; only a first claim has waited."""
    for claim in Claim:
        counts.happened(Claimed(platform=Platform.DISCORD, claim=claim, waited=1.5))
    counts.happened(LetGo(platform=Platform.DISCORD, why=LettingGo.LOST))
    counts.happened(ended(reason="length"))
    for claim in Claim:
        assert value(counts, "parley_turns_claimed_total", platform="discord", claim=claim.value) == 1
    assert value(counts, "parley_turn_wait_seconds_count", platform="discord") == 1
    assert value(counts, "parley_turns_let_go_total", platform="discord", why="lost") == 1
    assert value(counts, "parley_turns_ended_total", platform="slack", state="done", reason="length") == 1


def test_writes_and_refusals(counts: PrometheusTelemetry) -> None:
    """A budget's name begins with its platform; whatever else it begins with is `other`."""
    counts.happened(WriteReturned(platform="slack", shown=True))
    counts.happened(WriteReturned(platform="U123", shown=False))
    counts.happened(RateLimited(platform=Platform.SLACK))
    assert value(counts, "parley_reply_writes_total", platform="slack", outcome="shown") == 1
    assert value(counts, "parley_reply_writes_total", platform="other", outcome="failed") == 1
    assert value(counts, "parley_platform_rate_limited_total", platform="slack") == 1


def test_names_are_bounded(counts: PrometheusTelemetry) -> None:
    """However many models or reasons there are, series do not grow without end."""
    for number in range(3 * MOST_NAMES):
        call = ModelCall(endpoint="default", host="localhost", model=f"model-{number}")
        with counts.asking(call) as asking:
            asking.answered(Finished(reason=FinishReason.STOP))
        counts.happened(ended(reason=f"Reason{number}"))
    for name, label in (("parley_model_requests", "model"), ("parley_turns_ended", "reason")):
        (family,) = (family for family in counts.registry.collect() if family.name == name)
        values = {sample.labels[label] for sample in family.samples}
        assert len(values) == MOST_NAMES + 1
        assert "other" in values
    assert Names(1)("first") == "first"


# ── gauges ──


def snapshot(open_turns: OpenTurns | None) -> Snapshot:
    """A moment of one process."""
    return Snapshot(
        open_turns=open_turns,
        oldest_age=4.0,
        running=3,
        slots=200,
        draining=False,
        intake={Platform.DISCORD: 7},
        up={Platform.DISCORD: True},
    )


def test_gauges_do_not_lie(counts: PrometheusTelemetry) -> None:
    """While the database is away nothing is said of its turns, rather than what was true before."""
    since = datetime(2026, 11, 23, tzinfo=UTC)
    counts.looked(snapshot(OpenTurns(queued=2, live=1, oldest_queued_at=since)))
    assert value(counts, "parley_turns_open", state="queued") == 2
    assert value(counts, "parley_turns_oldest_queued_age_seconds") == 4
    assert value(counts, "parley_intake_waiting", platform="discord") == 7
    counts.looked(snapshot(None))
    assert value(counts, "parley_turns_open", state="queued") is None
    age = value(counts, "parley_turns_oldest_queued_age_seconds")
    assert age is not None
    assert age != age, "not a number"
    assert value(counts, "parley_database_up") == 0
    assert value(counts, "parley_turns_running") == 3


def test_the_form_that_is_asked_for(counts: PrometheusTelemetry) -> None:
    """Prometheus asks for OpenMetrics and gets it; anybody else reads text."""
    assert counts.rendered("")[1].startswith("text/plain")
    body, media_type = counts.rendered("application/openmetrics-text; version=1.0.0")
    assert media_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


# ── several ──


def test_several_listeners_hear_the_same() -> None:
    """Each of them counts what happened, what went on and what was asked, errors included."""
    first, second = PrometheusTelemetry(), PrometheusTelemetry()
    both = together([first, second])
    both.happened(RateLimited(platform=Platform.SLACK))
    with pytest.raises(SurfaceBusy), both.during(UPDATE):
        raise SurfaceBusy("429")
    with both.asking(CALL) as asking:
        asking.began()
        asking.answered(Finished(reason=FinishReason.STOP))
    for counts in (first, second):
        assert value(counts, "parley_platform_rate_limited_total", platform="slack") == 1
        assert value(
            counts, "parley_platform_calls_total", platform="slack", method="chat.update", outcome="SurfaceBusy"
        )
        assert value(counts, "parley_model_requests_total", endpoint="default", model="tiny", outcome="stop") == 1
    assert together([]) is SILENT
    assert together([first]) is first
