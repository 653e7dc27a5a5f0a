"""Marks of instants in our own words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from core.moments import has_moments, moment, plain, rendered

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@given(seconds=st.integers(0, 4 * 10**9), before=st.text(), after=st.text(), hours=st.integers(-12, 14))
def test_a_mark_comes_back_as_its_instant(seconds: int, before: str, after: str, hours: int) -> None:
    """Whatever stands around it, and in whatever zone the instant was given."""
    at = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))
    text = f"{before} {moment(at)} {after}"
    assert has_moments(text)
    assert f" [{seconds}] " in rendered(text, lambda found: f"[{found}]")


def test_parts_of_a_second_are_rounded_up() -> None:
    """What is said to begin then has begun."""
    assert moment(NOON + timedelta(microseconds=1)) == moment(NOON + timedelta(seconds=1)) != moment(NOON)


def test_without_a_platform_instants_are_in_utc() -> None:
    """As in files; other text is as it was."""
    assert plain(f"at {moment(NOON)}.") == "at 2026-11-20 12:00 UTC."
    assert plain("nothing") == "nothing"
    assert not has_moments("\ue5a0\ue5a1 12:00")


def test_a_year_that_no_calendar_has_is_no_error() -> None:
    """Whoever forges a mark gets figures."""
    assert plain("\ue5a099999999999\ue5a1").isascii()
