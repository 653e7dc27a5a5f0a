"""From when to when spending is counted, at a given instant.

Calendar windows follow the clock on the wall of a time zone: minutes, hours, midnight to midnight, weeks from Monday
(ISO 8601), months. They lie end to end: each instant is in exactly one, whatever the clocks are set to. A day is 23 or
25 hours long when clocks change; an hour that the clock shows twice is two hours; a midnight that the clock skips is
the instant at which it skips it.

Sliding windows are the last so many seconds, counted in slices, so that no spending has to be remembered by itself:
a slice counts until all of it is older than the period. The period is therefore always covered, with one slice more
at most. Slices are aligned to the epoch and know no time zone.

Pure: told the time, and asked about an earlier one gives the earlier window again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.quota.amount import QuotaMistake
from core.quota.limit import Period

SLICES = 60
"""In a sliding period; one more may count in part."""
LENGTHS = {
    Period.MINUTE: timedelta(minutes=1),
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
    Period.WEEK: timedelta(days=7),
    Period.MONTH: timedelta(days=30),
}
"""Of sliding periods."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `begins` up to, but without, `ends`. Both are aware UTC."""

    begins: datetime
    ends: datetime
    """Of a calendar window, when the next begins; of a sliding one, when its oldest slice leaves it."""

    def __contains__(self, at: datetime) -> bool:
        return self.begins <= at < self.ends


def window(period: Period, at: datetime, zone: str, sliding: bool) -> Window:
    """The window in which the instant lies. `zone` is an IANA name; sliding windows have no use for it. Raises
    QuotaMistake for a zone that this machine does not know."""
    at = at.astimezone(UTC)
    if sliding:
        begins = slice_of(period, at)
        return Window(begins=begins - LENGTHS[period], ends=begins + slice_length(period))
    clock = zone_named(zone)
    if period in (Period.MINUTE, Period.HOUR):
        return _short(LENGTHS[period], at, clock)
    return _dated(period, at, clock)


def slice_length(period: Period) -> timedelta:
    """How long one slice of a sliding period is: 1 s, 1 min, 24 min, 2 h 48 min, 12 h."""
    return LENGTHS[period] / SLICES


def slice_of(period: Period, at: datetime) -> datetime:
    """When the slice began in which the instant lies."""
    length = slice_length(period)
    return EPOCH + (at - EPOCH) // length * length


def leaves(period: Period, begin: datetime) -> datetime:
    """When what was spent in the slice that began then no longer counts."""
    return begin + LENGTHS[period] + slice_length(period)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name. Raises QuotaMistake for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # unknown, no name at all, or the name of a folder
        shown = name if len(name) <= 40 else name[:39] + "…"
        raise QuotaMistake(
            f"I do not know the time zone “{shown}”. Write its region and city, such as Europe/Berlin."
        ) from None


def _short(length: timedelta, at: datetime, clock: ZoneInfo) -> Window:
    """A minute or an hour as the clock shows it, ended early where the clock is set within it."""
    local = at.astimezone(clock)
    since_midnight = local.replace(tzinfo=None) - datetime.combine(local.date(), time())
    begins = at - since_midnight % length
    ends = begins + length
    if _offset(begins, clock) != local.utcoffset():
        begins = _clock_set(begins, at, clock)
    if _offset(ends - timedelta.resolution, clock) != local.utcoffset():
        ends = _clock_set(at, ends, clock)
    return Window(begins=begins, ends=ends)


def _dated(period: Period, at: datetime, clock: ZoneInfo) -> Window:
    """A day, week or month. Where the date goes back with the clock, the window that has begun goes on."""
    days = _first_days(period, at.astimezone(clock).date())
    begins = _first_instant(next(days), clock)
    for day in days:
        ends = _first_instant(day, clock)
        if at < ends:
            break
        begins = ends
    return Window(begins=begins, ends=ends)


def _first_days(period: Period, day: date) -> Iterator[date]:
    """The first day of the period that the day is in, and of those that follow."""
    if period is Period.MONTH:
        day = day.replace(day=1)
        while True:
            yield day
            day = (day + timedelta(days=31)).replace(day=1)
    week = period is Period.WEEK
    day -= timedelta(days=day.weekday() if week else 0)
    while True:
        yield day
        day += timedelta(days=7 if week else 1)


def _first_instant(day: date, clock: ZoneInfo) -> datetime:
    """When the clock first shows that day, or a later one where it skips it."""
    midnight = datetime.combine(day, time(), clock)
    instant, other = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    if other >= instant:  # shown once, or twice: the first time counts
        return instant
    return _clock_set(other, instant, clock)


def _clock_set(low: datetime, high: datetime, clock: ZoneInfo) -> datetime:
    """The first instant after `low`, up to `high`, at which the offset is not that at `low`. Whole seconds: zones
    change on none finer."""
    before = _offset(low, clock)
    second = timedelta(seconds=1)
    low, high = low.replace(microsecond=0), high if not high.microsecond else high.replace(microsecond=0) + second
    while high - low > second:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, clock) == before else (low, middle)
    return high


def _offset(at: datetime, clock: ZoneInfo) -> timedelta | None:
    return at.astimezone(clock).utcoffset()
