"""Tells how long each method of the store takes and how it ended, for all of them at once and by their names."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from core.telemetry import StoreCall, Telemetry

Observed = TypeVar("Observed", bound=type)
Method = Callable[..., Awaitable[Any]]

LIFE = frozenset({"open", "close"})
WAITING = "wait_for_"
"""How methods begin that return when there is news: how long they take says nothing of the database."""


def observed(store: Observed) -> Observed:
    """The class, whose public methods tell its `telemetry`."""
    for name, method in inspect.getmembers(store, inspect.iscoroutinefunction):
        if not name.startswith(("_", WAITING)) and name not in LIFE:
            setattr(store, name, _told(name, method))
    return store


def _told(name: str, method: Method) -> Method:
    call = StoreCall(method=name)

    @functools.wraps(method)
    async def told(self: Any, *arguments: Any, **options: Any) -> Any:
        telemetry: Telemetry = self.telemetry
        with telemetry.during(call):
            return await method(self, *arguments, **options)

    return told
