"""Days as people count them, in the database: the date that a zone's clocks showed at a time that is kept in UTC.

SQLite knows no zones, and a PostgreSQL server may have other rules for them than this machine. So Python says how far
the clocks are from UTC since when, and the database adds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Interval, SQLColumnExpression, case, func, literal
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.quota.window import zone_named

SECOND = timedelta(seconds=1)
STRIDE = timedelta(days=7)
"""Clocks are not set twice within it."""


def day_of(
    session: AsyncSession, at: InstrumentedAttribute[datetime], zone: str, *, since: datetime, until: datetime
) -> SQLColumnExpression[str]:
    """The date as 2026-03-01, for times from `since` on and before `until`. Raises QuotaMistake for a zone that this
    machine does not know."""
    (_, first), *later = offsets(zone_named(zone), since, until)
    dates = [(at >= begins, _date(session, at, offset)) for begins, offset in reversed(later)]
    shown = _date(session, at, first)
    return case(*dates, else_=shown) if dates else shown


def _date(session: AsyncSession, at: InstrumentedAttribute[datetime], offset: timedelta) -> SQLColumnExpression[str]:
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", at) + literal(offset, Interval()), "YYYY-MM-DD")
    return func.strftime("%Y-%m-%d", at, f"{offset // SECOND:+d} seconds")


def offsets(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """How far the zone's clocks are from UTC, from when on: at `since`, then each time that they are set."""
    known = _offset(since, zone)
    yield since, known
    begins = since
    while begins < until:
        ends = min(begins + STRIDE, until)
        if _offset(ends, zone) != known:
            begins = _set(begins, ends, zone)
            known = _offset(begins, zone)
            yield begins, known
        else:
            begins = ends


def _set(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `low`, up to `high`, at which the clocks are not as they were then."""
    before = _offset(low, zone)
    while high - low > SECOND / 1000:
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high.replace(microsecond=0) if high.microsecond < 1000 else high


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
