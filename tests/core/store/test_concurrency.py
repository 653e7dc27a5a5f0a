"""Many tasks and two processes at once, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.conversation import ConversationKey, Platform
from core.errors import LeaseLost
from core.incoming import IncomingKind
from core.store import Accepted, Duplicate, Retracted, Store, conversations, turns
from core.turn import Outcome, Signal, Turn, TurnState
from tests.core.store.scene import (
    BEN,
    DONE,
    KEY,
    LATER,
    MINUTE,
    NOW,
    POST,
    SECOND,
    Worker,
    accept,
    assistant,
    deleted,
    edited,
    opened,
    pressed,
    said,
)


@pytest.fixture
async def second_store(database_url: str) -> AsyncIterator[Store]:
    """Another process on the same database."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()


async def test_duplicates_at_once_have_one_effect(store: Store, second_store: Store) -> None:
    """Fifty deliveries of one mention, as two kinds of event and to two processes: one of them counts (law 1)."""
    mention = said()
    message = replace(mention, kind=IncomingKind.FOLLOW_UP)
    await accept(store, said("before", by=BEN))
    results = await asyncio.gather(
        *(
            (store if n % 2 else second_store).accept(mention if n % 3 else message, tokens=5, now=NOW)
            for n in range(50)
        )
    )
    kinds = Counter(type(result) for result in results)
    assert kinds == {Accepted: 1, Duplicate: 49}
    accepted = next(result for result in results if isinstance(result, Accepted))
    assert [message.text for message in await store.asks(accepted.turn.id)] == ["hello"]


async def test_first_messages_of_a_conversation_at_once(store: Store, second_store: Store) -> None:
    """Ten people begin a thread at the same moment: one conversation, ten turns, numbered without a gap."""
    people = [replace(BEN, id=f"U{n}") for n in range(10)]
    accepted = await asyncio.gather(
        *((store if n % 2 else second_store).accept(said(by=one), tokens=5, now=NOW) for n, one in enumerate(people))
    )
    assert sorted(one.turn.seq for one in accepted if isinstance(one, Accepted)) == list(range(1, 11))


class Office:
    """Two owners who answer everything, and what an observer sees of it."""

    def __init__(self) -> None:
        self.live: dict[ConversationKey, int] = {}
        self.order: dict[ConversationKey, list[int]] = defaultdict(list)
        self.finished = 0

    async def work(self, store: Store, owner: str, total: int) -> None:
        """Claims and answers until all is done."""
        while self.finished < total:
            turn = await store.claim([Platform.SLACK], owner, now=NOW, until=LATER)
            if turn is None:
                await store.wait_for_work(0.02)
                continue
            assert turn.key not in self.live, "two live turns in one conversation"
            self.live[turn.key] = turn.id
            self.order[turn.key].append(turn.seq)
            await store.record_post(turn, 0, POST, now=NOW)
            del self.live[turn.key]
            await store.finish(turn, DONE, [assistant()], now=NOW)
            self.finished += 1


async def test_two_owners_keep_the_order_of_every_conversation(store: Store, second_store: Store) -> None:
    """A hundred turns of thirty conversations, six tasks of two processes: none twice, none out of turn, never two at
    once in one conversation (law 2)."""
    keys = [replace(KEY, thread=f"t{n}") for n in range(30)]
    for n in range(100):
        person = replace(BEN, id=f"U{n}")
        await accept(store, said(by=person, key=keys[n % 30]), at=NOW + n * SECOND)
    office = Office()
    async with asyncio.timeout(30):
        await asyncio.gather(
            *(office.work(store, "w1", 100) for _ in range(3)),
            *(office.work(second_store, "w2", 100) for _ in range(3)),
        )
    expected = {key: list(range(1, 5 if n < 10 else 4)) for n, key in enumerate(keys)}
    assert office.order == expected
    assert office.finished == 100


async def test_message_joins_or_follows_but_is_never_lost(store: Store, second_store: Store) -> None:
    """While turns are claimed in another process, each message is answered by exactly one of them (law 2)."""
    texts = [f"m{n}" for n in range(40)]
    answered: list[str] = []

    async def ask() -> None:
        for text in texts:
            await accept(store, said(text))

    async def answer(asking: asyncio.Task[None]) -> None:
        while True:
            over = asking.done()
            turn = await second_store.claim([Platform.SLACK], "w2", now=NOW, until=LATER)
            if turn is None and over:
                return
            if turn is not None:
                answered.extend(message.text for message in await second_store.asks(turn.id))
                await second_store.finish(turn, DONE, [], now=NOW)

    asking = asyncio.create_task(ask())
    async with asyncio.timeout(30):
        await answer(asking)
    assert answered == texts


async def test_one_take_over_for_one_lost_lease(store: Store, second_store: Store) -> None:
    """Ten claimers see the same ended lease: one has the turn, and the old owner is fenced off."""
    await accept(store, said())
    lost = await Worker(store, "w0").claimed()
    claims = await asyncio.gather(
        *(
            (store if n % 2 else second_store).claim([Platform.SLACK], f"w{n + 1}", now=LATER, until=LATER + MINUTE)
            for n in range(10)
        )
    )
    (taken,) = [turn for turn in claims if turn is not None]
    assert taken.lease is not None
    assert taken.lease.number == 2
    with pytest.raises(LeaseLost):
        await store.finish(lost, DONE, [assistant()], now=LATER)


async def test_take_over_or_finish_but_not_both(store: Store, second_store: Store) -> None:
    """The owner finishes at the very moment its lease is taken over: one of the two has happened."""
    for n in range(8):
        key = replace(KEY, thread=f"t{n}")
        await accept(store, said(key=key))
        turn = await Worker(store, "w1").claimed()
        ended, taken = await asyncio.gather(
            store.finish(turn, DONE, [assistant()], now=LATER),
            second_store.claim([Platform.SLACK], "w2", now=LATER, until=LATER + MINUTE),
            return_exceptions=True,
        )
        assert not isinstance(taken, BaseException)
        if taken is None:
            assert ended is None
        else:
            assert isinstance(ended, LeaseLost)
            await second_store.finish(taken, DONE, [assistant()], now=LATER)


async def test_another_answer_and_a_new_message_at_once(store: Store, second_store: Store) -> None:
    """Somebody presses the button while somebody writes: the message is accepted, and the button counts only where
    the old answer was still the last."""
    for n in range(8):
        key = replace(KEY, thread=f"t{n}")
        await accept(store, said("old", key=key))
        old = await Worker(store, "w1").answer()
        again, new = await asyncio.gather(
            second_store.again(old.id, pressed(key=key), now=NOW), store.accept(said("new", key=key), tokens=5, now=NOW)
        )
        assert isinstance(new, Accepted)
        assert new.turn.seq == (3 if isinstance(again, Accepted) else 2)
        await store.signal(new.turn.id, key, Signal.STOP, now=NOW)
        if isinstance(again, Accepted):
            await store.signal(again.turn.id, key, Signal.STOP, now=NOW)


async def test_claiming_steps_over_what_is_locked(postgresql_url: str) -> None:
    """While a transaction holds the oldest turn, the next one is claimed at once."""
    async with opened(postgresql_url) as database:
        store = Store(database)
        held = await accept(store, said(), at=NOW)
        free = await accept(store, said(key=replace(KEY, thread="t2")), at=NOW + SECOND)
        async with database.writing() as session, asyncio.timeout(10):
            await turns.row_of(session, held.turn.id, lock=True)
            assert (await Worker(store, "w1").claimed()).id == free.turn.id
            assert await Worker(store, "w1").claim() is None
        assert (await Worker(store, "w1").claimed()).id == held.turn.id


async def test_ending_does_not_wait_for_the_conversation(postgresql_url: str) -> None:
    """While a transaction holds the conversation to add a turn, an answer can be stored: else the two could wait for
    each other, one for the conversation and one for the turn."""
    async with opened(postgresql_url) as database:
        store = Store(database)
        asked = said()
        await accept(store, asked)
        turn = await Worker(store, "w1").claimed()
        async with database.writing() as session, asyncio.timeout(10):
            assert await conversations.locked_for(session, asked) is not None
            await conversations.locked(session, (await conversations.of_turn(session, turn)).id)
            await store.finish(turn, DONE, [assistant()], now=NOW)


async def test_everything_at_once_in_one_conversation(store: Store, second_store: Store) -> None:
    """Messages, edits, deletions, signals, claims, ends, summaries and second answers of one conversation meet in two
    processes: no deadlock, and every message that stays stands in it once, with its new text."""
    asked = [said(f"m{n}", by=replace(BEN, id=f"U{n % 3}")) for n in range(30)]
    kept = asked[:20]

    async def people(through: Store) -> None:
        for n, incoming in enumerate(asked):
            await through.accept(incoming, tokens=5, now=NOW)
            await through.amend(edited(incoming, f"edited {n}"), tokens=5, now=NOW)
            if incoming not in kept:
                assert isinstance(await through.retract(deleted(incoming), now=NOW), Retracted | Duplicate)

    async def process(through: Store, owner: str, watched: list[asyncio.Task[None]]) -> None:
        while True:
            over = all(task.done() for task in watched)
            turn = await through.claim([Platform.SLACK], owner, now=NOW, until=LATER)
            if turn is not None:
                await _answered(through, turn)
            elif over:
                return

    watched = [asyncio.create_task(people(through)) for through in (store, second_store)]
    async with asyncio.timeout(50):
        await asyncio.gather(
            *watched, *(process(through, owner, watched) for through, owner in ((store, "w1"), (second_store, "w2")))
        )
    await accept(store, said("last", by=replace(BEN, id="last")))
    history = await store.history(await Worker(store, "w3").claimed(), room=100_000)
    found = [message.text for message in history.messages if message.author is not None]
    assert Counter(found) == Counter([*(f"edited {n}" for n in range(len(kept))), "last"])


async def _answered(store: Store, turn: Turn) -> None:
    await store.signal(turn.id, turn.key, Signal.RESTART, now=NOW)
    await store.summarise(turn, "notes", through_seq=0, tokens=1, now=NOW)  # takes its locks, covers nothing
    await store.finish(turn, Outcome(state=TurnState.FAILED, text=""), [assistant()], now=NOW)
    await store.again(turn.id, pressed(), now=NOW)
