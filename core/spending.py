"""Whether somebody may still ask: the ledger is asked before the model is, and its answer put into words.

What is reserved and how, store/ledger.py knows; what an answer costs, quota/price.py; who knows prices, an adapter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from core.persona import Persona
from core.ports import Clock
from core.privacy import Place
from core.quota import words
from core.quota.limit import Limit, SubjectKind, written
from core.quota.price import Price, Prices
from core.quota.reservation import Ask, OverQuota, Standing
from core.quota.terms import FixedTerms, TermsOf
from core.quota.window import Window
from core.store import Store
from core.turn import Turn
from core.voices import Voice

log = structlog.get_logger()

ANSWER_LEAST = 200
"""Tokens. An answer that may not have as many is not begun, unless its persona wants it shorter."""
UNPRICED = (
    "Costs are limited here ({limit}), and nobody knows what the model {model} costs, so I cannot ask it. "
    "An admin can choose another model, or have its price set (PARLEY_PRICES)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The model may be asked."""

    price: Price | None = None
    """What it costs; None where nobody knows."""
    answer_most: int | None = None
    """Tokens that the answer may take; None where nothing limits them but the persona and the model."""
    warnings: tuple[str, ...] = ()
    """What the asker alone should read: little is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """It may not."""

    sentence: str
    """Why, and when it may, for the asker alone."""
    price: Price | None = None
    """What the model costs, for a summary that it has made already."""


class Purse(Protocol):
    """Who is asked before a model is."""

    async def reserve(
        self, turn: Turn, voice: Voice, persona: Persona, *, prompt_tokens: int, answer_cap: int
    ) -> Granted | Denied:
        """What the answer may use is reserved for the turn, or it may not be asked. Raises LeaseLost,
        StoreUnavailable."""
        ...


class Unpriced:
    """Nobody knows any price."""

    def of(self, model: str, at: datetime) -> Price | None:
        """See Prices."""
        return None

    async def learn(self, models: Iterable[str]) -> None:
        """See Prices."""


class Spending:
    """The Purse of one process."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        prices: Prices | None = None,
        terms: TermsOf | None = None,
        default_model: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._prices: Prices = prices or Unpriced()
        self._terms: TermsOf = terms or FixedTerms()
        self._default_model = default_model

    @property
    def prices(self) -> Prices:
        """Who knows them here."""
        return self._prices

    async def reserve(
        self, turn: Turn, voice: Voice, persona: Persona, *, prompt_tokens: int, answer_cap: int
    ) -> Granted | Denied:
        """See Purse."""
        now, model = self._clock.now(), persona.model or self._default_model
        await self._prices.learn([model])
        price = self._price(model)
        ask = Ask(prompt_tokens=prompt_tokens, answer_most=answer_cap, answer_least=ANSWER_LEAST, price=price)
        terms = await self._terms.terms(Place.of(turn.key).whole)
        result = await self._store.reserve(turn, ask, persona_id=voice.persona_id, terms=terms, now=now)
        if isinstance(result, OverQuota):
            log.info(
                "over quota",
                action="spending.over_quota",
                turn=turn.id,
                limit=written(result.standing.limit, self._terms.currency),
                used=result.standing.used,
                reserved=result.standing.reserved,
            )
            return Denied(sentence=self._refusal(result, model, persona), price=price)
        warnings = tuple(self._warning(standing, persona) for standing in result.near)
        return Granted(price=price, answer_most=result.answer_most if result.bounded else None, warnings=warnings)

    def _price(self, model: str) -> Price | None:
        """In the currency of limits. One in another is as good as none: nobody here knows what it is worth."""
        price = self._prices.of(model, self._clock.now())
        return price if price is not None and price.currency == self._terms.currency else None

    def _refusal(self, over: OverQuota, model: str, persona: Persona) -> str:
        standing, currency = over.standing, self._terms.currency
        subject = _told(standing.limit, persona)
        if over.unpriced:
            return UNPRICED.format(
                limit=written(standing.limit, currency, subject), model=model or "that is the default"
            )
        ends = over.resets_at or standing.resets_at
        spell = Window(begins=min(self._clock.now(), ends), ends=ends)
        used = standing.used + standing.reserved
        return words.reached(standing.limit, used, spell, currency, needed=over.needed, subject=subject)

    def _warning(self, standing: Standing, persona: Persona) -> str:
        spell = Window(begins=min(self._clock.now(), standing.resets_at), ends=standing.resets_at)
        subject = _told(standing.limit, persona)
        return words.warning(standing.limit, standing.used, spell, self._terms.currency, subject=subject)


def _told(limit: Limit, persona: Persona) -> str:
    """What the one concerned is called, to the asker, who is one of them."""
    match limit.subject.kind:
        case SubjectKind.USER:
            return "you"
        case SubjectKind.ROLE:
            return "that you have"
        case SubjectKind.CHANNEL:
            return "that you are in"
        case SubjectKind.PERSONA:
            return persona.name
        case _:
            return ""
