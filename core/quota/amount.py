"""Amounts as people write and read them: "20k", "1.5M", "USD 3.50".

An amount is a whole number of the smallest unit: requests, tokens, or nano-units (1e-9) of a currency, so that sums are
exact. What is written here can be read here again.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

NANO = 10**9
"""Nano-units in one unit of a currency."""
LARGEST_AMOUNT = 10**18
"""A milliard in any currency. Sums of several still fit 64 bits."""

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}
"""Signs that people write for a currency. Yen and dollars of other countries share theirs, and have a code."""


class QuotaMistake(ValueError):
    """What was said about a quota cannot be meant. The text says what could be, in a sentence for people."""


class Measure(StrEnum):
    """What a limit counts."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    COST = "cost"
    """In nano-units of the currency."""


_MULTIPLES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_GROUPED = r"[0-9]{1,3}(?:[,_' ][0-9]{3})+"
_NUMBER = re.compile(
    rf"(?P<sign>[$€£])?(?:(?P<before>[A-Za-z]{{3}})\s+)?"
    rf"(?P<number>(?:{_GROUPED}|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)\s*(?P<multiple>[kKmMbB](?![A-Za-z]))?"
    r"\s*(?P<unit>[A-Za-z]+|[$€£])?"
)
_LONGEST = 40
_EXAMPLES = {
    Measure.REQUESTS: "Write a whole number, such as 50 or 2k.",
    Measure.TOKENS: "Write a whole number, such as 20000, 20k or 1.5M.",
    Measure.COST: "Write an amount with a decimal point, such as 3.50.",
}
_UNITS = {Measure.REQUESTS: {"request", "requests"}, Measure.TOKENS: {"token", "tokens"}}


def parse_amount(text: str, measure: Measure, currency: str = "") -> int:
    """The amount that somebody wrote. Raises QuotaMistake where it is none of that measure, and for a currency other
    than the one named; with none named, any is taken for the one that the limits are in."""
    said = " ".join(text.split())
    matched = _NUMBER.fullmatch(said) if len(said) <= _LONGEST else None
    if matched is None:
        raise QuotaMistake(f"{_quoted(said)} is not an amount. {_EXAMPLES[measure]}")
    marks = [mark for mark in (matched["sign"], matched["before"], matched["unit"]) if mark]
    _check_marks(marks, measure, currency)
    if measure is not Measure.COST and "." in matched["number"] and not matched["multiple"]:
        raise QuotaMistake(f"{_quoted(said)} is not a whole number. {_EXAMPLES[measure]}")  # 20.000 may be meant as 20k
    number = Decimal(re.sub(r"[^0-9.]", "", matched["number"])) * _MULTIPLES[(matched["multiple"] or "").lower()]
    if measure is Measure.COST:
        number *= NANO
    if number > LARGEST_AMOUNT:
        raise QuotaMistake(f"{_quoted(said)} is more than I can count. To lift a limit, clear it.")
    if number != int(number):
        raise QuotaMistake(f"{_quoted(said)} is too fine. {_EXAMPLES[measure]}")
    return int(number)


def _check_marks(marks: list[str], measure: Measure, currency: str) -> None:
    """Each word around the number is the measure's unit or the currency."""
    if measure is not Measure.COST:
        if strange := [mark for mark in marks if mark.lower() not in _UNITS[measure]]:
            raise QuotaMistake(
                f"{_quoted(strange[0])} is not what {measure.value} are counted in. {_EXAMPLES[measure]}"
            )
        return
    codes = {SIGNS.get(mark, mark.upper()) for mark in marks}
    if len(codes) > 1 or any(len(code) != 3 for code in codes) or (currency and codes - {currency}):
        wanted = f"in {currency}" if currency else "in one currency"
        raise QuotaMistake(f"Costs are counted {wanted}. {_EXAMPLES[measure]}")


def amount_text(amount: int, measure: Measure, currency: str) -> str:
    """As people read it: "20,000 tokens", "1 request", "USD 3.50". Nothing is rounded away."""
    if measure is Measure.COST:
        return f"{currency} {money_text(amount)}"
    unit = measure.value if amount != 1 else measure.value.removesuffix("s")
    return f"{amount:,} {unit}"


def rounded(cost: int) -> int:
    """Nano-units to a hundredth of a cent, upwards: finer is of no use to anybody who reads it."""
    return -(-cost // 100_000) * 100_000


def money_text(amount: int) -> str:
    """Nano-units as a decimal number, with two places or as many as it takes: 3.50, 0.000015."""
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    places = f"{amount % NANO:09}".rstrip("0").ljust(2, "0")
    return f"{sign}{amount // NANO:,}.{places}"


def _quoted(text: str) -> str:
    return "“" + (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") + "”"
