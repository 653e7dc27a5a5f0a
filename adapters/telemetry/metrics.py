"""Every metric, declared once: its name, kind, labels and meaning. The recorder (prometheus.py), the reference in
docs/metrics.md (reference.py) and the tests of the dashboard all read this table.

No label is ever a person, a channel, a workspace or anybody's word. What else a label may be is bounded: platforms,
methods and states are fixed by the code, endpoints by the settings, and models by `Names` in prometheus.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds: the database, and the event loop."""
MIDDLE = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0, 90.0)
"""Seconds: what a person waits for, and calls of a platform."""
LONG = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0)
"""Seconds: whole answers."""


class Kind(StrEnum):
    """What Prometheus calls it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Of a histogram, without the last one, which takes everything."""

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which Prometheus stores it."""
        if self.kind is Kind.HISTOGRAM:
            return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return (self.name,)


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.COUNTER, help=text, labels=labels)


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.GAUGE, help=text, labels=labels)


def _histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Metric:
    return Metric(name=name, kind=Kind.HISTOGRAM, help=text, labels=labels, buckets=buckets)


# ── what people wait for ──

FIRST_TEXT = _histogram(
    "parley_first_text_seconds",
    "From a message's receipt to the first text of its answer being shown.",
    "platform",
    buckets=MIDDLE,
)
CHARACTER_LAG = _histogram(
    "parley_character_lag_seconds",
    "Mean over the characters of one answer of the time from generated to visible; one observation an answer.",
    "platform",
    buckets=MIDDLE,
)
TURN_DURATION = _histogram(
    "parley_turn_duration_seconds",
    "From a message's receipt to the stored end of its answer.",
    "platform",
    "state",
    buckets=LONG,
)
TURN_WAIT = _histogram(
    "parley_turn_wait_seconds",
    "From a message's receipt to the first claim of the turn that answers it.",
    "platform",
    buckets=MIDDLE,
)

# ── work ──

ARRIVALS = _counter(
    "parley_arrivals_total",
    "Messages, edits and deletions taken in, by what became of them: accepted, joined (a waiting turn answers it too), "
    "changed, duplicate (delivered before), not_ours or shed (too many waited).",
    "platform",
    "kind",
    "effect",
)
TURNS_OPEN = _gauge(
    "parley_turns_open",
    "Turns in the whole database, queued or live (a process works on them). Every process says the same: take the "
    "maximum, not the sum.",
    "state",
)
OLDEST_QUEUED = _gauge(
    "parley_turns_oldest_queued_age_seconds",
    "For how long the turn that waits longest has been waiting; 0 where none does. The same in every process.",
)
TURNS_RUNNING = _gauge("parley_turns_running", "Turns that this process works on.")
TURN_SLOTS = _gauge("parley_turn_slots", "Turns that this process may work on side by side.")
TURNS_CLAIMED = _counter(
    "parley_turns_claimed_total",
    "Turns that this process began to work on: first, handed_over (another process went down in order) or taken_over "
    "(the lease of another process had ended).",
    "platform",
    "claim",
)
TURNS_ENDED = _counter(
    "parley_turns_ended_total",
    "Turns that have ended, by state and by reason: how the model finished, or the class of the error.",
    "platform",
    "state",
    "reason",
)
TURNS_LET_GO = _counter(
    "parley_turns_let_go_total",
    "Turns that this process gave up before their end: handed_over at a stop, or lost with their lease.",
    "platform",
    "why",
)
INTAKE = _gauge("parley_intake_waiting", "Events received from the platform that are not stored yet.", "platform")

# ── platforms ──

PLATFORM_UP = _gauge("parley_platform_up", "1 where the platform's events come in now, else 0.", "platform")
PLATFORM_CALLS = _counter(
    "parley_platform_calls_total",
    "Calls of the platform's API, by method and outcome: ok, cancelled, fault (ours), or the class of the error.",
    "platform",
    "method",
    "outcome",
)
PLATFORM_DURATION = _histogram(
    "parley_platform_call_duration_seconds",
    "How long a call of the platform's API took, with what its library waits and tries again.",
    "platform",
    "method",
    buckets=MIDDLE,
)
RATE_LIMITED = _counter("parley_platform_rate_limited_total", "Calls that the platform refused with a 429.", "platform")
WRITES = _counter(
    "parley_reply_writes_total",
    "Posts and edits of answers, by whether people see them: shown or failed.",
    "platform",
    "outcome",
)
WRITE_WAIT = _histogram(
    "parley_reply_write_wait_seconds",
    "For how long an answer with something new to show waited until its edit budget allowed the write.",
    "platform",
    buckets=MIDDLE,
)

# ── the model ──

MODEL_REQUESTS = _counter(
    "parley_model_requests_total",
    "Requests to model servers, each try counted, by outcome: the finish reason (stop, length, tool_calls, filter, "
    "refusal), abandoned (we closed the stream), cancelled, fault (ours), or the class of the error.",
    "endpoint",
    "model",
    "outcome",
)
MODEL_DURATION = _histogram(
    "parley_model_request_duration_seconds",
    "From a request to the end of its stream.",
    "endpoint",
    "model",
    buckets=LONG,
)
MODEL_FIRST = _histogram(
    "parley_model_first_event_seconds",
    "From a request to the first piece of its answer, reasoning included.",
    "endpoint",
    "model",
    buckets=MIDDLE,
)
TOKENS = _counter(
    "parley_tokens_total",
    "Tokens by kind: prompt and completion; cached is a part of prompt, reasoning a part of completion. They were "
    "counted by the provider, or by an estimate of ours for streams that ended without figures.",
    "model",
    "kind",
    "source",
)

# ── the database, and this process ──

DATABASE_UP = _gauge("parley_database_up", "1 where the database answered when these metrics were read, else 0.")
STORE_DURATION = _histogram(
    "parley_store_operation_duration_seconds",
    "How long a method of the store took, waiting for a connection included.",
    "operation",
    buckets=SHORT,
)
STORE_ERRORS = _counter(
    "parley_store_errors_total",
    "Methods of the store that ended in an error: its class, fault (ours) or cancelled.",
    "operation",
    "error",
)
LOOP_LAG = _histogram(
    "parley_event_loop_lag_seconds",
    "How much later than due the event loop ran a timer; looked at twice a second.",
    buckets=SHORT,
)
DRAINING = _gauge("parley_draining", "1 while this process stops and begins nothing new.")

SECTIONS: tuple[tuple[str, tuple[Metric, ...]], ...] = (
    ("What people wait for", (FIRST_TEXT, CHARACTER_LAG, TURN_DURATION, TURN_WAIT)),
    (
        "Work",
        (
            ARRIVALS,
            TURNS_OPEN,
            OLDEST_QUEUED,
            TURNS_RUNNING,
            TURN_SLOTS,
            TURNS_CLAIMED,
            TURNS_ENDED,
            TURNS_LET_GO,
            INTAKE,
        ),
    ),
    ("Platforms", (PLATFORM_UP, PLATFORM_CALLS, PLATFORM_DURATION, RATE_LIMITED, WRITES, WRITE_WAIT)),
    ("The model", (MODEL_REQUESTS, MODEL_DURATION, MODEL_FIRST, TOKENS)),
    ("The database and the process", (DATABASE_UP, STORE_DURATION, STORE_ERRORS, LOOP_LAG, DRAINING)),
)
METRICS: tuple[Metric, ...] = tuple(metric for _, metrics in SECTIONS for metric in metrics)
"""All of them, in the order of the reference."""
