"""Costs are exact, rounded up, and grow with what is used."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quota.price import Price, Tier, cost, tokens_of
from core.turn import Usage

MINI = Price(prompt=Decimal("0.15"), cached=Decimal("0.075"), completion=Decimal("0.6"))
AMOUNTS = st.decimals(0, 1000, places=9)
PRICES = st.builds(Price, prompt=AMOUNTS, cached=st.none() | AMOUNTS, completion=AMOUNTS)
COUNTS = st.integers(0, 10**9)
USAGES = st.builds(Usage, prompt_tokens=COUNTS, completion_tokens=COUNTS, cached_tokens=COUNTS)


def test_each_part_has_its_own_price() -> None:
    """600 new, 400 cached and 100 completion tokens: 90 + 30 + 60 micro-units."""
    usage = Usage(prompt_tokens=1000, cached_tokens=400, completion_tokens=100)
    assert cost(usage, MINI) == 180_000
    assert tokens_of(usage, MINI) == 600 + 200 + 100


def test_without_a_price_of_their_own_cached_tokens_are_like_any() -> None:
    """In cost and in count."""
    usage = Usage(prompt_tokens=1000, cached_tokens=400, completion_tokens=100)
    price = Price(prompt=Decimal("0.15"), cached=None, completion=Decimal("0.6"))
    assert cost(usage, price) == 210_000
    assert tokens_of(usage, price) == tokens_of(usage, None) == 1100


def test_a_long_prompt_has_the_price_of_its_tier() -> None:
    """The whole call is charged at it, from the first token beyond the edge on."""
    high = Tier(above=1000, prompt=Decimal(2), cached=None, completion=Decimal(3))
    higher = Tier(above=2000, prompt=Decimal(4), cached=Decimal(2), completion=Decimal(5))
    price = Price(prompt=Decimal(1), cached=None, completion=Decimal(1), tiers=(high, higher))
    assert cost(Usage(prompt_tokens=1000, completion_tokens=1), price) == 1_001_000
    assert cost(Usage(prompt_tokens=1001, completion_tokens=1), price) == 2_005_000
    assert tokens_of(Usage(prompt_tokens=2001, cached_tokens=2000), price) == 1001
    assert price.at(2001) == Price(prompt=Decimal(4), cached=Decimal(2), completion=Decimal(5))
    assert price.at(10).tiers == ()


def test_a_part_of_a_nano_unit_counts_whole() -> None:
    """One token at 0.0001 for a million costs a tenth of a nano-unit, and is charged one."""
    assert cost(Usage(prompt_tokens=1), Price(prompt=Decimal("0.0001"), cached=None, completion=Decimal(0))) == 1


@given(usage=USAGES, price=PRICES)
def test_never_under_the_exact_sum_and_never_a_nano_unit_over(usage: Usage, price: Price) -> None:
    """Whatever the figures, the rounding is upward and less than one."""
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    exact = (usage.prompt_tokens - cached) * Fraction(price.prompt) + usage.completion_tokens * Fraction(
        price.completion
    )
    exact = (exact + cached * Fraction(price.prompt if price.cached is None else price.cached)) * 1000
    assert exact <= cost(usage, price) < exact + 1


@given(usage=USAGES, more=st.builds(Usage, prompt_tokens=COUNTS, completion_tokens=COUNTS), price=PRICES)
def test_more_tokens_never_cost_less(usage: Usage, more: Usage, price: Price) -> None:
    """In money and against a limit of tokens."""
    assert cost(usage + more, price) >= cost(usage, price)
    assert tokens_of(usage + more, price) >= tokens_of(usage, price)


@given(usage=USAGES, price=PRICES)
def test_tokens_count_between_none_of_the_cached_and_all(usage: Usage, price: Price) -> None:
    """A cache can make a prompt cheaper and never dearer than it is long."""
    whole = usage.prompt_tokens + usage.completion_tokens
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    assert whole - cached <= tokens_of(usage, price) <= whole == tokens_of(usage, None)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(prompt_tokens=10, cached_tokens=50),
        Usage(prompt_tokens=-5, completion_tokens=-7, cached_tokens=-1),
    ],
)
def test_a_server_that_counts_wrongly_gives_nobody_credit(usage: Usage) -> None:
    """No cost and no count is below zero."""
    assert cost(usage, MINI) >= 0
    assert tokens_of(usage, MINI) >= 0
