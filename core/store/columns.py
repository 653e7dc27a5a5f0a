"""Column types that make both databases keep the same values.

SQLite knows no time zones and PostgreSQL knows no NUL character; whoever writes a row need not think of either.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

Id = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both: only a plain INTEGER counts up by itself on SQLite."""

LARGEST_ID = 2**63 - 1


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept and given back in UTC. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time: take an aware one from a Clock")
        # SQLite keeps no zone and compares times as text, so every one must be written alike.
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that a person, a platform or a model wrote.

    PostgreSQL takes no NUL character and neither database a half of a surrogate pair. Both become U+FFFD when written
    and when looked for, so that no message can make a row impossible to store.
    """

    impl = Text()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text with everything replaced that a database would refuse."""
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


Document = JSON(none_as_null=True)
"""A value without a schema. It is read whole; reports alone ask one, a price, for its currency."""


def write_document(value: object) -> str:
    """JSON in ASCII: escapes keep what `storable` would replace. Infinity and NaN, which JSON lacks, become null."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(json.loads(json.dumps(value), parse_constant=lambda _: None), separators=(",", ":"))
