"""What is asked of the ledger before a model is called, and what it says. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.quota.amount import NANO, Measure
from core.quota.limit import Limit
from core.quota.price import MILLION, Price, cost, tokens_of
from core.turn import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a model is about to be asked."""

    prompt_tokens: int
    """Counted here."""
    answer_most: int
    """Tokens that the answer may take, as far as the persona and the model's window go."""
    answer_least: int
    """With less it is of no use to begin."""
    price: Price | None
    """None where nobody knows it."""

    def need(self, measure: Measure, answer: int, before: Usage) -> int:
        """What has to be free for an answer of that many tokens, after what was used `before` for the same turn."""
        whole = before + Usage(prompt_tokens=self.prompt_tokens, completion_tokens=answer)
        match measure:
            case Measure.REQUESTS:
                return 1
            case Measure.TOKENS:
                return tokens_of(whole, self.price)
            case Measure.COST:
                return 0 if self.price is None else cost(whole, self.price)

    def longest(self, measure: Measure, free: int, before: Usage) -> int:
        """Tokens that the answer may take where so much is free; below 0 where not even the prompt fits."""
        if self.need(measure, 0, before) > free:
            return -1
        spare = free - self.need(measure, 0, before)
        match measure:
            case Measure.REQUESTS:
                return self.answer_most
            case Measure.TOKENS:
                return min(self.answer_most, spare)
            case Measure.COST:
                return min(self.answer_most, self._bought(spare))

    def _bought(self, spare: int) -> int:
        """Never one too many: the prompt's cost may have been rounded up for both."""
        if self.price is None or self.price.completion == 0:
            return self.answer_most
        return int(Fraction(spare) * MILLION / NANO / Fraction(self.price.completion))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for a workspace beside the limits that were set in it."""

    limits: tuple[Limit, ...] = ()
    """Each holds where the workspace has none in its place."""
    zone: str = "UTC"
    """The IANA time zone whose midnight is meant."""
    currency: str = ""
    """The one that costs are counted in; what was charged in another is worth nobody knows what. Empty: whichever it
    is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a limit stands for somebody."""

    limit: Limit
    used: int
    reserved: int
    extra: int = 0
    """Of what is used or reserved, so much is on grants and takes no room."""
    resets_at: datetime
    """When the window ends; of a sliding one, when its oldest part leaves it."""

    @property
    def left(self) -> int:
        """What may still be spent, grants not counted; 0 where nothing."""
        return max(0, self.limit.amount - self.used - self.reserved + self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The model may be asked."""

    answer_most: int
    """Tokens that the answer may take."""
    bounded: bool = False
    """Whether a limit counts them, so that the model has to be told."""
    near: tuple[Standing, ...] = ()
    """Limits of which little is left; each is told once in its window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverQuota:
    """The model may not be asked now."""

    standing: Standing
    needed: int
    """What this would have taken of it at least."""
    resets_at: datetime | None
    """When it may be asked; None where a question of this size never may."""
    unpriced: bool = False
    """Costs are limited and nobody knows what this model costs."""
