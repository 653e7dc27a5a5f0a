"""How a piece of work ended, in one word of a small, fixed list."""

from __future__ import annotations

import asyncio
import inspect

from core import errors
from core.errors import ParleyError

OK = "ok"
CANCELLED = "cancelled"
ABANDONED = "abandoned"
"""Whoever read a stream closed it."""
FAULT = "fault"
"""An error that nobody raised on purpose."""

_OWN = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ParleyError)}


def outcome_of(error: BaseException | None) -> str:
    """The nearest class of core's tree of errors, by name: adapters' own errors are kinds of those."""
    match error:
        case None:
            return OK
        case ParleyError():
            return next(kind.__name__ for kind in type(error).__mro__ if kind in _OWN)
        case GeneratorExit():
            return ABANDONED
        case asyncio.CancelledError():
            return CANCELLED
        case _:
            return FAULT
