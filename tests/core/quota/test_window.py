"""Windows: calendar ones lie end to end in any zone, sliding ones cover their period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quota.amount import QuotaMistake
from core.quota.limit import Period
from core.quota.window import LENGTHS, SLICES, Window, leaves, slice_length, slice_of, window, zone_named

ZONES = st.sampled_from(
    [
        "UTC",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",  # set by half an hour
        "Africa/Casablanca",  # back for Ramadan
        "Africa/Cairo",  # skips midnight
        "America/Santiago",  # back at midnight
        "America/St_Johns",  # back at 0:01 until 2011
        "America/Toronto",  # skipped 23:30 to 0:30 in 1919
        "Asia/Kathmandu",
        "Pacific/Apia",  # left out 30 December 2011
        "Antarctica/Troll",  # set by two hours
    ]
)
PERIODS = st.sampled_from(Period)
LONGEST = {
    Period.MINUTE: timedelta(minutes=1),
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(hours=26),
    Period.WEEK: timedelta(days=7, hours=2),
    Period.MONTH: timedelta(days=31, hours=2),
}


def _transitions(zone: str) -> list[datetime]:
    """Hours in which the zone's offset changes, from 2005 to 2030, so that examples are drawn where it is hard."""
    clock, at, found = ZoneInfo(zone), datetime(2005, 1, 1, tzinfo=UTC), []
    offset = at.astimezone(clock).utcoffset()
    while at.year < 2030:
        at += timedelta(hours=6)
        if (now := at.astimezone(clock).utcoffset()) != offset:
            offset = now
            found.append(at)
    return found


_HARD: dict[str, list[datetime]] = {}


@st.composite
def instants(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and an instant, often within some hours of a change of clocks."""
    zone = draw(ZONES)
    anywhere = st.integers(-1_900_000_000, 3_700_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
    hard = _HARD[zone] if zone in _HARD else _HARD.setdefault(zone, _transitions(zone))
    if not hard or draw(st.booleans()):
        return zone, draw(anywhere)
    away = draw(st.integers(-30 * 3600, 30 * 3600).map(lambda seconds: timedelta(seconds=seconds)))
    return zone, draw(st.sampled_from(hard)) + away + timedelta(microseconds=draw(st.integers(0, 999_999)))


@given(place=instants(), period=PERIODS)
def test_every_instant_lies_in_its_window(place: tuple[str, datetime], period: Period) -> None:
    """And in no window that is longer than its period can be."""
    zone, at = place
    found = window(period, at, zone, False)
    assert at in found
    assert found.ends - found.begins <= LONGEST[period]
    assert found.begins.tzinfo is UTC


@given(place=instants(), period=PERIODS)
def test_windows_tile_time(place: tuple[str, datetime], period: Period) -> None:
    """The next begins where one ends, the one before ended where it begins, and both edges belong to one window."""
    zone, at = place
    found = window(period, at, zone, False)
    moment = timedelta.resolution
    assert window(period, found.begins, zone, False) == found
    assert window(period, found.ends - moment, zone, False) == found
    assert window(period, found.ends, zone, False).begins == found.ends
    assert window(period, found.begins - moment, zone, False).ends == found.begins


@given(place=instants(), period=PERIODS, back=st.integers(0, 10**6))
def test_a_clock_that_goes_back_gives_the_earlier_window(
    place: tuple[str, datetime], period: Period, back: int
) -> None:
    """Windows are a function of the instant alone, and never run backwards."""
    zone, at = place
    earlier = window(period, at - timedelta(seconds=back), zone, False)
    later = window(period, at, zone, False)
    assert earlier == later or earlier.ends <= later.begins


@given(place=instants(), period=PERIODS)
def test_a_sliding_window_covers_its_period_and_one_slice_more_at_most(
    place: tuple[str, datetime], period: Period
) -> None:
    """Nothing younger than the period is forgotten."""
    _, at = place
    found, length = window(period, at, "UTC", True), slice_length(period)
    assert found.begins <= at - LENGTHS[period] < found.begins + length
    assert at < found.ends <= at + length
    assert slice_of(period, found.begins) == found.begins


@given(place=instants(), period=PERIODS, later=st.integers(0, 90 * 24 * 3600))
def test_a_slice_counts_until_it_leaves(place: tuple[str, datetime], period: Period, later: int) -> None:
    """`leaves` is the first instant whose window no longer holds the slice."""
    _, spent = place
    begin, now = slice_of(period, spent), spent + timedelta(seconds=later)
    assert (window(period, now, "", True).begins <= begin) == (now < leaves(period, begin))


def test_slices_are_equal_and_aligned() -> None:
    """Sixty of them make the period, and one begins at the epoch."""
    for period, length in LENGTHS.items():
        assert slice_length(period) * SLICES == length
        assert slice_of(period, datetime(1970, 1, 1, tzinfo=UTC)) == datetime(1970, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "zone", "at", "begins", "ends"),
    [
        # New York, 2026: forward on 8 March, back on 1 November.
        (Period.DAY, "America/New_York", "2026-03-08T12:00", "2026-03-08T05:00", "2026-03-09T04:00"),
        (Period.DAY, "America/New_York", "2026-11-01T12:00", "2026-11-01T04:00", "2026-11-02T05:00"),
        (Period.HOUR, "America/New_York", "2026-11-01T05:30", "2026-11-01T05:00", "2026-11-01T06:00"),
        (Period.HOUR, "America/New_York", "2026-11-01T06:30", "2026-11-01T06:00", "2026-11-01T07:00"),
        (Period.DAY, "Asia/Kolkata", "2026-05-05T18:29:59", "2026-05-04T18:30", "2026-05-05T18:30"),
        (Period.HOUR, "Asia/Kolkata", "2026-05-05T18:29:59", "2026-05-05T17:30", "2026-05-05T18:30"),
        # Lord Howe shows 1:30 to 2:00 twice on 5 April 2026: 1:00 to 2:00, and half an hour more.
        (Period.HOUR, "Australia/Lord_Howe", "2026-04-04T14:40", "2026-04-04T14:00", "2026-04-04T15:00"),
        (Period.HOUR, "Australia/Lord_Howe", "2026-04-04T15:10", "2026-04-04T15:00", "2026-04-04T15:30"),
        # Cairo goes from 23:59 to 1:00 on 24 April 2026.
        (Period.DAY, "Africa/Cairo", "2026-04-24T10:00", "2026-04-23T22:00", "2026-04-24T21:00"),
        # Apia went from the 29th to the 31st.
        (Period.DAY, "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00", "2011-12-31T10:00"),
        (Period.WEEK, "Europe/Berlin", "2026-01-01T12:00", "2025-12-28T23:00", "2026-01-04T23:00"),
        (Period.MONTH, "Europe/Berlin", "2026-03-31T21:59:59", "2026-02-28T23:00", "2026-03-31T22:00"),
        (Period.MONTH, "UTC", "2028-02-29T23:59:59", "2028-02-01T00:00", "2028-03-01T00:00"),
        (Period.MINUTE, "UTC", "2026-12-31T23:59:59.999999", "2026-12-31T23:59", "2027-01-01T00:00"),
    ],
)
def test_days_that_are_known_to_be_hard(period: Period, zone: str, at: str, begins: str, ends: str) -> None:
    """Edges on days of 23 and 25 hours, in half-hour zones, and at the ends of months and years."""
    assert window(period, utc(at), zone, False) == Window(begins=utc(begins), ends=utc(ends))


def test_the_zone_of_the_instant_does_not_matter() -> None:
    """The same instant in another zone lies in the same window."""
    at = utc("2026-05-05T18:00")
    elsewhere = at.astimezone(ZoneInfo("Asia/Tokyo"))
    for sliding in (True, False):
        assert window(Period.DAY, elsewhere, "UTC", sliding) == window(Period.DAY, at, "UTC", sliding)


@pytest.mark.parametrize("name", ["", "Berlin", "America", "../etc/passwd", "/etc/localtime", "a\0b", "x" * 5000])
def test_an_unknown_zone_is_told_in_a_sentence_with_an_example(name: str) -> None:
    """Also where it is the name of a folder or no name at all."""
    with pytest.raises(QuotaMistake, match="such as Europe/Berlin") as caught:
        zone_named(name)
    assert len(str(caught.value)) < 200
