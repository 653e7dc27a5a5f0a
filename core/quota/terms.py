"""What holds for a workspace beside what was set in it: who says so. What it is stands in reservation.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.privacy import Place
from core.quota.reservation import Terms


class TermsOf(Protocol):
    """Who knows."""

    @property
    def currency(self) -> str:
        """In which limits of costs are meant, by its code."""
        ...

    async def terms(self, place: Place) -> Terms:
        """The workspace's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedTerms:
    """The same everywhere, as the operator has set it."""

    fixed: Terms = Terms()
    currency: str = "USD"

    async def terms(self, place: Place) -> Terms:
        """See TermsOf."""
        return self.fixed
