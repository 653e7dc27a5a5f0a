"""A model's prices over time, as the lookup answers them: which one holds on which day and at which hour.

Pure. Chosen as genai-prices chooses (types.ModelInfo.get_prices, 0.2.3): the last one whose condition is met, else the
first; days and hours are UTC; an interval whose end is before its beginning goes over midnight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from core.quota.price import Price, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A price with its condition; at most one of day and hours."""

    price: Price | None
    """None where it is made of what is not counted here."""
    since: date | None = None
    begins: time | None = None
    ends: time | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the condition is met at that time, which is UTC."""
        if self.since is not None:
            return at.date() >= self.since
        if self.begins is None or self.ends is None:
            return True
        if self.ends < self.begins:
            return at.time() >= self.begins or at.time() < self.ends
        return self.begins <= at.time() < self.ends


@dataclass(frozen=True, slots=True)
class Schedule:
    """All prices of a model; none for a model that nobody knows."""

    prices: tuple[Dated, ...] = ()

    def at(self, at: datetime) -> Price | None:
        """The price at that time, or None where it is unknown."""
        moment = at.astimezone(UTC)
        held = [dated for dated in self.prices if dated.holds(moment)]
        chosen = held[-1:] or self.prices[:1]
        return chosen[0].price if chosen else None


def schedule_read(document: Mapping[str, Any] | None) -> Schedule:
    """What the lookup wrote. Raises KeyError, TypeError, ValueError or ArithmeticError for anything else."""
    if document is None:
        return Schedule()
    return Schedule(tuple(_dated(entry, document["source"]) for entry in document["prices"]))


def _dated(entry: Mapping[str, Any], source: str) -> Dated:
    since = None if entry["since"] is None else date.fromisoformat(entry["since"])
    begins, ends = (None if entry[name] is None else time.fromisoformat(entry[name]) for name in ("begins", "ends"))
    price = None if entry["price"] is None else _price(entry["price"], source, since)
    return Dated(price=price, since=since, begins=begins, ends=ends)


def _price(figures: Mapping[str, Any], source: str, since: date | None) -> Price:
    tiers = tuple(Tier(above=int(tier["above"]), **_parts(tier)) for tier in figures["tiers"])
    return Price(**_parts(figures), source=source, valid_from=since, tiers=tiers)


def _parts(figures: Mapping[str, Any]) -> dict[str, Any]:
    cached = figures["cached"]
    return {
        "prompt": Decimal(figures["prompt"]),
        "cached": None if cached is None else Decimal(cached),
        "completion": Decimal(figures["completion"]),
    }
