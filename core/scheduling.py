"""When which reply may be edited. Platforms allow few edits and tell how long to wait. This module only decides:
it is told the time, never sleeps and never edits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EditBudget:
    """How much the platform allows: `burst` writes at once, then one each `interval` seconds."""

    name: str
    """Replies whose budgets have the same name share it."""
    burst: int
    interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetObservation:
    """What a platform's answer told us of a budget."""

    remaining: int | None = None
    reset_after: float | None = None
    """Seconds until the budget is whole again."""
    retry_after: float | None = None
    """Seconds to wait: we were refused (429)."""
    burst: int | None = None
    """The budget's size as the platform states it."""
