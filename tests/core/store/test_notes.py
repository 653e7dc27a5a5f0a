"""Notes are read by whom and where they are for, no more of them are kept than may be, and they go like other words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.errors import LeaseLost
from core.incoming import Author
from core.notes import MOST, NoteScope, NotesFull
from core.privacy import Holdings, Kept, Place, Reach
from core.store import Store
from core.turn import Turn
from tests.core.store.remains import everything
from tests.core.store.scene import ANNA, BEN, DONE, KEY, MINUTE, NOW, SECOND, Worker, accept, assistant, opened, said

ELSEWHERE = replace(KEY, channel="C2")
ABROAD = replace(KEY, workspace="T2")
THREADS = replace(KEY, thread="999.9")
HERE = Reach(place=Place.of(KEY), person=ANNA.id)
PERSON, CHANNEL = NoteScope.PERSON, NoteScope.CHANNEL


async def asked(store: Store, worker: Worker, *, by: Author = ANNA, key: ConversationKey = KEY) -> Turn:
    """A turn that is being answered; the worker has ended it before the next one is asked."""
    await accept(store, said("remember", by=by, key=key))
    return await worker.claimed()


async def written(
    store: Store, worker: Worker, text: str, scope: NoteScope, *, by: Author = ANNA, key: ConversationKey = KEY
) -> int:
    """Somebody had the text kept; the note's number."""
    turn = await asked(store, worker, by=by, key=key)
    note = await store.keep_note(turn, scope, text, now=NOW)
    await end(store, turn)
    return note.id


async def end(store: Store, turn: Turn) -> None:
    """The turn has been answered."""
    await store.finish(turn, DONE, [assistant()], now=NOW)


async def read(store: Store, worker: Worker, *, by: Author = ANNA, key: ConversationKey = KEY) -> list[str]:
    """What a turn of theirs there reads, newest first."""
    turn = await asked(store, worker, by=by, key=key)
    found = [note.text for note in await store.notes(turn)]
    await end(store, turn)
    return found


async def forget(store: Store, reach: Reach) -> None:
    """Everything within the reach is forgotten."""
    by = AuditEntry(at=NOW, place=reach.place, actor=ANNA, action="forget.here")
    holdings = await store.holdings(reach)
    order = await store.order_erasure(reach, through=holdings.through, by=by, now=NOW)
    while (await store.erase(order, now=NOW)).erased:
        pass


# ── reading ──


async def test_a_persons_notes_are_theirs(store: Store, worker: Worker) -> None:
    """They are read wherever in the workspace that person asks, in no other's turn and in no other workspace."""
    await written(store, worker, "I like tea", PERSON)
    assert await read(store, worker) == ["I like tea"]
    assert await read(store, worker, key=ELSEWHERE) == ["I like tea"]
    assert await read(store, worker, by=BEN) == []
    assert await read(store, worker, key=ABROAD) == []


async def test_a_channels_notes_stay_there(store: Store, worker: Worker) -> None:
    """Everybody's turns there read them, in any of its threads, and none elsewhere."""
    await written(store, worker, "we ship on Thursday", CHANNEL)
    assert await read(store, worker, by=BEN, key=THREADS) == ["we ship on Thursday"]
    assert await read(store, worker, key=ELSEWHERE) == []
    assert await read(store, worker, key=ABROAD) == []


async def test_a_channel_that_is_called_like_a_person(store: Store, worker: Worker) -> None:
    """Its notes are not that person's, nor theirs its."""
    room = replace(KEY, channel=ANNA.id)
    await written(store, worker, "of the channel", CHANNEL, by=BEN, key=room)
    await written(store, worker, "of the person", PERSON)
    assert await read(store, worker) == ["of the person"]
    assert await read(store, worker, by=BEN, key=room) == ["of the channel"]


async def test_it_is_known_by_whom_and_when(store: Store, worker: Worker) -> None:
    """A note comes with its author, the newest note first."""
    turn = await asked(store, worker)
    await store.keep_note(turn, PERSON, "one", now=NOW)
    await store.keep_note(turn, CHANNEL, "two", now=NOW + SECOND)
    newest, oldest = await store.notes(turn)
    assert (newest.text, newest.scope, newest.author, newest.at) == ("two", CHANNEL, ANNA.name, NOW + SECOND)
    assert (oldest.text, oldest.scope, oldest.author_id) == ("one", PERSON, ANNA.id)


# ── keeping ──


async def test_the_same_is_kept_once(store: Store, worker: Worker) -> None:
    """A turn that another process begins anew writes nothing twice."""
    turn = await asked(store, worker)
    first = await store.keep_note(turn, PERSON, "once", now=NOW)
    assert (await store.keep_note(turn, PERSON, "once", now=NOW + SECOND)) == first
    assert (await store.keep_note(turn, CHANNEL, "once", now=NOW)).id != first.id


async def test_no_more_than_may_be(database_url: str, store: Store, worker: Worker) -> None:
    """Not even where several are written at once; another person's are counted by themselves."""
    turn = await asked(store, worker)
    async with opened(database_url) as database:
        stores = (store, Store(database))
        tried = [stores[i % 2].keep_note(turn, PERSON, f"note {i}", now=NOW) for i in range(MOST + 6)]
        done = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(one, NotesFull) for one in done) == 6
    assert len(await store.notes(turn)) == MOST
    await store.keep_note(turn, CHANNEL, "the channel has room", now=NOW)
    await store.drop_note(turn, (await store.notes(turn))[5].id)
    await store.keep_note(turn, PERSON, "and now there is room again", now=NOW)


async def test_who_lost_the_turn_keeps_nothing(store: Store, worker: Worker, rival: Worker) -> None:
    """A process whose lease has ended writes no note."""
    turn = await asked(store, worker)
    assert await rival.claim(at=NOW + 2 * MINUTE)
    with pytest.raises(LeaseLost):
        await store.keep_note(turn, PERSON, "late", now=NOW)


async def test_only_what_can_be_read_can_be_dropped(store: Store, worker: Worker) -> None:
    """A number of somebody else's note, or of another channel's, is no note at all; numbers never come back."""
    bens = await written(store, worker, "Ben's", PERSON, by=BEN)
    elsewhere = await written(store, worker, "elsewhere", CHANNEL, key=ELSEWHERE)
    here = await written(store, worker, "here", CHANNEL, by=BEN)
    turn = await asked(store, worker)
    assert await store.drop_note(turn, bens) is None
    assert await store.drop_note(turn, elsewhere) is None
    dropped = await store.drop_note(turn, here)
    assert dropped is not None
    assert dropped.text == "here"
    assert await store.drop_note(turn, here) is None
    assert (await store.keep_note(turn, CHANNEL, "another", now=NOW)).id > here


# ── going ──


@pytest.mark.parametrize(
    ("reach", "left"),
    [
        (HERE, {"anna's elsewhere", "ben's", "ben for all"}),
        (replace(HERE, place=HERE.place.whole), {"ben's", "ben for all"}),
        (replace(HERE, person=None), {"anna's elsewhere"}),
    ],
)
async def test_they_are_forgotten_like_messages(
    store: Store, worker: Worker, database_url: str, reach: Reach, left: set[str]
) -> None:
    """Those that a person had kept there, for whomever; or all of the channel. The figures say how many."""
    await written(store, worker, "anna's", PERSON)
    await written(store, worker, "anna for all", CHANNEL)
    await written(store, worker, "anna's elsewhere", PERSON, key=ELSEWHERE)
    await written(store, worker, "ben's", PERSON, by=BEN)
    await written(store, worker, "ben for all", CHANNEL, by=BEN)
    assert (await store.holdings(reach)).notes == 5 - len(left)
    await forget(store, reach)
    assert await store.holdings(reach) == Holdings()
    async with opened(database_url) as database:
        remains = await everything(database)
    all_texts = {"anna's", "anna for all", "anna's elsewhere", "ben's", "ben for all"}
    assert {text for text in all_texts if f'"{text}"' in remains} == left


async def test_of_one_conversation_alone(store: Store, worker: Worker) -> None:
    """A thread's notes go with it, and those of other threads stay."""
    await written(store, worker, "here", PERSON)
    await written(store, worker, "there", PERSON, key=THREADS)
    await forget(store, replace(HERE, conversation=await store.conversation_number(KEY)))
    assert await read(store, worker) == ["there"]


async def test_notes_outlive_their_turns(store: Store, worker: Worker) -> None:
    """What was said has become old, the notes have not: they are still counted, told, and can be forgotten."""
    await written(store, worker, "keep me", PERSON)
    await store.purge(Kept.CONVERSATIONS, Place.of(KEY), before=NOW + MINUTE)
    holdings = await store.holdings(HERE)
    assert (holdings.messages, holdings.notes) == (0, 1)
    assert holdings
    (told,) = [one async for kind, one in store.told(HERE) if kind == "notes"]
    assert (told["text"], told["for"], told["channel"], told["name"]) == ("keep me", "person", "C1", "Anna")
    await forget(store, HERE)
    assert not await store.holdings(HERE)


async def test_written_after_the_figures_stays(store: Store, worker: Worker) -> None:
    """An order means what was there when the person read its figures."""
    await written(store, worker, "before", PERSON)
    by = AuditEntry(at=NOW, place=HERE.place, actor=ANNA, action="forget.here")
    order = await store.order_erasure(HERE, through=(await store.holdings(HERE)).through, by=by, now=NOW)
    await written(store, worker, "after", PERSON)
    while (await store.erase(order, now=NOW)).erased:
        pass
    assert await read(store, worker) == ["after"]


async def test_a_forgotten_turn_keeps_nothing(store: Store, worker: Worker) -> None:
    """It is still being answered when its asker takes the question back: then its tools write no note any more."""
    turn = await asked(store, worker)
    await forget(store, HERE)
    with pytest.raises(LeaseLost):
        await store.keep_note(turn, PERSON, "too late", now=NOW)


async def test_old_notes_go(store: Store, worker: Worker) -> None:
    """By their own age, counted from when they were written."""
    turn = await asked(store, worker)
    await store.keep_note(turn, PERSON, "old", now=NOW - timedelta(days=10))
    await store.keep_note(turn, CHANNEL, "new", now=NOW)
    (due,) = await store.places_with(Kept.NOTES, after=None)
    assert (due.place, due.oldest) == (Place.of(KEY), NOW - timedelta(days=10))
    assert await store.purge(Kept.NOTES, due.place, before=NOW) == 1
    assert [note.text for note in await store.notes(turn)] == ["new"]
