"""Prices of one's own: a TOML file that the setting PARLEY_PRICES names. They go before the library's.

[model."gpt-4o-mini"]
prompt = 0.15                # for a million tokens
cached = 0.075               # left out: as `prompt`
completion = 0.6
currency = "USD"             # left out: USD
valid_from = 2026-01-01      # left out: always

[[model."our-llama"]]        # several with their days
prompt = 0
completion = 0
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.quota.price import Price

_KEYS = ("prompt", "cached", "completion", "currency", "valid_from")
_CURRENCY = re.compile("[A-Z]{3}")
_MOST = 10**9


class PricesInvalid(ValueError):
    """The file of prices cannot be used. `problems` has a sentence for each fault, with the file and the key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_prices(path: Path) -> Mapping[str, tuple[Price, ...]]:
    """For each model its prices, the earliest first. Raises PricesInvalid with everything that is wrong."""
    reading = _Reading(path.name)
    found = reading.prices(_document(path))
    if reading.problems:
        raise PricesInvalid(tuple(reading.problems))
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PricesInvalid((f"{path.name}: this is not TOML: {error}.",)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise PricesInvalid((f"{path.name}: the file cannot be read: {reason}.",)) from None


class _Reading:
    """One file being read, and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[str] = []

    def prices(self, document: dict[str, Any]) -> dict[str, tuple[Price, ...]]:
        for name in document.keys() - {"model"}:
            self._wrong(name, "there is no such name; prices stand under [model.…]")
        models = document.get("model", {})
        if not isinstance(models, dict):
            self._wrong("model", "this has to be a table: [model.…]")
            return {}
        known = [name.strip().lower() for name in models]
        for name in models:
            if known.count(name.strip().lower()) > 1:
                self._wrong(_key(name), "this model is given twice, in large and small letters")
        return {name: self._of_model(_key(name), entry) for name, entry in models.items()}

    def _of_model(self, key: str, entry: object) -> tuple[Price, ...]:
        entries = entry if isinstance(entry, list) and entry else [entry]
        keys = [key] if entries == [entry] else [f"{key}[{place}]" for place in range(1, len(entries) + 1)]
        found = [price for name, one in zip(keys, entries, strict=True) if (price := self._price(name, one))]
        days = [price.valid_from for price in found]
        if len(set(days)) < len(days):
            self._wrong(key, "two prices begin on the same day; each needs a valid_from of its own")
        return tuple(sorted(found, key=lambda price: price.valid_from or date.min))

    def _price(self, key: str, entry: object) -> Price | None:
        """The price, if there is enough of it to have one."""
        if not isinstance(entry, dict):
            self._wrong(key, "this has to be a table with prompt and completion")
            return None
        for name in entry.keys() - set(_KEYS):
            self._wrong(f"{key}.{name}", f"there is no such name; there are {', '.join(_KEYS)}")
        amounts = {name: self._amount(f"{key}.{name}", entry.get(name)) for name in ("prompt", "cached", "completion")}
        for name in ("prompt", "completion"):
            if name not in entry:
                self._wrong(f"{key}.{name}", "this is missing: a number for a million tokens")
        prompt, completion = amounts["prompt"], amounts["completion"]
        currency = self._currency(f"{key}.currency", entry.get("currency", "USD"))
        valid_from = self._day(f"{key}.valid_from", entry.get("valid_from"))
        if prompt is None or completion is None:
            return None
        return Price(
            prompt=prompt,
            cached=amounts["cached"],
            completion=completion,
            currency=currency,
            source=self._file,
            valid_from=valid_from,
        )

    def _amount(self, key: str, value: object) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            amount = Decimal(value)
            if amount.is_finite() and 0 <= amount <= _MOST:
                return amount
        self._wrong(key, "this has to be a number for a million tokens, such as 0.15, and 0 at least")
        return None

    def _currency(self, key: str, value: object) -> str:
        if isinstance(value, str) and _CURRENCY.fullmatch(value):
            return value
        self._wrong(key, "this has to be a currency's code, such as USD")
        return "USD"

    def _day(self, key: str, value: object) -> date | None:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self._wrong(key, "this has to be a day without quotes, such as 2026-01-01")
        return None

    def _wrong(self, key: str, fault: str) -> None:
        self.problems.append(f"{self._file}, {key}: {fault}.")


def _key(model: str) -> str:
    return f'model."{model}"'
