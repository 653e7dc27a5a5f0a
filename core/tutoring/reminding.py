"""When a learner may be reminded: within their hours, in their time zone, at most once on a day of theirs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to|until)\s*(\d{1,2})(?::(\d{2}))?")
BAD_HOURS = "Write your hours like 17-20 or 18:30-21:00, or `off`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A span of each day, which may pass midnight; from midnight to midnight it is the whole day."""

    begins: time
    ends: time

    def __str__(self) -> str:
        """As `read_hours` reads it again."""
        return f"{self.begins:%H:%M}-{f'{self.ends:%H:%M}' if self.ends != time(0) else '24:00'}"

    def hold(self, at: time) -> bool:
        """Whether that time of day is within."""
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a learner said of reminders."""

    on: bool
    hours: Hours
    zone: str
    """As the IANA database names it."""
    last: date | None = None
    """The day of theirs on which they were reminded."""


def read_hours(text: str) -> Hours:
    """The hours that somebody wrote. Raises ValueError with a sentence for people."""
    match = _HOURS.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(BAD_HOURS)
    begins, ends = _time(match[1], match[2]), _time(match[3], match[4])
    if begins == ends and int(match[1]) == int(match[3]):  # 0-24 is the whole day
        raise ValueError(f"That is no time at all. {BAD_HOURS}")
    return Hours(begins=begins, ends=ends)


def _time(hour: str, minute: str | None) -> time:
    hours, minutes = int(hour), int(minute or 0)
    if hours == 24 and not minutes:
        return time(0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"A day has 24 hours. {BAD_HOURS}")
    return time(hours, minutes)


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return UTC


def day_of(wishes: Wishes, now: datetime) -> date:
    """Which day it is for the learner. Hours that pass midnight belong to the day on which they began."""
    local = now.astimezone(zone_of(wishes.zone))
    begun_before = wishes.hours.begins > wishes.hours.ends and local.time() < wishes.hours.ends
    return date.fromordinal(local.toordinal() - 1) if begun_before else local.date()


def may_remind(wishes: Wishes, now: datetime) -> bool:
    """Whether a reminder may be sent at that moment."""
    if not wishes.on or not wishes.hours.hold(now.astimezone(zone_of(wishes.zone)).time()):
        return False
    return wishes.last is None or day_of(wishes, now) > wishes.last
