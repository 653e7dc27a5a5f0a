"""What people asked to be forgotten is gone, all of it and nothing else, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from core.audit import AuditEntry
from core.conversation import ConversationKey, Platform
from core.incoming import Attachment, Author, IncomingKind, ReplyTarget
from core.privacy import Holdings, Place, Reach
from core.store import Accepted, NotOurs, Store
from core.store.database import Database
from core.store.tables import MessageRow, TurnRow
from core.turn import Outcome, Signal, TurnState, Usage
from tests.core.store.remains import everything, on_disk
from tests.core.store.scene import (
    ANNA,
    BEN,
    DONE,
    KEY,
    LATER,
    NOW,
    POST,
    Worker,
    accept,
    assistant,
    deleted,
    edited,
    opened,
    pressed,
    said,
    texts,
)

ELSEWHERE = replace(KEY, channel="C2")
ABROAD = replace(KEY, workspace="T2")
HERE = Reach(place=Place.of(KEY), person=ANNA.id)
EVERYWHERE = Reach(place=Place.of(KEY).whole, person=ANNA.id)
CHANNEL = Reach(place=Place.of(KEY), person=None)


def wish(reach: Reach) -> AuditEntry:
    """What the log says of it."""
    return AuditEntry(at=NOW, place=reach.place, actor=Author(id=ANNA.id, name=""), action="forget.here")


async def order(store: Store, reach: Reach) -> int:
    """All that is there now within the reach is to go."""
    holdings = await store.holdings(reach)
    return await store.order_erasure(reach, through=holdings.through, by=wish(reach), now=NOW)


async def carry_out(store: Store, number: int, *, limit: int = 50) -> bool:
    """The order has been carried out as far as can be now; whether it is done."""
    while (progress := await store.erase(number, now=NOW, limit=limit)).erased:
        pass
    return progress.done


async def forget(store: Store, reach: Reach, *, limit: int = 50) -> bool:
    """Everything within the reach is forgotten; whether nothing is left to be done."""
    return await carry_out(store, await order(store, reach), limit=limit)


async def exchange(
    store: Store, worker: Worker, text: str, *, by: Author = ANNA, key: ConversationKey = KEY, answer: str = ""
) -> int:
    """Somebody asked and was answered; the turn's number."""
    accepted = await accept(store, said(text, by=by, key=key))
    await worker.answer(assistant(answer or f"answer to {text}"), outcome=replace(DONE, text=answer or f"to {text}"))
    return accepted.turn.id


async def read_next(store: Store, worker: Worker, key: ConversationKey = KEY) -> list[str]:
    """What a model that answers the next question there reads, without the question."""
    await accept(store, said("next", by=BEN, key=key))
    found = await texts(store, await worker.claimed())
    return found[:-1]


# ── reach ──


@pytest.mark.parametrize(
    ("reach", "left"),
    [
        (HERE, {"ben here", "anna elsewhere", "anna abroad"}),
        (EVERYWHERE, {"ben here", "anna abroad"}),
        (CHANNEL, {"anna elsewhere", "anna abroad"}),
    ],
)
async def test_only_what_is_within_reach_goes(store: Store, worker: Worker, reach: Reach, left: set[str]) -> None:
    """One person's or everybody's, in a channel or a workspace, and never beyond (law 7)."""
    await exchange(store, worker, "anna here")
    await exchange(store, worker, "ben here", by=BEN)
    await exchange(store, worker, "anna elsewhere", key=ELSEWHERE)
    await exchange(store, worker, "anna abroad", key=ABROAD)
    assert await forget(store, reach)
    told = []
    for key, by in itertools.product((KEY, ABROAD), (ANNA, BEN)):
        theirs = Reach(place=Place.of(key).whole, person=by.id)
        told += [one async for kind, one in store.told(theirs) if kind == "exchanges"]
    assert {message["text"] for one in told for message in one["messages"] if message["role"] == "user"} == left
    assert await store.holdings(reach) == Holdings()


async def test_one_conversation_alone(store: Store, worker: Worker) -> None:
    """Of a channel's conversations only the one that is meant loses the person's messages."""
    other = replace(KEY, thread="200.1")
    await exchange(store, worker, "secret")
    await exchange(store, worker, "kept", key=other)
    reach = replace(HERE, conversation=await store.conversation_number(KEY))
    assert await forget(store, reach)
    assert await store.conversation_number(KEY) is None
    assert await read_next(store, worker, other) == ["kept", "answer to kept"]


async def test_what_is_said_afterwards_stays(store: Store, worker: Worker) -> None:
    """An order means what was there when the person read its figures, however late it is carried out."""
    await exchange(store, worker, "before")
    number = await order(store, HERE)
    await exchange(store, worker, "after")
    assert await carry_out(store, number)
    assert await read_next(store, worker) == ["after", "answer to after"]


async def test_figures_are_exact(store: Store, worker: Worker) -> None:
    """As many messages, answers and summaries as will go, and afterwards none."""
    await exchange(store, worker, "one")
    await accept(store, said("two"))
    await accept(store, said("three"))  # answered together with the one before
    turn = await worker.claimed()
    await store.summarise(turn, "notes", through_seq=1, tokens=1, now=NOW)
    assert await store.holdings(HERE) == Holdings(messages=3, answers=2, summaries=1, through=turn.id)
    await forget(store, HERE)
    assert await store.holdings(HERE) == Holdings()


# ── completeness ──


async def test_nothing_of_it_is_in_any_row(store: Store, worker: Worker, database_url: str) -> None:
    """Words, names, files, answers, what the platform needs to know of a slash command: whatever was stored."""
    secret = "xyzzy"
    asker = Author(id="U1", name=f"Anna {secret}")
    details = {"name": asker.name, "question": secret, "user": asker.id}
    attachment = Attachment(id="F1", name=f"{secret}.pdf", media_type="a/b", size=1, url=f"https://x/{secret}")
    asked = said(
        secret, by=asker, target=ReplyTarget(key=KEY, kind="slash", details=details), attachments=(attachment,)
    )
    await exchange(store, worker, "hello", by=BEN)
    await accept(store, asked)
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=NOW)
    await store.finish(turn, replace(DONE, text=secret), [assistant(secret)], now=NOW)
    await store.again(turn.id, pressed(by=asker), now=NOW)
    await worker.answer(assistant(secret), outcome=replace(DONE, text=secret))
    await accept(store, said("more", by=BEN))
    summarising = await worker.claimed()
    await store.summarise(summarising, f"notes on {secret}", through_seq=turn.seq, tokens=5, now=NOW)
    async with opened(database_url) as database:
        assert await everything(database) != ""
        assert secret in await everything(database)
        assert await forget(store, EVERYWHERE)
        left = await everything(database, but=("usage", "audit"))
        assert secret not in left
        assert '"U1"' not in left
        assert secret not in await everything(database)


async def test_nothing_of_it_is_in_any_file(sqlite_url: str) -> None:
    """SQLite overwrites what it deletes, and its log is emptied: whoever steals the files reads nothing."""
    store = await Store.open(sqlite_url)
    worker = Worker(store, "w1")
    for n in range(50):
        await exchange(store, worker, f"xyzzy {n} " * 30, answer=f"plugh {n} " * 200)
    await exchange(store, worker, "kept", by=BEN)
    assert b"xyzzy" in on_disk(sqlite_url)
    assert await forget(store, HERE)
    await store.scrub()
    left = on_disk(sqlite_url)
    assert b"kept" in left
    assert b"xyzzy" not in left
    assert b"plugh" not in left
    await store.close()


async def test_accounts_stay(store: Store, worker: Worker) -> None:
    """What was used stays on the person's account: nobody resets a limit by forgetting."""
    await accept(store, said("costly"))
    usage = Usage(prompt_tokens=7, completion_tokens=3, model="m-1")
    await worker.answer(outcome=replace(DONE, usage=usage))
    await forget(store, EVERYWHERE)
    told = [one async for kind, one in store.told(EVERYWHERE) if kind == "usage"]
    assert [(one["prompt_tokens"], one["completion_tokens"], one["model"]) for one in told] == [(7, 3, "m-1")]


async def test_a_deleted_message_takes_its_summary_along(store: Store, worker: Worker) -> None:
    """What a person deletes on the platform is not kept in notes on it either."""
    asked = said("xyzzy")
    await accept(store, asked)
    await worker.answer()
    await accept(store, said("go on", by=BEN))
    turn = await worker.claimed()
    await store.summarise(turn, "notes on xyzzy", through_seq=1, tokens=3, now=NOW)
    await store.retract(deleted(asked), now=NOW)
    history = await store.history(turn, room=1_000)
    assert history.summary is None
    assert [message.text for message in history.messages] == ["an answer", "go on"]


# ── summaries ──


async def test_a_summary_goes_only_where_it_covers_what_is_forgotten(store: Store, worker: Worker) -> None:
    """Notes on what came before stay; notes on what is forgotten are gone, and what remains is read again."""
    await exchange(store, worker, "early", by=BEN)
    await exchange(store, worker, "secret")
    await accept(store, said("go on", by=BEN))
    turn = await worker.claimed()
    await store.summarise(turn, "notes on early", through_seq=1, tokens=3, now=NOW)
    await forget(store, HERE)
    history = await store.history(turn, room=1_000)
    assert history.summary is not None
    assert history.summary.text == "notes on early"
    erasures = history.erasures
    assert await store.summarise(turn, "notes", through_seq=2, tokens=3, now=NOW, erasures=erasures)
    assert await forget(store, replace(HERE, person=BEN.id)) is False  # one of his is being answered
    assert (await store.history(turn, room=1_000)).summary is None


async def test_a_summary_of_what_was_read_before_is_not_stored(store: Store, worker: Worker) -> None:
    """A process that was writing notes while somebody had them forgotten does not bring them back."""
    await exchange(store, worker, "secret")
    await accept(store, said("go on", by=BEN))
    turn = await worker.claimed()
    before = await store.history(turn, room=1_000)
    await forget(store, HERE)
    stored = await store.summarise(turn, "secret", through_seq=1, tokens=1, now=NOW, erasures=before.erasures)
    assert not stored
    after = await store.history(turn, room=1_000)
    assert after.summary is None
    assert [message.text for message in after.messages] == ["go on"]
    assert await store.summarise(turn, "fine", through_seq=1, tokens=1, now=NOW, erasures=after.erasures)


# ── open turns ──


async def test_what_nobody_has_begun_goes_at_once(store: Store, worker: Worker) -> None:
    """A question that waits is not answered, and the next one's turn has come."""
    await accept(store, said("secret"))
    await accept(store, said("hello", by=BEN))
    assert await forget(store, HERE)
    turn = await worker.claimed()
    assert await texts(store, turn) == ["hello"]


async def test_what_is_being_answered_stops_and_leaves_nothing(store: Store, worker: Worker, database_url: str) -> None:
    """Its owner is told to stop; whatever it ends with is not stored, its use is, and then the turn goes too."""
    await accept(store, said("secret question"))
    turn = await worker.claimed()
    number = await order(store, HERE)
    assert not await carry_out(store, number)
    assert await store.holdings(HERE) == Holdings()
    assert await store.asks(turn.id) == ()
    assert await store.renew([turn.id], "w1", now=NOW, until=LATER) == {turn.id: Signal.STOP}
    assert not await carry_out(store, number)
    outcome = Outcome(state=TurnState.CANCELLED, text="secret answer", usage=Usage(completion_tokens=5))
    assert await store.finish(turn, outcome, [assistant("secret answer")], now=NOW) is Signal.STOP
    assert await store.answer(turn.id) == ""
    async with opened(database_url) as database:
        assert "secret answer" not in await everything(database)
        assert await carry_out(store, number)
        assert "secret" not in await everything(database)
    assert await store.turn(turn.id) is None
    assert await store.erasures() == ()
    assert [one["completion_tokens"] async for kind, one in store.told(HERE) if kind == "usage"] == [5]


async def test_a_turn_taken_over_stops_too(store: Store, worker: Worker, rival: Worker) -> None:
    """The process died before it could obey: the next one still knows where to stop, and stores nothing."""
    await accept(store, said("secret"))
    first = await worker.claimed()
    number = await order(store, HERE)
    await carry_out(store, number)
    turn = await rival.claimed(at=LATER)
    assert (turn.id, turn.target) == (first.id, first.target)
    assert await store.signal_of(turn) is Signal.STOP
    await store.finish(turn, replace(DONE, state=TurnState.CANCELLED), [assistant("x")], now=LATER)
    assert await carry_out(store, number)
    assert await store.turn(turn.id) is None


async def test_a_new_question_does_not_join_what_is_stopping(store: Store, worker: Worker, rival: Worker) -> None:
    """What the person writes next is answered, although the old turn waits for a process to end it."""
    await accept(store, said("secret"))
    await store.release(await worker.claimed(), now=NOW)
    number = await order(store, HERE)
    await carry_out(store, number)
    accepted = await accept(store, said("new question"))
    assert not accepted.joined
    old = await worker.claimed()
    await store.finish(old, replace(DONE, state=TurnState.CANCELLED), [], now=NOW)
    assert await carry_out(store, number)
    turn = await rival.claimed()
    assert await texts(store, turn) == ["new question"]


async def test_a_forgotten_answer_is_not_given_again(store: Store, worker: Worker) -> None:
    """Its old buttons, edits and deletions find nothing."""
    asked = said("secret")
    await accept(store, asked)
    turn = await worker.answer()
    await exchange(store, worker, "hello", by=BEN)
    await forget(store, HERE)
    assert await store.again(turn.id, pressed(), now=NOW) == NotOurs()
    assert await store.amend(edited(asked, "changed"), tokens=1, now=NOW) == NotOurs()
    assert await store.retract(deleted(asked), now=NOW) == NotOurs()


async def test_what_is_said_in_anothers_turn(store: Store, worker: Worker, database_url: str) -> None:
    """Should a turn ever hold messages of several people, only the person's own leave it, and it is begun anew."""
    await accept(store, said("hello", by=BEN))
    await accept(store, said("secret"))
    turn = await worker.claimed()
    async with opened(database_url) as database:
        await _move(database, to=turn.id)
    number = await store.order_erasure(HERE, through=turn.id, by=wish(HERE), now=NOW)
    assert await carry_out(store, number)
    assert [message.text for message in await store.asks(turn.id)] == ["hello"]
    assert await store.signal_of(turn) is Signal.RESTART


async def _move(database: Database, *, to: int) -> None:
    """Puts Anna's messages into that turn and takes her own away, as no version of Parley has done so far."""
    async with database.writing() as session:
        row = (await session.execute(select(TurnRow).where(TurnRow.id == to))).scalar_one()
        hers = MessageRow.author_id == ANNA.id
        moved = {"turn_id": row.id, "turn_seq": row.seq, "position": 1}
        await session.execute(update(MessageRow).where(hers).values(moved))
        await session.execute(delete(TurnRow).where(TurnRow.asker_id == ANNA.id))


# ── a little at a time ──


async def test_in_steps_by_several_processes(database_url: str, store: Store, worker: Worker) -> None:
    """Each step is small, another process may go on at any point, and two at once do each other no harm."""
    for n in range(12):
        await exchange(store, worker, f"q{n}", key=replace(KEY, thread=str(n % 3)))
    number = await order(store, HERE)
    assert (await store.erase(number, now=NOW, limit=5)).erased == 5
    other = await Store.open(database_url)
    assert number in await other.erasures()
    await asyncio.gather(carry_out(store, number, limit=2), carry_out(other, number, limit=2))
    assert await carry_out(other, number)
    assert await store.holdings(HERE) == Holdings()
    assert await other.erasures() == ()
    assert (await other.erase(number, now=NOW)).done
    await other.close()


async def test_while_others_go_on(store: Store, worker: Worker, rival: Worker) -> None:
    """People ask, processes answer and end, while much is forgotten side by side: nobody waits for ever."""
    for n in range(20):
        await exchange(store, worker, f"q{n}")
        await exchange(store, worker, f"b{n}", by=BEN)
    mine, bens = await order(store, HERE), await order(store, replace(HERE, person=BEN.id))

    async def converse() -> None:
        for n in range(10):
            await store.accept(said(f"more {n}", by=BEN), tokens=1, now=NOW)
            if (turn := await rival.claim()) is not None:
                await store.finish(turn, DONE, [assistant()], now=NOW)

    await asyncio.gather(carry_out(store, mine, limit=3), converse(), carry_out(store, bens, limit=2))
    assert await carry_out(store, mine)
    assert await carry_out(store, bens)
    assert await store.holdings(HERE) == Holdings()


async def test_a_conversation_without_turns_is_gone(store: Store, worker: Worker) -> None:
    """Nothing says any more that there was one; a new question begins another."""
    await exchange(store, worker, "secret")
    await forget(store, HERE)
    assert await store.conversation_number(KEY) is None
    assert await store.accept(said("and?", kind=IncomingKind.FOLLOW_UP), tokens=1, now=NOW) == NotOurs()
    assert isinstance(await store.accept(said("again"), tokens=1, now=NOW), Accepted)


async def test_the_log_says_that_it_was_asked_for(store: Store, worker: Worker) -> None:
    """Who and where, in the same commit as the order."""
    await exchange(store, worker, "secret")
    await forget(store, HERE)
    (found,) = await store.audit(Place.of(KEY).whole)
    assert (found.action, found.actor.id, found.place) == ("forget.here", ANNA.id, Place.of(KEY))


async def test_platforms_have_their_own_people(store: Store, worker: Worker) -> None:
    """The same id on another platform is another person."""
    await exchange(store, worker, "mine")
    assert await forget(store, replace(EVERYWHERE, place=replace(EVERYWHERE.place, platform=Platform.DISCORD)))
    assert await read_next(store, worker) == ["mine", "answer to mine"]
