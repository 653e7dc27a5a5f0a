"""Hours and days of a learner: as they are written, kept and counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tutoring.reminding import Hours, Wishes, day_of, may_remind, read_hours, zone_of

minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(*divmod(minute, 60)))


def wishes(said: str, zone: str, last: date | None = None) -> Wishes:
    """Of somebody who wants to be reminded then."""
    return Wishes(on=True, hours=read_hours(said), zone=zone, last=last)


@given(begins=minutes, ends=minutes)
def test_hours_are_read_as_they_were_kept(begins: time, ends: time) -> None:
    """Whatever hours somebody has are the same after they were stored."""
    if begins != ends or begins == time(0):
        hours = Hours(begins=begins, ends=ends)
        assert read_hours(str(hours)) == hours


@pytest.mark.parametrize("said", ["0-24", "00:00-24:00", "0 to 24"])
@given(at=st.times())
def test_the_whole_day_is_hours_too(said: str, at: time) -> None:
    """For who does not mind when."""
    assert read_hours(said).hold(at)


@pytest.mark.parametrize("said", ["0-0", "24-24", "0:00-0:00", "8-8", "18:30-18:30"])
def test_no_time_at_all_is_refused(said: str) -> None:
    """What may be meant either way is asked again."""
    with pytest.raises(ValueError, match="17-20"):
        read_hours(said)


def test_until_midnight() -> None:
    """The last minute of the day is within, the first of the next one is not."""
    hours = read_hours("18-24")
    assert [hours.hold(time(23, 59)), hours.hold(time(0))] == [True, False]


def test_a_night_is_one_day() -> None:
    """Who was reminded before midnight is not reminded again after it, but in the next evening."""
    reminded = wishes("22-2", "Europe/Berlin", last=date(2026, 11, 23))
    berlin = ZoneInfo("Europe/Berlin")
    assert not may_remind(reminded, datetime(2026, 11, 24, 1, tzinfo=berlin))
    assert may_remind(reminded, datetime(2026, 11, 24, 22, tzinfo=berlin))


@pytest.mark.parametrize(
    ("said", "zone", "begins", "sent"),
    [
        (
            "2-3",
            "Europe/Berlin",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            ["2026-03-30"],
        ),  # there is no 02:30 on 29 March
        ("2-3", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), ["2026-10-25", "2026-10-26"]),  # two of them
        ("1-2", "America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC), ["2026-11-01", "2026-11-02"]),
        ("1:30-2", "Australia/Lord_Howe", datetime(2026, 4, 4, 3, tzinfo=UTC), ["2026-04-05", "2026-04-06"]),
        ("18-21", "Pacific/Apia", datetime(2011, 12, 29, 12, tzinfo=UTC), ["2011-12-29", "2011-12-31"]),  # no 30th
    ],
    ids=["an hour that is not", "an hour twice", "an hour twice, west", "half an hour twice", "a day that is not"],
)
def test_days_that_clocks_change(said: str, zone: str, begins: datetime, sent: list[str]) -> None:
    """Once a day of theirs in two days from there on, looked at every ten minutes."""
    last: date | None = None
    days: list[str] = []
    for step in range(6 * 48):
        now = begins + timedelta(minutes=10 * step)
        if may_remind(wishes(said, zone, last), now):
            last = day_of(wishes(said, zone, last), now)
            days.append(last.isoformat())
    assert days == sent


@pytest.mark.parametrize("name", ["", "no/such", "Europe", "../UTC", "a\0b", "x" * 300])
def test_a_zone_that_nobody_knows_is_utc(name: str) -> None:
    """Whatever stands there, reminders go on."""
    assert zone_of(name) is UTC
