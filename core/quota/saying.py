"""Limits as operators write them in a line: `50 requests a day for each user; USD 20 a month for the workspace`."""

from __future__ import annotations

import re

from core.quota.amount import Measure, QuotaMistake, parse_amount
from core.quota.limit import Limit, Period, Subject, SubjectKind

_LIMIT = re.compile(
    r"(?P<amount>.+?)\s+(?:an?|per)\s+(?P<period>minute|hour|day|week|month)"
    r"\s+for\s+(?P<whom>each user|the workspace)(?P<sliding>,?\s+sliding)?"
)
_WHOM = {"each user": SubjectKind.EACH_USER, "the workspace": SubjectKind.WORKSPACE}
_LONGEST = 1_000
EXAMPLE = "Write limits as in: 50 requests a day for each user; USD 20 a month for the workspace."


def parse_limits(text: str, currency: str) -> tuple[Limit, ...]:
    """What the text says, limits being set apart by semicolons; none for an empty one. An amount without a unit that
    names no currency is one of tokens. Raises QuotaMistake."""
    if len(text) > _LONGEST:
        raise QuotaMistake(f"The limits are longer than {_LONGEST:,} characters. {EXAMPLE}")
    parts = [" ".join(part.split()) for part in text.split(";")]
    return tuple(_limit(part, currency) for part in parts if part)


def _limit(text: str, currency: str) -> Limit:
    matched = _LIMIT.fullmatch(text.lower())
    if matched is None:
        raise QuotaMistake(f"“{text}” is no limit. {EXAMPLE}")
    amount = text[: matched.end("amount")]  # a currency's letters as they were written
    measure = _measure(amount)
    return Limit(
        subject=Subject(kind=_WHOM[matched["whom"]]),
        measure=measure,
        period=Period(matched["period"]),
        amount=parse_amount(amount, measure, currency if measure is Measure.COST else ""),
        sliding=matched["sliding"] is not None,
    )


def _measure(amount: str) -> Measure:
    said = amount.lower()
    if "request" in said:
        return Measure.REQUESTS
    return Measure.TOKENS if re.fullmatch(r"[0-9.,_' ]+[kmb]?( ?tokens?)?", said) else Measure.COST
