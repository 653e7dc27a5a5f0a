"""Who answers where, as the leases say, and how processes divide a place's budget by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from core.conversation import ConversationKey, Platform
from core.pacing import Pacing
from core.sharing import BudgetSharing
from core.store import Store
from tests.core.store.scene import DONE, KEY, LATER, NOW, Worker, accept, assistant, said
from tests.doubles import ManualClock

SLACK = [Platform.SLACK]
ELSEWHERE = replace(KEY, channel="C2", thread="9.9")


async def asked(store: Store, *keys: ConversationKey) -> None:
    """Somebody asked in each of these conversations."""
    for key in keys:
        await accept(store, said(key=key))


async def test_only_places_with_several_owners_are_told(store: Store) -> None:
    """Two processes answer in one channel, one of them also in another channel of the workspace."""
    await asked(store, KEY, replace(KEY, thread="5.5"), ELSEWHERE)
    await Worker(store, "first").claimed()
    assert await store.owners(SLACK, now=NOW) == {}
    await Worker(store, "second").claimed()
    await Worker(store, "second").claimed()
    assert await store.owners(SLACK, now=NOW) == {"slack:T1": 2, "slack:T1:C1": 2}
    assert await store.owners([Platform.DISCORD], now=NOW) == {}


async def test_the_dead_and_the_done_share_nothing(store: Store) -> None:
    """Neither an answer that has ended nor a lease that has run out counts."""
    await asked(store, KEY, replace(KEY, thread="5.5"))
    await Worker(store, "first").answer()
    await Worker(store, "second").claimed()
    assert await store.owners(SLACK, now=NOW) == {}
    await asked(store, replace(KEY, thread="6.6"))
    await Worker(store, "first").claimed()
    assert await store.owners(SLACK, now=NOW) == {"slack:T1": 2, "slack:T1:C1": 2}
    assert await store.owners(SLACK, now=LATER) == {}


class HeardPacing(Pacing):
    """Remembers how its budgets are divided."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.told: asyncio.Queue[dict[str, int]] = asyncio.Queue()

    def shared(self, owners: Mapping[str, int]) -> None:
        super().shared(owners)
        self.told.put_nowait(dict(owners))


async def test_a_process_that_begins_is_heard_of(postgresql_url: str) -> None:
    """The other process divides the workspace's budget as soon as the newcomer has begun, and has it whole again at
    its first look after the newcomer's end. (SQLite tells nobody: there processes look from time to time.)"""
    store, newcomer, clock = await Store.open(postgresql_url), await Store.open(postgresql_url), ManualClock()
    pacing, now = HeardPacing(clock), clock.now()
    sharing = BudgetSharing(store=store, pacing=pacing, clock=clock, platforms=SLACK)
    looking = asyncio.create_task(sharing.run())
    try:
        assert await pacing.told.get() == {}, "its first look, when it has begun to listen"
        await asked(store, KEY, ELSEWHERE)
        await Worker(store, "first").claimed(at=now)
        second = await Worker(newcomer, "second").claimed(at=now)
        clock.advance(1)
        other = BudgetSharing(store=newcomer, pacing=Pacing(clock), clock=clock, platforms=SLACK)
        await other.began(second.key)
        async with asyncio.timeout(10):
            assert await pacing.told.get() == {"slack:T1": 2}
        await newcomer.finish(second, DONE, [assistant()], now=now)
        clock.advance(1)
        async with asyncio.timeout(10):
            assert await pacing.told.get() == {}
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await newcomer.close()
        await store.close()
