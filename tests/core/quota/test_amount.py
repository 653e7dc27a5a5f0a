"""Amounts: what is written can be read, and what people write is understood or refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quota.amount import LARGEST_AMOUNT, NANO, Measure, QuotaMistake, amount_text, parse_amount


@given(
    amount=st.integers(0, LARGEST_AMOUNT), measure=st.sampled_from(Measure), currency=st.sampled_from(["USD", "KWD"])
)
def test_what_is_written_reads_the_same(amount: int, measure: Measure, currency: str) -> None:
    """No amount changes by being shown and copied back."""
    assert parse_amount(amount_text(amount, measure, currency), measure, currency) == amount


@pytest.mark.parametrize(
    ("text", "measure", "amount"),
    [
        ("20k", Measure.TOKENS, 20_000),
        ("1.5M", Measure.TOKENS, 1_500_000),
        ("2b", Measure.TOKENS, 2_000_000_000),
        ("20,000", Measure.TOKENS, 20_000),
        ("20 000 tokens", Measure.TOKENS, 20_000),
        ("20_000", Measure.TOKENS, 20_000),
        ("20 k tokens", Measure.TOKENS, 20_000),
        (" 50 requests ", Measure.REQUESTS, 50),
        ("0", Measure.REQUESTS, 0),
        ("3.50", Measure.COST, 3_500_000_000),
        (".05", Measure.COST, 50_000_000),
        ("$3.50", Measure.COST, 3_500_000_000),
        ("3.50 usd", Measure.COST, 3_500_000_000),
        ("1.2k", Measure.COST, 1200 * NANO),
    ],
)
def test_what_people_write(text: str, measure: Measure, amount: int) -> None:
    """Multiples, groups of digits, units and currencies are understood."""
    assert parse_amount(text, measure, "USD") == amount


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("", Measure.TOKENS),
        ("many", Measure.TOKENS),
        ("-5", Measure.TOKENS),
        ("1e5", Measure.TOKENS),
        ("٣", Measure.TOKENS),
        ("5 requests", Measure.TOKENS),
        ("$5", Measure.TOKENS),
        ("1.5", Measure.TOKENS),
        ("20.000", Measure.TOKENS),
        ("1.0001k", Measure.TOKENS),
        ("3,50", Measure.COST),
        ("€3.50", Measure.COST),
        ("3.50 euro", Measure.COST),
        ("$3.50 EUR", Measure.COST),
        ("0.0000000001", Measure.COST),
        ("9" * 20, Measure.TOKENS),
        ("9" * 500, Measure.TOKENS),
    ],
)
def test_what_is_refused(text: str, measure: Measure) -> None:
    """What could be meant otherwise, or is none of that measure, is refused in a sentence that is short."""
    with pytest.raises(QuotaMistake) as caught:
        parse_amount(text, measure, "USD")
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 200


def test_any_currency_is_read_where_none_is_named() -> None:
    """But never two."""
    assert parse_amount("EUR 3", Measure.COST) == 3 * NANO
    with pytest.raises(QuotaMistake):
        parse_amount("EUR 3 USD", Measure.COST)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "USD 0.00"), (1, "USD 0.000000001"), (15_000, "USD 0.000015"), (1234 * NANO, "USD 1,234.00")],
)
def test_money_is_never_rounded_away(amount: int, text: str) -> None:
    """Two places, or as many as it takes."""
    assert amount_text(amount, Measure.COST, "USD") == text
