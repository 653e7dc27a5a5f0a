"""Parley's memory: the one place that knows SQL."""

from core.store.results import (
    Accepted,
    Amended,
    AmendKind,
    Duplicate,
    ErasureProgress,
    History,
    NotOurs,
    OpenTurns,
    Retracted,
    Summary,
)
from core.store.store import Store

__all__ = [
    "Accepted",
    "AmendKind",
    "Amended",
    "Duplicate",
    "ErasureProgress",
    "History",
    "NotOurs",
    "OpenTurns",
    "Retracted",
    "Store",
    "Summary",
]
