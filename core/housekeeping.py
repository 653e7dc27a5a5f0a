"""Lets go of what nobody may or need keep: what people asked to be forgotten, and what has become old.

One task of a process. Everything is done a little at a time with a pause between, so that no conversation waits for it;
several processes may do it at once and pass over what another has in hand. What was ordered to be forgotten is looked
for often, what becomes old a few times a day.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from core.errors import StoreUnavailable
from core.ports import Clock
from core.privacy import DEFAULT_AGES, FOR_EVER, Ages, Due, Kept, Place
from core.store import Store

log = structlog.get_logger()

ERASURES_EVERY = 30.0
"""Seconds between looks for orders to erase that are not done, such as one whose turn has had to stop first."""
PURGES_EVERY = 6 * 3_600.0
"""Seconds between looks for what is old."""
EFFECTS_KEPT = timedelta(days=7)
"""For how long a delivery is remembered, so that the same one has no second effect. Slack delivers for a day at most
(slack.md, section 4)."""
COUNTERS_KEPT = timedelta(days=7)
"""How long after its window a counter of what limits count stays, for turns that end late."""
PAUSE = 0.05
"""Seconds between two steps, in which others write."""
PLACES = 100
"""Places looked at in one step."""


class Housekeeping:
    """The purges of one process. `ages` hold where no admin has set others."""

    def __init__(self, *, store: Store, clock: Clock, ages: Ages = DEFAULT_AGES) -> None:
        self._store = store
        self._clock = clock
        self._ages = ages.within(DEFAULT_AGES)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """It works until `close`."""
        self._running = asyncio.create_task(self.run(), name="housekeeping")

    async def close(self) -> None:
        """No task is left."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def run(self) -> None:
        """What is due goes, again and again."""
        purged_at: float | None = None
        while True:
            try:
                await self.erase()
                if purged_at is None or self._clock.monotonic() - purged_at >= PURGES_EVERY:
                    await self.purge()
                    purged_at = self._clock.monotonic()
            except StoreUnavailable as error:
                log.error("cannot forget", action="housekeeping.store_away", detail=error.detail)
            await self._clock.sleep(ERASURES_EVERY)

    async def erase(self) -> None:
        """Every order to erase has been carried out as far as can be now."""
        for order in await self._store.erasures():
            while (progress := await self._store.erase(order, now=self._clock.now())).erased:
                await self._clock.sleep(PAUSE)
            if progress.done:
                log.info("forgot what was asked", action="housekeeping.erased", order=order)
                await self._store.scrub()

    async def purge(self) -> None:
        """Nothing is left that is older than its place keeps it."""
        gone = {kept: await self._purge(kept) for kept in Kept}
        now = self._clock.now()
        effects = await self._purge_all(partial(self._store.purge_effects, before=now - EFFECTS_KEPT))
        counters = await self._purge_all(partial(self._store.purge_counters, before=now - COUNTERS_KEPT))
        if effects or counters or any(gone.values()):
            await self._store.scrub()
        counts = {kept.value: count for kept, count in gone.items()}
        log.info("let go of what is old", action="housekeeping.purged", effects=effects, counters=counters, **counts)

    async def _purge(self, kept: Kept) -> int:
        count = 0
        async for due in self._places(kept):
            days = due.ages.within(self._ages).of(kept) or FOR_EVER
            before = self._clock.now() - timedelta(days=days)
            if days != FOR_EVER and due.oldest < before:
                while gone := await self._store.purge(kept, due.place, before=before):
                    count += gone
                    await self._clock.sleep(PAUSE)
        return count

    async def _places(self, kept: Kept) -> AsyncIterator[Due]:
        after: Place | None = None
        while places := await self._store.places_with(kept, after=after, limit=PLACES):
            for due in places:
                yield due
            after = places[-1].place
            await self._clock.sleep(PAUSE)

    async def _purge_all(self, some: Callable[[], Awaitable[int]]) -> int:
        count = 0
        while gone := await some():
            count += gone
            await self._clock.sleep(PAUSE)
        return count
