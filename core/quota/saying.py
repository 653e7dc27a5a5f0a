"""Limits as operators write them in a line: `50 requests a day for each user; USD 20 a month for the workspace`."""

from __future__ import annotations

import re

from core.quota.amount import Measure, QuotaMistake, parse_amount
from core.quota.limit import Limit, Period, Subject, SubjectKind

_LIMIT = re.compile(
    r"(?P<amount>.+?)\s+(?:an?|per)\s+(?P<period>minute|hour|day|week|month)"
    r"\s+for\s+(?P<whom>each user|each learner|the workspace|the (?P<kind>user|role|channel) (?P<id>[A-Za-z0-9]{1,40}))"
    r"(?P<sliding>,?\s+sliding)?",
    re.IGNORECASE,
)
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
    matched = _LIMIT.fullmatch(text)
    if matched is None:
        raise QuotaMistake(f"“{text}” is no limit. {EXAMPLE}")
    amount = matched["amount"]
    measure = measure_of(amount)
    return Limit(
        subject=_subject(matched),
        measure=measure,
        period=Period(matched["period"].lower()),
        amount=parse_amount(amount, measure, currency if measure is Measure.COST else ""),
        sliding=matched["sliding"] is not None,
    )


def _subject(matched: re.Match[str]) -> Subject:
    if matched["kind"]:
        return Subject(kind=SubjectKind(matched["kind"].lower()), id=matched["id"])
    kinds = {"each user": SubjectKind.EACH_USER, "each learner": SubjectKind.EACH_LEARNER}
    return Subject(kind=kinds.get(matched["whom"].lower(), SubjectKind.WORKSPACE))


def measure_of(amount: str) -> Measure:
    """What the words of an amount count: requests, tokens where no other unit is named, or money."""
    said = amount.lower()
    if "request" in said:
        return Measure.REQUESTS
    return Measure.TOKENS if re.fullmatch(r"[0-9.,_' ]+[kmb]?( ?tokens?)?", said) else Measure.COST
