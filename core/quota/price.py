"""What an answer costs, at a price that somebody else knows.

Pure. Where prices come from is adapters/pricing; which answer was charged at which price is kept by the store. A model
without a known price has an unknown cost, which is never taken for none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Protocol

from core.quota.amount import NANO
from core.turn import Usage

MILLION = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a long prompt makes of the price: of all the call's tokens, not only of those beyond."""

    above: int
    """Holds for prompts of more tokens than this, cached ones included."""
    prompt: Decimal
    cached: Decimal | None
    completion: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of a model, in units of the currency for a million tokens."""

    prompt: Decimal
    cached: Decimal | None
    """For prompt tokens that the provider found in its cache; None: as any other."""
    completion: Decimal
    """Reasoning included."""
    currency: str = "USD"
    source: str = ""
    """Who says so, for people."""
    valid_from: date | None = None
    """First day (UTC) at this price; None where that is not known."""
    tiers: tuple[Tier, ...] = ()
    """Other prices for long prompts, the shortest first."""

    def at(self, prompt_tokens: int) -> Price:
        """The price of a call with so long a prompt, without tiers: what is kept beside a charge."""
        reached = [tier for tier in self.tiers if prompt_tokens > tier.above]
        if not reached:
            return replace(self, tiers=())
        tier = reached[-1]
        return replace(self, prompt=tier.prompt, cached=tier.cached, completion=tier.completion, tiers=())


class Prices(Protocol):
    """Who knows prices."""

    def of(self, model: str, at: datetime) -> Price | None:
        """The model's price at that time; None where nobody knows it, and so the cost is unknown."""
        ...

    async def learn(self, models: Iterable[str]) -> None:
        """The prices of these models are at hand, where `of` may otherwise have to look for them."""
        ...


def cost(usage: Usage, price: Price) -> int:
    """What the tokens cost, in nano-units of the price's currency, rounded up: never less than the exact sum.
    Where the usage is that of several calls together, a tier may be reached that none of them reached alone."""
    prompt, cached, completion = _counted(usage)
    price = price.at(prompt + cached)
    exact = prompt * Fraction(price.prompt) + completion * Fraction(price.completion)
    exact += cached * Fraction(price.prompt if price.cached is None else price.cached)
    return ceil(exact * NANO / MILLION)


def tokens_of(usage: Usage, price: Price | None) -> int:
    """Tokens as they count against a limit of tokens: prompt and completion, where prompt tokens from the provider's
    cache count by their price as a part of the full one, rounded up; in full where that is not known."""
    prompt, cached, completion = _counted(usage)
    price = None if price is None else price.at(prompt + cached)
    if price is not None and price.cached is not None and price.prompt > 0:
        cached = min(cached, ceil(cached * Fraction(price.cached) / Fraction(price.prompt)))
    return prompt + cached + completion


def _counted(usage: Usage) -> tuple[int, int, int]:
    """Prompt tokens that were not cached, those that were, and completion tokens. Some servers count wrongly: no part
    is larger than its whole, and nothing is below zero."""
    whole = max(usage.prompt_tokens, 0)
    cached = min(max(usage.cached_tokens, 0), whole)
    return whole - cached, cached, max(usage.completion_tokens, 0)
