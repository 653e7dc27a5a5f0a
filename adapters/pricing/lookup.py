"""Asks genai-prices what models cost, as a program of its own: a question on standard input, an answer on standard
output, both JSON.

    {"address": "https://api.openai.com/v1", "models": ["gpt-4o-mini"]}
    {"gpt-4o-mini": {"source": "…", "prices": [{"since": null, "begins": null, "ends": null, "price": {…}}]}}

A model that nobody knows is null. Who serves it is known by the address; where the library does not know the address,
or there is none, by the model's name, or by its beginning where that names a provider (`anthropic/claude-…`).

What is simplified, against the library's own calculation:

- Prompt, cached and completion tokens have a price here; pictures, sound, searches and the writing of a cache do not,
  since servers that speak OpenAI's dialect do not tell them apart. Text alone costs exactly what the library says.
- Where reasoning tokens have another price than the rest of the completion, the dearer one is taken for both.
- A model with a fee for each call has an unknown price rather than one without the fee. So has one without a price for
  prompts or for completions, but for those whose name says that they are free.
- Reduced prices of service tiers (batch, flex) are not asked for.

It is started by path and imports nothing of Parley, so that it runs wherever its file stands.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version
from itertools import chain
from typing import Any

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

_BY_NAME = "litellm"
"""The library's word for a router: the provider is what the model's name begins with, else whoever has such a model."""
_FREE = ":free"
_GOOGLES_FRAME = "models/"


def found(models: Iterable[str], address: str | None) -> dict[str, Any]:
    """The answer for each model."""
    return {model: _found(model, address) for model in models}


def _found(model: str, address: str | None) -> dict[str, Any] | None:
    name = model.removeprefix(_GOOGLES_FRAME)
    provider = None if address is None else _provider(address)
    try:
        by_name = None if provider else _BY_NAME
        return schedule(*get_snapshot().find_provider_model(name, provider, by_name, None))
    except LookupError:
        return None


def _provider(address: str) -> Provider | None:
    try:
        return get_snapshot().find_provider(None, None, address.lower())
    except LookupError:
        return None


def schedule(provider: Provider, model: ModelInfo) -> dict[str, Any]:
    """All prices of a model with their conditions, in the library's order."""
    listed = model.prices if isinstance(model.prices, list) else [ConditionalPrice(prices=model.prices)]
    free = model.id.endswith(_FREE)
    return {
        "source": f"genai-prices {version('genai-prices')}, {provider.name}",
        "prices": [_condition(dated) | {"price": _figures(dated.prices, free)} for dated in listed],
    }


def _condition(dated: ConditionalPrice) -> dict[str, str | None]:
    since = begins = ends = None
    match dated.constraint:
        case StartDateConstraint(start_date=day):
            since = day.isoformat()
        case TimeOfDateConstraint(start_time=first, end_time=last):
            begins, ends = _utc(first), _utc(last)
        case None:
            pass
    return {"since": since, "begins": begins, "ends": ends}


def _utc(hour: time) -> str:
    """The hour of the day in UTC, as the library takes it: one that names no zone is UTC."""
    at = datetime.combine(date(1970, 1, 1), hour)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.time().isoformat()


def _figures(prices: ModelPrice, free: bool) -> dict[str, Any] | None:
    parts = {name: value for name, value in vars(prices).items() if value is not None}
    if free and not parts:
        return {"prompt": "0", "cached": None, "completion": "0", "tiers": []}
    if "input_mtok" not in parts or "output_mtok" not in parts or "requests_kcount" in parts:
        return None
    tiered = [price.tiers for price in parts.values() if isinstance(price, TieredPrices)]
    edges = sorted({tier.start for tier in chain.from_iterable(tiered)})
    return _at(parts, None) | {"tiers": [{"above": edge} | _at(parts, edge + 1) for edge in edges]}


def _at(parts: dict[str, Decimal | TieredPrices], prompt: int | None) -> dict[str, Any]:
    """The three prices for a prompt of so many tokens; None for one below all tiers."""
    figures = {name: _of(price, prompt or 0) for name, price in parts.items() if name.endswith("_mtok")}
    return {
        "prompt": str(figures["input_mtok"]),
        "cached": str(figures["cache_read_mtok"]) if "cache_read_mtok" in figures else None,
        "completion": str(max(figures["output_mtok"], figures.get("output_reasoning_mtok", Decimal(0)))),
    }


def _of(price: Decimal | TieredPrices, prompt: int) -> Decimal:
    if not isinstance(price, TieredPrices):
        return price
    reached = [tier.price for tier in price.tiers if prompt > tier.start]
    return reached[-1] if reached else price.base


def main() -> None:
    """One question, one answer."""
    question = json.load(sys.stdin)
    json.dump(found(question["models"], question["address"]), sys.stdout)


if __name__ == "__main__":
    main()
