"""Parley's memory: the one place that knows SQL."""

from core.store.results import (
    Accepted,
    Amended,
    AmendKind,
    Conflict,
    Duplicate,
    Editors,
    ErasureProgress,
    History,
    NameTaken,
    NotOurs,
    OpenTurns,
    PersonaScope,
    PersonaUse,
    Retracted,
    Revision,
    Summary,
)
from core.store.store import Store

__all__ = [
    "Accepted",
    "AmendKind",
    "Amended",
    "Conflict",
    "Duplicate",
    "Editors",
    "ErasureProgress",
    "History",
    "NameTaken",
    "NotOurs",
    "OpenTurns",
    "PersonaScope",
    "PersonaUse",
    "Retracted",
    "Revision",
    "Store",
    "Summary",
]
