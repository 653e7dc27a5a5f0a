"""How long to wait, as servers say it; and what else stands in their complaints."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat_completions.delays import duration, told_delay
from adapters.chat_completions.failures import Failure
from adapters.chat_completions.faults import Fault, fault_in, read_fault
from adapters.chat_completions.retries import RetryRule
from core.errors import ModelBusy, ModelRefused, ModelUnavailable

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("7.66s", 7.66),
        ("2m59.56s", 179.56),
        ("15µs", 15e-6),
        ("12", 12.0),
        ("34s", 34.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1s later", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    """Go's durations and bare seconds; anything else says nothing."""
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, None, None),
        ({}, 3.0, 3.0),
        ({"retry-after": "2"}, 3.0, 2.0),
        ({"retry-after-ms": "20", "retry-after": "2"}, None, 0.02),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:30 GMT"}, None, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 08:00:00 GMT"}, None, 0.0),
        ({"retry-after": "nonsense"}, None, None),
        ({"retry-after": "-5"}, None, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m0s"}, None, 60.0),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "1m0s"}, None, None),
        (
            {
                "x-ratelimit-limit-tokens": "-1",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "9",
            },
            None,
            None,
        ),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2026-11-23T09:00:05Z"}, None, 5.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "Tomorrow"}, None, None),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], body: float | None, seconds: float | None) -> None:
    """Milliseconds, seconds, dates, the body's word, and the reset of what is spent, in that order."""
    assert told_delay(headers, body=body, now=NOW) == seconds


@given(st.text(max_size=30))
def test_no_header_is_too_odd(text: str) -> None:
    """Whatever a header holds, there is a delay or none."""
    delay = told_delay({"retry-after": text, "retry-after-ms": text}, body=None, now=NOW)
    assert delay is None or delay >= 0


def test_the_body_says_when_to_come_back() -> None:
    """OpenAI's and Groq's sentence."""
    text = b'{"error": {"message": "Rate limit reached. Please try again in 1m7.5s. Visit us."}}'
    assert read_fault(429, text).delay == 67.5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "type", "param", "detail", "details", "loc", "msg", "metadata"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_any_json_is_a_complaint_or_none(data: object) -> None:
    """No shape of an error body makes us fail."""
    fault = fault_in(data, status=400)
    assert fault is None or isinstance(fault, Fault)


@given(st.binary(max_size=60))
def test_any_body_is_a_complaint(body: bytes) -> None:
    """Bytes that are no JSON are a complaint without words."""
    assert read_fault(502, body).status == 502


def rule_delay(failure: Failure, tries: int, chance: float) -> float | None:
    """The usual rule's delay."""
    return RetryRule().delay(failure, tries, lambda: chance)


@given(tries=st.integers(min_value=1, max_value=9), chance=st.floats(min_value=0, max_value=1))
def test_retries_are_bounded(tries: int, chance: float) -> None:
    """Two at most; our own delays stay between three quarters and the whole of half a second doubled."""
    delay = rule_delay(Failure(error=ModelUnavailable("x"), again=True), tries, chance)
    if tries > 2:
        assert delay is None
    else:
        assert delay is not None
        assert 0.75 * 0.5 * 2 ** (tries - 1) <= delay <= 0.5 * 2 ** (tries - 1)


@given(told=st.floats(min_value=0, max_value=200), chance=st.floats(min_value=0, max_value=1))
def test_the_servers_delay_is_never_cut_short(told: float, chance: float) -> None:
    """Waited for in full and a little more, or not at all when it is over a minute."""
    delay = rule_delay(Failure(error=ModelBusy("x", retry_after=told), again=True), 1, chance)
    if told > 60:
        assert delay is None
    else:
        assert delay is not None
        assert told <= delay <= told + 0.25


def test_what_waiting_does_not_help_is_not_waited_for() -> None:
    """A refusal is final."""
    assert rule_delay(Failure(error=ModelRefused("x")), 1, 0.0) is None
