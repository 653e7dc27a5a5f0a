"""Counts what core tells, for Prometheus. Which metrics there are, and what they mean, stands in metrics.py.

A registry of its own for each process object, so that two runtimes in one interpreter (as in tests) stay apart.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import assert_never

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

from adapters.telemetry import metrics
from adapters.telemetry.health import Snapshot
from adapters.telemetry.metrics import Kind, Metric
from adapters.telemetry.outcomes import OK, outcome_of
from core.conversation import Platform
from core.ports import Finished
from core.telemetry import (
    Arrived,
    Asking,
    Claim,
    Claimed,
    Ended,
    Event,
    FirstShown,
    Lagged,
    LetGo,
    ModelCall,
    PlatformCall,
    RateLimited,
    StoreCall,
    TurnWork,
    Work,
    WriteGranted,
    WriteReturned,
)
from core.turn import Usage

# When a series began doubles what is sent, and Prometheus knows it from the process.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types

OTHER = "other"
PLATFORMS = frozenset(platform.value for platform in Platform)
MOST_NAMES = 50


class Names:
    """The first names that came, and `other` for the rest. Models are named by admins and providers, reasons also by
    classes of errors; each new name makes new series."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, name: str) -> str:
        if name not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(name)
        return name


class PrometheusTelemetry:
    """core.telemetry.Telemetry for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters = {m: _made_counter(m, self.registry) for m in metrics.METRICS if m.kind is Kind.COUNTER}
        self._gauges = {m: _made_gauge(m, self.registry) for m in metrics.METRICS if m.kind is Kind.GAUGE}
        self._histograms = {m: _made_histogram(m, self.registry) for m in metrics.METRICS if m.kind is Kind.HISTOGRAM}
        self._models, self._reasons = Names(), Names()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def rendered(self, accept: str) -> tuple[bytes, str]:
        """The metrics, and their media type: the newest form that the header takes."""
        encoder, media_type = choose_encoder(accept)
        return encoder(self.registry), media_type

    # ── core.telemetry.Telemetry ──

    def happened(self, event: Event) -> None:
        """See core.telemetry.Telemetry."""
        match event:
            case Arrived():
                self._add(metrics.ARRIVALS, event.platform.value, event.kind.value, event.effect.value)
            case Claimed():
                self._add(metrics.TURNS_CLAIMED, event.platform.value, event.claim.value)
                if event.claim is Claim.FIRST:
                    self._time(metrics.TURN_WAIT, event.waited, event.platform.value)
            case LetGo():
                self._add(metrics.TURNS_LET_GO, event.platform.value, event.why.value)
            case FirstShown():
                self._time(metrics.FIRST_TEXT, event.seconds, event.platform.value)
            case Lagged():
                self._time(metrics.CHARACTER_LAG, event.seconds, event.platform.value)
            case Ended():
                self._ended(event)
            case WriteGranted():
                self._time(metrics.WRITE_WAIT, event.seconds, _platform(event.platform))
            case WriteReturned():
                self._add(metrics.WRITES, _platform(event.platform), "shown" if event.shown else "failed")
            case RateLimited():
                self._add(metrics.RATE_LIMITED, event.platform.value)
            case _:
                assert_never(event)

    def during(self, work: Work) -> AbstractContextManager[None]:
        """See core.telemetry.Telemetry."""
        match work:
            case StoreCall():
                return self._storing(work.method)
            case PlatformCall():
                return self._calling(work.platform.value, work.method)
            case TurnWork():
                return nullcontext()  # what there is to count of a turn, it tells itself
            case _:
                assert_never(work)

    @contextmanager
    def asking(self, call: ModelCall) -> Iterator[Asking]:
        """See core.telemetry.Telemetry."""
        asked, left = _Asked(), None
        try:
            yield asked
        except BaseException as error:
            left = error
            raise
        finally:
            self._asked(call, asked, left)

    # ── what is read when somebody looks ──

    def looked(self, now: Snapshot) -> None:
        """The gauges say this. What cannot be known now is left out."""
        self._gauges[metrics.DATABASE_UP].set(now.open_turns is not None)
        if now.open_turns is None:
            self._gauges[metrics.TURNS_OPEN].clear()
            self._gauges[metrics.OLDEST_QUEUED].set(math.nan)
        else:
            self._gauges[metrics.TURNS_OPEN].labels("queued").set(now.open_turns.queued)
            self._gauges[metrics.TURNS_OPEN].labels("live").set(now.open_turns.live)
            self._gauges[metrics.OLDEST_QUEUED].set(now.oldest_age)
        self._gauges[metrics.TURNS_RUNNING].set(now.running)
        self._gauges[metrics.TURN_SLOTS].set(now.slots)
        self._gauges[metrics.DRAINING].set(now.draining)
        for platform, waiting in now.intake.items():
            self._gauges[metrics.INTAKE].labels(platform.value).set(waiting)
        for platform, up in now.up.items():
            self._gauges[metrics.PLATFORM_UP].labels(platform.value).set(up)

    def loop_late(self, seconds: float) -> None:
        """The event loop ran a timer that much later than due."""
        self._time(metrics.LOOP_LAG, seconds)

    # ── the rest ──

    def _ended(self, event: Ended) -> None:
        platform, state = event.platform.value, event.state.value
        self._add(metrics.TURNS_ENDED, platform, state, self._reasons(event.reason))
        self._time(metrics.TURN_DURATION, event.seconds, platform, state)
        if event.usage.estimated:  # the provider's own figures are counted where the model is asked
            self._used(event.usage, "unknown", "estimate")

    def _used(self, usage: Usage, model: str, source: str) -> None:
        name = self._models(usage.model or model)
        amounts = {
            "prompt": usage.prompt_tokens,
            "completion": usage.completion_tokens,
            "cached": usage.cached_tokens,
            "reasoning": usage.reasoning_tokens,
        }
        for kind, tokens in amounts.items():
            if tokens > 0:
                self._counters[metrics.TOKENS].labels(name, kind, source).inc(tokens)

    @contextmanager
    def _storing(self, method: str) -> Iterator[None]:
        began, outcome = time.perf_counter(), OK
        try:
            yield
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            self._time(metrics.STORE_DURATION, time.perf_counter() - began, method)
            if outcome != OK:
                self._add(metrics.STORE_ERRORS, method, outcome)

    @contextmanager
    def _calling(self, platform: str, method: str) -> Iterator[None]:
        began, outcome = time.perf_counter(), OK
        try:
            yield
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            self._time(metrics.PLATFORM_DURATION, time.perf_counter() - began, platform, method)
            self._add(metrics.PLATFORM_CALLS, platform, method, outcome)

    def _asked(self, call: ModelCall, asked: _Asked, left: BaseException | None) -> None:
        model = self._models(call.model)
        outcome = asked.finished.reason.value if asked.finished else outcome_of(asked.error or left)
        self._add(metrics.MODEL_REQUESTS, call.endpoint, model, outcome)
        self._time(metrics.MODEL_DURATION, time.perf_counter() - asked.at, call.endpoint, model)
        if asked.first is not None:
            self._time(metrics.MODEL_FIRST, asked.first, call.endpoint, model)
        if asked.finished and asked.finished.usage:
            self._used(asked.finished.usage, call.model, "provider")

    def _add(self, metric: Metric, *labels: str) -> None:
        self._counters[metric].labels(*labels).inc()

    def _time(self, metric: Metric, seconds: float, *labels: str) -> None:
        histogram = self._histograms[metric]
        (histogram.labels(*labels) if labels else histogram).observe(seconds)


class _Asked:
    """One request to a model, as it went."""

    def __init__(self) -> None:
        self.at = time.perf_counter()
        self.first: float | None = None
        self.finished: Finished | None = None
        self.error: Exception | None = None

    def began(self) -> None:
        self.first = time.perf_counter() - self.at

    def answered(self, finished: Finished) -> None:
        self.finished = finished

    def failed(self, error: Exception) -> None:
        self.error = error


def _platform(name: str) -> str:
    return name if name in PLATFORMS else OTHER


def _made_counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    return Counter(metric.name, metric.help, metric.labels, registry=registry)


def _made_gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)


def _made_histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    return Histogram(metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets)
