"""How workers learn at once that there is something to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from core.conversation import Platform, Role, text_message
from core.store import Accepted, Store
from core.turn import Signal, Turn, TurnState
from sandbox.postgres import execute
from tests.core.store.scene import BEN, DONE, KEY, NOW, TERMINATE, Worker, accept, deleted, edited, pressed, said

SOON = 20.0
"""Seconds within which a bell must ring. Far more than it takes: nobody waits for the end of it."""


async def quiet(store: Store) -> None:
    """Whatever was announced so far has been heard."""
    while await store.wait_for_work(0):
        pass


async def test_accepted_message_wakes_a_waiting_worker(store: Store) -> None:
    """Who waits is woken by the commit; with nothing new, the time passes."""
    await quiet(store)
    assert not await store.wait_for_work(0)
    waiting = asyncio.create_task(store.wait_for_work(SOON))
    await asyncio.sleep(0)
    await accept(store, said())
    assert await waiting


async def test_news_while_nobody_waits_is_kept(store: Store) -> None:
    """What is accepted between a worker's last look and its waiting does not wait for the next look."""
    await quiet(store)
    await accept(store, said())
    assert await store.wait_for_work(SOON)


Step = Callable[[Store, Turn], Awaitable[object]]
STEPS: dict[str, Step] = {
    "finish": lambda store, turn: store.finish(turn, DONE, [], now=NOW),
    "release": lambda store, turn: store.release(turn, now=NOW),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_end_and_hand_over_wake(store: Store, worker: Worker, step: Step) -> None:
    """Either may leave a turn that can be claimed: the next of the conversation, or the same."""
    await accept(store, said())
    await accept(store, said(by=BEN))
    turn = await worker.claimed()
    await quiet(store)
    await step(store, turn)
    assert await store.wait_for_work(SOON)
    assert await worker.claim() is not None


async def test_cancelled_turn_in_front_wakes(store: Store, worker: Worker) -> None:
    """The next turn of its conversation is ready."""
    first = await accept(store, said())
    await accept(store, said(by=BEN))
    await quiet(store)
    await store.signal(first.turn.id, KEY, Signal.STOP, now=NOW)
    assert await store.wait_for_work(SOON)
    assert await worker.claim() is not None


async def test_wish_for_another_answer_wakes(store: Store, worker: Worker) -> None:
    """Its turn waits to be claimed."""
    await accept(store, said())
    turn = await worker.answer()
    await quiet(store)
    assert isinstance(await store.again(turn.id, pressed(), now=NOW), Accepted)
    assert await store.wait_for_work(SOON)


async def test_signals_name_their_turns(store: Store, worker: Worker) -> None:
    """Stopping, an edited and a deleted question: the owner's process hears of each turn at once."""
    asked = [said(key=replace(KEY, thread=f"t{n}")) for n in range(3)]
    for incoming in asked:
        await accept(store, incoming)
    turns = [await worker.claimed() for _ in asked]
    await store.amend(edited(asked[0], "other"), tokens=5, now=NOW)
    await hear(store, turns[0].id)
    await store.retract(deleted(asked[1]), now=NOW)
    await hear(store, turns[1].id)
    await store.signal(turns[2].id, turns[2].key, Signal.STOP, now=NOW)
    await hear(store, turns[2].id)


async def hear(store: Store, turn_id: int) -> None:
    """The turn's signal is announced, perhaps after another's echo."""
    while turn_id not in await store.wait_for_signals(SOON):
        pass


async def test_rolled_back_news_is_no_news(store: Store, worker: Worker) -> None:
    """What did not become true wakes nobody."""
    await accept(store, said())
    turn = await worker.claimed()
    await quiet(store)
    with pytest.raises(ValueError, match="count"):
        await store.finish(turn, DONE, [text_message(Role.ASSISTANT, "uncounted")], now=NOW)
    assert not await store.wait_for_work(0.1)


@pytest.fixture
async def other_process(postgresql_url: str) -> AsyncIterator[Store]:
    """Another process on the same PostgreSQL."""
    store = await Store.open(postgresql_url)
    yield store
    await store.close()


async def test_processes_wake_each_other(postgresql_url: str, other_process: Store) -> None:
    """What one process accepts, another hears of at once, and so it is with signals."""
    store = await Store.open(postgresql_url)
    await quiet(store)
    await accept(other_process, said())
    assert await store.wait_for_work(SOON)
    turn = await Worker(store, "w1").claimed()
    await store.wait_for_signals(0)
    await other_process.signal(turn.id, KEY, Signal.STOP, now=NOW)
    assert await store.wait_for_signals(SOON) == {turn.id}
    await store.close()


async def test_listening_goes_on_after_the_connection_broke(postgresql_url: str, other_process: Store) -> None:
    """A worker whose connection breaks looks by itself once, listens anew, and hears what comes."""
    store = await Store.open(postgresql_url)
    await quiet(store)
    waiting = asyncio.create_task(store.wait_for_work(SOON))
    await asyncio.sleep(0)
    await execute(postgresql_url, TERMINATE)
    assert await waiting
    await quiet(store)
    await accept(other_process, said())
    assert await store.wait_for_work(SOON)
    assert (await Worker(store, "w1").claimed()).state is TurnState.RUNNING
    assert (await store.open_turns([Platform.SLACK])).live == 1
    await store.close()


async def test_waiting_without_a_server_takes_its_time(unused_tcp_port: int) -> None:
    """With the database away a worker just looks again later."""
    store = await Store.open(f"postgres://u@127.0.0.1:{unused_tcp_port}/d")
    assert not await store.wait_for_work(0.01)
    assert await store.wait_for_signals(0.01) == frozenset()
    await store.close()
