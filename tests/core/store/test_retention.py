"""What is old goes, by the age of its place; what is not, or is still being answered, stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.audit import AuditEntry
from core.channel import ChannelSettings
from core.conversation import ConversationKey
from core.incoming import ReplyTarget
from core.notes import NoteScope
from core.privacy import Ages, Kept, Place, Reach
from core.store import Store
from core.tutoring.session import Wanted
from tests.core.store.scene import ANNA, BEN, DONE, KEY, NOW, Worker, accept, assistant, said, texts

DAY = timedelta(days=1)
PLACE = Place.of(KEY)
TALK = Kept.CONVERSATIONS
BY = AuditEntry(at=NOW, place=PLACE, actor=ANNA, action="retention.set", subject="conversations")


async def exchange(store: Store, worker: Worker, text: str, *, day: int, key: ConversationKey = KEY) -> None:
    """Anna asked and was answered on that day."""
    await accept(store, said(text, key=key), at=NOW + day * DAY)
    await worker.answer(at=NOW + day * DAY)


async def everything(store: Store) -> set[str]:
    """What Anna still has there."""
    reach = Reach(place=PLACE.whole, person=ANNA.id)
    told = [one async for kind, one in store.told(reach) if kind == "exchanges"]
    return {one["messages"][0]["text"] for one in told}


# ── ages ──


async def test_the_nearest_age_holds(store: Store, worker: Worker) -> None:
    """A channel's before its workspace's; each kind for itself; other settings of the place stay."""
    await store.set_channel_settings(KEY, ChannelSettings(mention_needed=True), now=NOW)
    await exchange(store, worker, "one", day=0)
    assert await store.set_age(PLACE.whole, TALK, 30, by=BY, now=NOW) == Ages()
    assert await store.set_age(PLACE.whole, Kept.AUDIT, 90, by=BY, now=NOW) == Ages(conversations=30)
    assert await store.set_age(PLACE, TALK, 7, by=BY, now=NOW) == Ages()
    (due,) = await store.places_with(TALK, after=None)
    assert (due.place, due.oldest) == (PLACE, NOW)
    assert due.ages == Ages(conversations=7, audit=90)
    assert await store.channel_settings(KEY) == ChannelSettings(mention_needed=True)
    await store.set_channel_settings(KEY, ChannelSettings(), now=NOW)
    assert await store.ages(PLACE) == Ages(conversations=7)


async def test_an_age_can_be_taken_back(store: Store) -> None:
    """Then what holds around the place holds again."""
    await store.set_age(PLACE, TALK, 0, by=BY, now=NOW)
    assert await store.ages(PLACE) == Ages(conversations=0)
    assert await store.set_age(PLACE, TALK, None, by=BY, now=NOW) == Ages(conversations=0)
    assert await store.ages(PLACE) == Ages()


async def test_two_admins_at_once(store: Store) -> None:
    """Neither undoes what the other has set."""
    async with asyncio.TaskGroup() as tasks:
        for kept in Kept:
            tasks.create_task(store.set_age(PLACE, kept, 5, by=BY, now=NOW))
        tasks.create_task(store.set_channel_settings(KEY, ChannelSettings(mention_needed=True), now=NOW))
    assert await store.ages(PLACE) == Ages(conversations=5, notes=5, tutoring=5, usage=5, audit=5)
    assert (await store.channel_settings(KEY)).mention_needed
    assert len(await store.audit(PLACE)) == len(Kept)


def test_ages_fall_back_one_by_one() -> None:
    """What a narrow place leaves open, the wider one says; for ever is an age."""
    narrow, wide = Ages(conversations=0), Ages(conversations=9, usage=8)
    assert narrow.within(wide) == Ages(conversations=0, usage=8)


# ── what goes ──


async def test_the_old_go_a_few_at_a_time(store: Store, worker: Worker) -> None:
    """The oldest first, each with all that belongs to it; a conversation with nothing left goes too."""
    for day in range(4):
        await exchange(store, worker, f"day {day}", day=day, key=replace(KEY, thread=f"t{day // 2}"))
    before = NOW + 3 * DAY
    assert [await store.purge(TALK, PLACE, before=before, limit=2) for _ in range(3)] == [2, 1, 0]
    assert await everything(store) == {"day 3"}
    assert await store.conversation_number(replace(KEY, thread="t0")) is None
    assert await store.conversation_number(replace(KEY, thread="t1")) is not None


async def test_a_conversation_without_end_loses_what_is_old(store: Store, worker: Worker) -> None:
    """In direct messages, which never end, old talk goes while the new goes on, and notes on it go with it."""
    await exchange(store, worker, "old", day=0)
    await exchange(store, worker, "recent", day=9)
    await accept(store, said("now", by=BEN), at=NOW + 10 * DAY)
    turn = await worker.claimed(at=NOW + 10 * DAY)
    await store.summarise(turn, "notes on old", through_seq=1, tokens=2, now=NOW + 10 * DAY)
    assert await store.purge(TALK, PLACE, before=NOW + 5 * DAY) == 1
    assert (await store.history(turn, room=1_000)).summary is None
    assert await texts(store, turn) == ["recent", "an answer", "now"]


async def test_what_nobody_has_answered_yet_stays(store: Store, worker: Worker) -> None:
    """However old: somebody waits for it, and it can be claimed and ended as ever."""
    await accept(store, said("waiting"))
    await accept(store, said("in work", key=replace(KEY, thread="2")))
    claimed = await worker.claimed()
    assert await store.purge(TALK, PLACE, before=NOW + 999 * DAY) == 0
    assert await store.turn(claimed.id) is not None
    await worker.claimed()


@pytest.mark.parametrize("kept", list(Kept))
async def test_each_kind_goes_by_itself(store: Store, worker: Worker, kept: Kept) -> None:
    """Conversations, notes, accounts and the log have ages of their own; other places keep theirs."""
    for key in (KEY, replace(KEY, channel="C2"), replace(KEY, workspace="T2")):
        await accept(store, said("said", key=key))
        turn = await worker.claimed()
        await store.keep_note(turn, NoteScope.CHANNEL, "a note", now=NOW)
        await store.finish(turn, DONE, [assistant()], now=NOW)
        await store.record_audit(replace(BY, place=Place.of(key)))
        target = ReplyTarget(key=replace(key, thread=None), kind="direct")
        wanted = Wanted(name="sums", topic="sums")
        await store.begin_session(target, home=key.workspace, learner="U1", wanted=wanted, now=NOW)
    places = [due.place for one in Kept for due in await store.places_with(one, after=None)]
    assert await store.purge(kept, PLACE, before=NOW + DAY) == 1
    left = [due.place for one in Kept for due in await store.places_with(one, after=None)]
    assert len(places) == 15
    assert len(left) == 14
    assert [place for place in left if place == PLACE] == [PLACE] * 4


async def test_places_are_visited_one_after_the_other(store: Store, worker: Worker) -> None:
    """Each once, with its oldest, whatever its name; the workspace as such is a place of the log."""
    keys = [replace(KEY, channel=channel, workspace=team) for channel in "aBß" for team in ("T1", "T2")]
    for day, key in enumerate(keys):
        await exchange(store, worker, "later", day=day + 10, key=key)
        await exchange(store, worker, "more", day=day + 20, key=key)
    found = list(await store.places_with(TALK, after=None, limit=2))
    while more := await store.places_with(TALK, after=found[-1].place, limit=2):
        found += more
    assert {due.place: due.oldest for due in found} == {
        Place.of(key): NOW + (day + 10) * DAY for day, key in enumerate(keys)
    }
    assert len(found) == len(keys)
    await store.record_audit(replace(BY, place=PLACE.whole))
    assert [due.place for due in await store.places_with(Kept.AUDIT, after=None)] == [PLACE.whole]


async def test_two_processes_purge_at_once(database_url: str, store: Store, worker: Worker) -> None:
    """Together they let go of everything, neither waits for the other for ever, and nobody's answer is lost."""
    for n in range(30):
        await exchange(store, worker, f"q{n}", day=0, key=replace(KEY, thread=str(n % 4)))
    other = await Store.open(database_url)

    async def purge(one: Store) -> None:
        while await one.purge(TALK, PLACE, before=NOW + DAY, limit=3):
            pass

    await asyncio.gather(purge(store), purge(other), purge(store))
    await purge(store)
    assert await everything(store) == set()
    await other.close()
