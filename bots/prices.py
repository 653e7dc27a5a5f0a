"""What answers may cost, by the settings: prices, the currency, and the limits that hold where nobody set others."""

from __future__ import annotations

from adapters.pricing import KeptPrices, PricesInvalid, read_prices
from bots.settings import Settings, SettingsError
from core.ports import Clock
from core.quota.reservation import Terms
from core.quota.saying import parse_limits
from core.quota.terms import FixedTerms
from core.spending import Spending
from core.store import Store


def prices(settings: Settings) -> KeptPrices:
    """Those of the library for the endpoint's models, with those of one's own before them. Raises SettingsError."""
    try:
        own = read_prices(settings.parley_prices) if settings.parley_prices is not None else {}
    except PricesInvalid as error:
        raise SettingsError(list(error.problems)) from None
    other = sorted({price.currency for several in own.values() for price in several} - {settings.parley_currency})
    if other:
        raise SettingsError(
            [f"PARLEY_PRICES: prices are in {', '.join(other)}, and PARLEY_CURRENCY is {settings.parley_currency}."]
        )
    return KeptPrices(own, str(settings.openai_base_url))


def terms(settings: Settings) -> FixedTerms:
    """The limits and the time zone of the settings, in every workspace."""
    limits = parse_limits(settings.parley_limits, settings.parley_currency)
    currency = settings.parley_currency
    return FixedTerms(fixed=Terms(limits=limits, zone=settings.parley_time_zone, currency=currency), currency=currency)


async def open_purse(settings: Settings, store: Store, clock: Clock) -> Spending:
    """Asked before each answer; it knows what the model of the settings costs. Raises SettingsError."""
    known = prices(settings)
    await known.learn([settings.openai_model])
    return Spending(
        store=store,
        clock=clock,
        prices=known,
        terms=terms(settings),
        default_model=settings.openai_model,
    )
