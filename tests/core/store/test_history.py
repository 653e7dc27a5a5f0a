"""What a model reads of a conversation, and what a summary takes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.conversation import Message
from core.store import Store, Summary
from core.store.tables import MessageRow
from core.turn import Turn
from tests.core.store.scene import BEN, DONE, KEY, NOW, SECOND, Worker, accept, assistant, deleted, said, texts

PAIR = 2 * (6 + 4)
"""Tokens of a question and its answer as `talk` makes them, framing included."""


async def talk(store: Store, worker: Worker, turns: int, *, at: datetime = NOW) -> Turn:
    """That many questions were answered, and one more is being answered now."""
    for n in range(1, turns + 1):
        await accept(store, said(f"q{n}"), tokens=6)
        await worker.answer(assistant(f"a{n}", tokens=6), at=at + n * SECOND)
    await accept(store, said("now"), tokens=6)
    return await worker.claimed(at=at)


def words(messages: tuple[Message, ...]) -> list[str]:
    """Their texts."""
    return [message.text for message in messages]


async def test_all_that_fits_is_read(store: Store, worker: Worker) -> None:
    """With room for everything, everything is there in its order, and nothing is said to be missing."""
    turn = await talk(store, worker, 3)
    history = await store.history(turn, room=3 * PAIR + 10)
    assert words(history.messages) == ["q1", "a1", "q2", "a2", "q3", "a3", "now"]
    assert (history.whole, history.oldest_seq, history.summary) == (True, 1, None)


async def test_newest_turns_first_and_whole(store: Store, worker: Worker) -> None:
    """A token less, and the oldest turn is left out whole: a question never stays without its answer."""
    turn = await talk(store, worker, 3)
    history = await store.history(turn, room=3 * PAIR + 9)
    assert words(history.messages) == ["q2", "a2", "q3", "a3", "now"]
    assert (history.whole, history.oldest_seq) == (False, 2)


@pytest.mark.parametrize("room", [0, 9, 10, 29])
async def test_own_messages_are_read_in_any_case(store: Store, worker: Worker, room: int) -> None:
    """However little room there is, the question is there; what comes before it only where it fits."""
    turn = await talk(store, worker, 1)
    history = await store.history(turn, room=room)
    assert words(history.messages) == ["now"]
    assert (history.whole, history.oldest_seq) == (False, 2)


async def test_lone_question_is_whole(store: Store, worker: Worker) -> None:
    """Where nothing comes before, nothing is missing, however little room there is."""
    history = await store.history(await talk(store, worker, 0), room=0)
    assert (words(history.messages), history.whole, history.oldest_seq) == (["now"], True, 1)


async def test_later_messages_are_not_read(store: Store, worker: Worker) -> None:
    """What was said after the turn's own messages belongs to later turns."""
    turn = await talk(store, worker, 1)
    await accept(store, said("later"))
    assert await texts(store, turn) == ["q1", "a1", "now"]


async def test_turns_without_messages_are_no_gap(store: Store, worker: Worker) -> None:
    """A question that was deleted leaves nothing behind that would count as missing."""
    gone = said("gone")
    await accept(store, said("q1"), tokens=6)
    await worker.answer(assistant("a1", tokens=6))
    await accept(store, gone)
    await store.retract(deleted(gone), now=NOW)
    await accept(store, said("now", by=BEN), tokens=6)
    history = await store.history(await worker.claimed(), room=PAIR + 10)
    assert words(history.messages) == ["q1", "a1", "now"]
    assert history.whole


async def test_conversations_do_not_mix(store: Store, worker: Worker) -> None:
    """The same channel and thread in another workspace is another conversation (law 7)."""
    await talk(store, worker, 1)
    key = replace(KEY, workspace="T2")
    await accept(store, said("ours", key=key))
    turn = await worker.claimed()
    assert turn.key == key
    assert await texts(store, turn) == ["ours"]


async def test_summary_takes_in_the_oldest(store: Store, worker: Worker) -> None:
    """First the oldest turns that no summary covers, whole and as many as fit; the rest the next time."""
    turn = await talk(store, worker, 5)
    messages, through = await store.uncovered(turn, before_seq=5, room=2 * PAIR)
    assert (words(messages), through) == (["q1", "a1", "q2", "a2"], 2)
    await store.summarise(turn, "notes", through_seq=through, tokens=3, now=NOW)
    messages, through = await store.uncovered(turn, before_seq=5, room=1_000)
    assert (words(messages), through) == (["q3", "a3", "q4", "a4"], 4)
    await store.summarise(turn, "more notes", through_seq=through, tokens=4, now=NOW)
    assert await store.uncovered(turn, before_seq=5, room=1_000) == ((), 4)


async def test_summary_stands_for_what_it_covers(store: Store, worker: Worker) -> None:
    """Covered turns are not read any more, and with the summary nothing is missing."""
    turn = await talk(store, worker, 4)
    await store.summarise(turn, "notes", through_seq=2, tokens=3, now=NOW)
    history = await store.history(turn, room=1_000)
    assert history.summary == Summary(text="notes", through_seq=2, tokens=3)
    assert words(history.messages) == ["q3", "a3", "q4", "a4", "now"]
    assert history.whole


async def test_longest_turn_is_taken_in_alone(store: Store, worker: Worker) -> None:
    """One that is larger than the room comes by itself: otherwise no summary would ever get past it."""
    turn = await talk(store, worker, 2)
    messages, through = await store.uncovered(turn, before_seq=3, room=1)
    assert (words(messages), through) == (["q1", "a1"], 1)


async def test_summary_never_covers_less_than_before(store: Store, worker: Worker) -> None:
    """A summary that was long in the making does not undo a later one."""
    turn = await talk(store, worker, 4)
    await store.summarise(turn, "far", through_seq=3, tokens=3, now=NOW)
    await store.summarise(turn, "near", through_seq=2, tokens=3, now=NOW)
    assert (await store.history(turn, room=0)).summary == Summary(text="far", through_seq=3, tokens=3)


async def test_own_question_is_read_even_if_a_summary_covers_it(store: Store, worker: Worker) -> None:
    """Should a summary ever reach the turn itself, its question still stands in front of the model."""
    turn = await talk(store, worker, 1)
    await store.summarise(turn, "notes", through_seq=turn.seq, tokens=3, now=NOW)
    assert await texts(store, turn) == ["now"]


@dataclass
class Work:
    """What a database had to do."""

    statements: int = 0
    messages: int = 0


@contextmanager
def watched() -> Iterator[Work]:
    """Counts statements and the messages that were loaded."""
    work = Work()

    def counted(*_: object) -> None:
        work.statements += 1

    def loaded(*_: object) -> None:
        work.messages += 1

    event.listen(Engine, "before_cursor_execute", counted)
    event.listen(MessageRow, "load", loaded)
    try:
        yield work
    finally:
        event.remove(Engine, "before_cursor_execute", counted)
        event.remove(MessageRow, "load", loaded)


async def test_reading_costs_the_same_in_a_long_thread(store: Store, worker: Worker) -> None:
    """No older message is loaded than is given to the model, and no further query is asked (law 8)."""
    costs = []
    turn = await talk(store, worker, 5)
    for _ in range(2):
        with watched() as work:
            history = await store.history(turn, room=4 * PAIR)
        assert len(history.messages) == work.messages == 7
        costs.append(work)
        await store.finish(turn, DONE, [assistant(tokens=6)], now=NOW)
        turn = await talk(store, worker, 40)
    assert costs[0] == costs[1]


async def test_much_room_is_filled_in_few_steps(store: Store, worker: Worker) -> None:
    """Batches grow, so a large window over many short turns needs few queries."""
    turn = await talk(store, worker, 100)
    with watched() as work:
        history = await store.history(turn, room=100_000)
    assert (len(history.messages), history.whole) == (201, True)
    assert work.statements <= 6
