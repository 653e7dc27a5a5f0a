"""Discord's ids carry the time at which they were made (discord.md, section 2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_FIRST = datetime(2015, 1, 1, tzinfo=UTC)


def made_at(snowflake: str) -> datetime:
    """When that message, interaction or channel came to be."""
    return _FIRST + timedelta(milliseconds=int(snowflake) >> 22)
