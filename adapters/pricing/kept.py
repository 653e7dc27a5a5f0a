"""Prices as core asks for them: one's own first, then the library's, each model looked up once.

The lookup is a program that ends (lookup.py). Measured with genai-prices 0.2.3 on Python 3.11: loading the library in
this process would take 22 MB for good (31 MB where pydantic is not loaded yet); the program takes 0.25 s for any number
of models, and what is kept of its answer is under 2 KB a model. What it answers holds for any time, so nothing has to
be asked anew at midnight.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from adapters.pricing.hosts import is_local
from adapters.pricing.schedule import Schedule, schedule_read
from adapters.recency import Recent
from core.quota.price import Price

log = structlog.get_logger()

LOOK_WITHIN = 10.0
"""Seconds that a lookup may take."""
UNKNOWN_FOR = 60.0
"""Seconds for which, after a lookup that failed, nothing is looked up."""
_KEPT_MODELS = 500
_PROGRAM = (sys.executable, "-P", str(Path(__file__).with_name("lookup.py")))
_HANDED_ON = {"PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH"}
"""What the program gets of our environment, with what steers Python: it has no use for tokens and proxies."""


class KeptPrices:
    """Implements core's Prices. `provider` is the base URL of the server that answers; None where models of any
    provider are meant, which are then known by name alone. What a local server serves is unknown but for `overrides`:
    for each model its prices, as read_prices gives them, of which the one valid last holds."""

    def __init__(
        self,
        overrides: Mapping[str, Sequence[Price]],
        provider: str | None,
        *,
        program: Sequence[str] = _PROGRAM,
    ) -> None:
        self._overrides = {_named(model): tuple(prices) for model, prices in overrides.items()}
        self._address = provider
        self._local = provider is not None and is_local(provider)
        self._program = tuple(program)
        self._kept: Recent[str, Schedule] = Recent(_KEPT_MODELS)
        self._failed_until = float("-inf")
        self._looking = asyncio.Lock()

    async def learn(self, models: Iterable[str]) -> None:
        """Afterwards `of` answers for these models at once. Free for models that were learned before."""
        names = {_named(model) for model in models}
        if not self._missing(names):
            return
        async with self._looking:
            if missing := self._missing(names):
                self._keep(missing, await asyncio.to_thread(self._looked_up, missing))

    def of(self, model: str, at: datetime) -> Price | None:
        """The price at that time, or None where it is unknown. A model that was not learned is looked up here, which
        blocks for a quarter of a second, once."""
        name = _named(model)
        own = _valid(self._overrides.get(name, ()), at)
        if own is not None or self._local or not name:
            return own
        if missing := self._missing({name}):
            self._keep(missing, self._looked_up(missing))
        kept = self._kept.get(name)
        return None if kept is None else kept.at(at)

    def _missing(self, names: set[str]) -> list[str]:
        """Those that have to be looked up, now that it makes sense to."""
        if self._local or time.monotonic() < self._failed_until:
            return []
        return sorted(name for name in names if name and name not in self._kept)

    def _keep(self, models: list[str], found: Mapping[str, Schedule] | None) -> None:
        if found is None:
            self._failed_until = time.monotonic() + UNKNOWN_FOR
            return
        for model in models:
            self._kept.put(model, found[model])
            if not found[model].prices:
                log.info("price unknown", action="pricing.unknown", model=model)

    def _looked_up(self, models: list[str]) -> dict[str, Schedule] | None:
        """What the library knows of each; None where it could not be asked."""
        question = json.dumps({"address": self._address, "models": models})
        try:
            done = subprocess.run(
                self._program,
                input=question,
                capture_output=True,
                check=True,
                timeout=LOOK_WITHIN,
                encoding="utf-8",
                env=_environment(),
            )
            answer = json.loads(done.stdout)
            return {model: schedule_read(answer[model]) for model in models}
        except (OSError, subprocess.SubprocessError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            code = getattr(error, "returncode", None)
            log.error("prices not found out", action="pricing.failed", error=type(error).__name__, code=code)
            return None


def _named(model: str) -> str:
    """Names of models are the same in large and small letters."""
    return model.strip().lower()


def _valid(prices: Sequence[Price], at: datetime) -> Price | None:
    """The one that began last; None before the first."""
    day = at.astimezone(UTC).date()
    begun = [price for price in prices if price.valid_from is None or price.valid_from <= day]
    return max(begun, key=lambda price: (price.valid_from is not None, price.valid_from or day), default=None)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _HANDED_ON or name.startswith("PYTHON")}
    return kept | {"PYDANTIC_DISABLE_PLUGINS": "1", "PYTHONIOENCODING": "utf-8"}
