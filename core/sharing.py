"""Several processes that write in one workspace or channel draw on one budget, so each keeps to its part of it.

Who answers where is read from the leases. A process that begins in a place tells the others at once; between that and
the next look a budget may be drawn on too fast, which the platform's refusals correct.
"""

from __future__ import annotations

from collections.abc import Collection

import structlog

from core.conversation import ConversationKey, Platform
from core.errors import StoreUnavailable
from core.pacing import Pacing
from core.ports import Clock
from core.store import Store

log = structlog.get_logger()

LOOK_SHARED = 2.0
LOOK_ALONE = 20.0
"""Seconds between looks, where nobody tells us anything, while others share a budget of ours and while none does."""
BREATH = 0.2
"""Seconds between looks at least."""


class BudgetSharing:
    """Keeps this process's pacing to its part."""

    def __init__(self, *, store: Store, pacing: Pacing, clock: Clock, platforms: Collection[Platform]) -> None:
        self._store = store
        self._pacing = pacing
        self._clock = clock
        self._platforms = tuple(platforms)
        self._places: set[str] = set()
        self._owners: dict[str, int] = {}

    async def began(self, key: ConversationKey) -> None:
        """This process answers there now, and whoever shares the place knows."""
        place = str(key.channel_key)
        if place in self._places:
            return
        self._places.add(place)
        try:
            await self._store.announce_owner()
        except StoreUnavailable as error:
            log.warning("others not told", action="sharing.store_away", detail=error.detail)

    async def run(self) -> None:
        """Looks whenever there may be something new, until cancelled."""
        while True:
            await self._store.wait_for_owners(LOOK_SHARED if self._owners else LOOK_ALONE)
            await self._look()
            await self._clock.sleep(BREATH)

    async def _look(self) -> None:
        self._places.clear()
        try:
            found = await self._store.owners(self._platforms, now=self._clock.now())
        except StoreUnavailable as error:
            log.warning("cannot look who else answers", action="sharing.store_away", detail=error.detail)
            return
        if found != self._owners:
            log.info("budgets shared", action="sharing.changed", processes=max(found.values(), default=1))
        self._owners = found
        self._pacing.shared(found)
