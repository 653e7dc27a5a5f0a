"""What becomes old goes by itself, by the age of its place, while the process lives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.errors import StoreUnavailable
from core.housekeeping import EFFECTS_KEPT, PURGES_EVERY, Housekeeping
from core.privacy import Ages, Due, Kept, Place, Reach
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.reservation import Ask, Reserved, Terms
from core.store import Accepted, Duplicate, Store
from core.turn import Outcome, TurnState
from tests.core.engine.processes import eventually
from tests.core.store.scene import ANNA, KEY, Worker, accept, said
from tests.doubles import START, FastClock

DAY = timedelta(days=1)
PLACE = Place.of(KEY)
OTHER = replace(KEY, channel="C2")
FURTHER = replace(KEY, workspace="T2")


def entry(place: Place = PLACE, *, age: int = 0) -> AuditEntry:
    """An admin set something, so many days ago."""
    return AuditEntry(at=START - age * DAY, place=place, actor=ANNA, action="retention.set")


async def exchange(store: Store, text: str, *, age: int, key: ConversationKey = KEY) -> None:
    """Anna asked and was answered so many days ago."""
    at = START - age * DAY
    await accept(store, said(text, key=key), at=at)
    await Worker(store, "w1").answer(at=at)


async def left(store: Store, kind: str = "exchanges") -> list[object]:
    """What is still stored of Anna, over both workspaces."""
    found: list[object] = []
    for key in (KEY, FURTHER):
        reach = Reach(place=Place.of(key).whole, person=ANNA.id)
        found += [one async for name, one in store.told(reach) if name == kind]
    return found


def texts(exchanges: list[object]) -> set[str]:
    """What was asked."""
    return {one["messages"][0]["text"] for one in exchanges}  # type: ignore[index]


@pytest.fixture
def house(store: Store) -> Housekeeping:
    """With the operator's ages."""
    return Housekeeping(store=store, clock=FastClock(), ages=Ages(conversations=30, usage=50, audit=0))


async def test_each_place_has_its_age(store: Store, house: Housekeeping) -> None:
    """The channel's, else the workspace's, else the operator's; for ever is never too old."""
    await store.set_age(PLACE, Kept.CONVERSATIONS, 7, by=entry(), now=START)
    await store.set_age(Place.of(FURTHER).whole, Kept.CONVERSATIONS, 0, by=entry(), now=START)
    for age in (5, 20, 40):
        for key in (KEY, OTHER, FURTHER):
            await exchange(store, f"{key.workspace} {key.channel} {age}", age=age, key=key)
    await house.purge()
    assert texts(await left(store)) == {
        "T1 C1 5",
        "T1 C2 5",
        "T1 C2 20",
        "T2 C1 5",
        "T2 C1 20",
        "T2 C1 40",
    }


async def test_accounts_and_the_log_have_ages_of_their_own(store: Store, house: Housekeeping) -> None:
    """Accounts outlive the talk they are about; the log is kept for ever where the operator says so."""
    for age in (1, 40, 60):
        await exchange(store, str(age), age=age)
        await store.record_audit(entry(age=age))
    await house.purge()
    assert [len(await left(store, kind)) for kind in ("exchanges", "usage", "audit")] == [1, 2, 3]
    await store.set_age(PLACE.whole, Kept.AUDIT, 50, by=entry(PLACE.whole), now=START)
    await house.purge()
    assert len(await left(store, "audit")) == 3  # two, and that the age was set


async def test_old_deliveries_are_forgotten(store: Store, house: Housekeeping) -> None:
    """What was delivered more than a week ago is remembered no longer, and what came since still is."""
    old, new = said("old"), said("new")
    await accept(store, old, at=START - EFFECTS_KEPT - DAY)
    await accept(store, new, at=START)
    await house.purge()
    assert isinstance(await store.accept(old, tokens=1, now=START), Accepted)
    assert await store.accept(new, tokens=1, now=START) == Duplicate()


async def test_much_goes_in_small_steps(store: Store, house: Housekeeping, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one step holds, in more places than one look tells."""
    monkeypatch.setattr("core.housekeeping.PLACES", 2)
    for n in range(5):
        for text in range(3):
            await exchange(store, f"{n} {text}", age=40, key=replace(KEY, channel=f"C{n}"))
    await house.purge()
    assert await left(store) == []


class UnsteadyStore(Store):
    """A database that is away at first."""

    away = 2
    looked = 0

    async def places_with(self, kept: Kept, *, after: Place | None, limit: int = 100) -> tuple[Due, ...]:
        self.looked += kept is Kept.CONVERSATIONS and after is None
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")
        return await super().places_with(kept, after=after, limit=limit)


async def test_it_tries_again(database_url: str) -> None:
    """The database may be away for a while; housekeeping goes on when it is back, and again after some hours."""
    store = await UnsteadyStore.open(database_url)
    await exchange(store, "old", age=400)
    house = Housekeeping(store=store, clock=FastClock(speed=PURGES_EVERY * 20))
    house.start()

    async def done() -> bool:
        return store.looked >= 5 and not await left(store)

    await eventually(done)
    await house.close()
    await store.close()


async def test_closed_before_it_began(store: Store) -> None:
    """A start that is broken off leaves nothing behind."""
    await Housekeeping(store=store, clock=FastClock()).close()


async def test_counters_of_what_limits_count_go(store: Store, house: Housekeeping) -> None:
    """Some time after their window; a limit set anew counts from the accounts of use."""
    limit = Limit(subject=Subject(kind=SubjectKind.EACH_USER), measure=Measure.REQUESTS, period=Period.DAY, amount=5)
    await store.set_limit(PLACE.whole, limit, by=entry())
    ask = Ask(prompt_tokens=1, answer_most=1, answer_least=1, price=None)
    for age in (9, 3):
        at = START - age * DAY
        await accept(store, said(f"{age} days ago", key=replace(KEY, thread=f"{age}")), at=at)
        turn = await Worker(store, "w1").claimed(at=at)
        assert isinstance(await store.reserve(turn, ask, persona_id=None, terms=Terms(), now=at), Reserved)
        await store.finish(turn, Outcome(state=TurnState.DONE, text=""), (), now=at)
    await house.purge()
    assert await store.purge_counters(before=START) == 1
