"""Who works on which turn, in which order, and who may write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from core.conversation import Platform
from core.errors import LeaseLost
from core.store import OpenTurns, Store
from core.turn import Lease, MessageRef, Signal, Turn, TurnState
from tests.core.store.scene import (
    ANNA,
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
    said,
    state,
    texts,
)

SLACK = [Platform.SLACK]
OTHER_KEY = replace(KEY, thread="other")


async def test_claimed_turn_belongs_to_its_owner(store: Store, worker: Worker, rival: Worker) -> None:
    """It runs with a lease, counts the attempt, and nobody else gets it while the lease holds."""
    accepted = await accept(store, said())
    turn = await worker.claimed()
    lease = Lease(owner="w1", until=NOW + MINUTE, number=1)
    assert turn == replace(accepted.turn, state=TurnState.RUNNING, attempt=1, lease=lease)
    assert await rival.claim() is None
    assert await rival.claim(at=NOW + MINUTE) is None


async def test_only_the_named_platforms_are_claimed(store: Store, worker: Worker) -> None:
    """A process without Discord leaves Discord's turns to others."""
    await accept(store, said(key=replace(KEY, platform=Platform.DISCORD)))
    assert await worker.claim() is None
    assert await store.claim([], "w1", now=NOW, until=LATER) is None
    turn = await store.claim([Platform.SLACK, Platform.DISCORD], "w1", now=NOW, until=LATER)
    assert turn is not None


async def test_oldest_first_and_one_at_a_time_in_a_conversation(store: Store, worker: Worker) -> None:
    """Conversations run side by side; in one of them the next turn waits for the end of the one before (law 2)."""
    first = await accept(store, said(by=ANNA), at=NOW)
    second = await accept(store, said(by=BEN), at=NOW + SECOND)
    other = await accept(store, said(key=OTHER_KEY), at=NOW + 2 * SECOND)
    turn = await worker.claimed()
    assert turn.id == first.turn.id
    assert (await worker.claimed()).id == other.turn.id
    assert await worker.claim() is None
    await store.finish(turn, DONE, [], now=NOW)
    assert (await worker.claimed()).id == second.turn.id


async def test_lease_that_ended_lets_another_take_over(store: Store, worker: Worker, rival: Worker) -> None:
    """The turn goes on with the same messages, as a new attempt with a higher number (law 3)."""
    await accept(store, said())
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=NOW)
    assert await state(store, turn) is TurnState.STREAMING
    taken = await rival.claimed(at=LATER)
    lease = Lease(owner="w2", until=LATER + MINUTE, number=2)
    assert taken == replace(turn, state=TurnState.RUNNING, attempt=2, lease=lease, posts=(POST,))


async def test_take_over_keeps_a_stop_and_forgets_a_restart(store: Store, worker: Worker, rival: Worker) -> None:
    """A new owner begins anew by itself, but who asked for an end gets one."""
    await accept(store, said())
    turn = await worker.claimed()
    await store.signal(turn.id, KEY, Signal.RESTART, now=NOW)
    taken = await rival.claimed(at=LATER)
    assert await store.signal_of(taken) is None
    await store.signal(turn.id, KEY, Signal.STOP, now=LATER)
    back = await worker.claimed(at=LATER + 2 * MINUTE)
    assert await store.signal_of(back) is Signal.STOP


async def test_renewed_leases_go_on(store: Store, worker: Worker, rival: Worker) -> None:
    """Who renews keeps the turn; the answer names those that are still its own."""
    await accept(store, said())
    await accept(store, said(key=OTHER_KEY))
    first, second = await worker.claimed(), await worker.claimed()
    assert await store.renew([first.id], "w1", now=LATER, until=LATER + MINUTE) == {first.id: None}
    assert (await rival.claimed(at=LATER)).id == second.id
    assert await store.renew([first.id, second.id], "w1", now=LATER, until=LATER + MINUTE) == {first.id: None}
    assert await store.renew([], "w1", now=LATER, until=LATER) == {}


async def test_released_turn_waits_without_counting(store: Store, worker: Worker, rival: Worker) -> None:
    """A process that is told to stop hands over: same messages, same attempt, a higher number."""
    await accept(store, said())
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=NOW)
    await store.release(turn, now=NOW)
    waiting = await store.turn(turn.id)
    assert waiting == replace(turn, state=TurnState.QUEUED, attempt=0, lease=None, posts=(POST,))
    taken = await rival.claimed()
    assert (taken.attempt, taken.lease) == (1, Lease(owner="w2", until=NOW + MINUTE, number=2))


Write = Callable[[Store, Turn], Awaitable[object]]
WRITES: dict[str, Write] = {
    "record_post": lambda store, turn: store.record_post(turn, 0, POST, now=NOW),
    "drop_post": lambda store, turn: store.drop_post(turn, 0),
    "finish": lambda store, turn: store.finish(turn, DONE, [assistant()], now=NOW),
    "release": lambda store, turn: store.release(turn, now=NOW),
    "signal_of": lambda store, turn: store.signal_of(turn),
    "summarise": lambda store, turn: store.summarise(turn, "notes", through_seq=1, tokens=1, now=NOW),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_who_lost_the_lease_writes_nothing(store: Store, worker: Worker, rival: Worker, write: Write) -> None:
    """Every write of the old owner is refused after a take-over, even by a process of the same name (law 3)."""
    await accept(store, said())
    lost = await worker.claimed()
    own = await worker.claimed(at=LATER)
    assert own.lease is not None
    with pytest.raises(LeaseLost):
        await write(store, lost)
    unclaimed = replace(own, lease=None)
    with pytest.raises(LeaseLost):
        await write(store, unclaimed)
    taken = await rival.claimed(at=LATER + 2 * MINUTE)
    with pytest.raises(LeaseLost):
        await write(store, own)
    assert await store.turn(taken.id) == taken
    assert await texts(store, taken) == ["hello"]


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_nobody_writes_once_the_turn_has_ended(store: Store, worker: Worker, write: Write) -> None:
    """A turn ends once."""
    await accept(store, said())
    turn = await worker.answer()
    with pytest.raises(LeaseLost):
        await write(store, turn)


async def test_late_owner_may_write_until_somebody_takes_over(store: Store, worker: Worker) -> None:
    """A lease that ended a moment ago is still the owner's as long as nobody else has wanted it."""
    await accept(store, said())
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=LATER)
    assert await store.renew([turn.id], "w1", now=LATER, until=LATER + MINUTE) == {turn.id: None}


async def test_posts_are_recorded_by_place(store: Store, worker: Worker, rival: Worker) -> None:
    """Each place of the answer has one message; a later one takes the place, and a dropped one leaves no gap for the
    next owner, who counts from 0."""
    await accept(store, said())
    turn = await worker.claimed()
    second, third = (MessageRef(channel="C1", message=f"900.{n}") for n in (2, 3))
    rooted = replace(POST, root="800.0")
    await store.record_post(turn, 0, POST, now=NOW)
    await store.record_post(turn, 0, rooted, now=NOW)
    await store.record_post(turn, 1, second, now=NOW)
    await store.record_post(turn, 2, third, now=NOW)
    assert (await _posts(store, turn)) == (rooted, second, third)
    await store.drop_post(turn, 1)
    taken = await rival.claimed(at=LATER)
    assert taken.posts == (rooted, third)
    await store.record_post(taken, 1, second, now=LATER)
    assert await _posts(store, turn) == (rooted, second)


async def _posts(store: Store, turn: Turn) -> tuple[MessageRef, ...]:
    found = await store.turn(turn.id)
    assert found is not None
    return found.posts


async def test_busy_workspace_does_not_starve_another_with_one_slot(store: Store, worker: Worker) -> None:
    """Where one turn runs at a time, two workspaces take turns, however long the first one's queue."""
    for n in range(6):
        await accept(store, said(key=replace(KEY, workspace="busy", thread=f"t{n}")), at=NOW)
    for n in range(2):
        await accept(store, said(key=replace(KEY, workspace="calm", thread=f"t{n}")), at=NOW + MINUTE)
    served = []
    for n in range(8):
        turn = await worker.answer(at=LATER + n * SECOND)
        served.append(turn.key.workspace)
    assert served == ["busy", "calm", "busy", "calm", *["busy"] * 4]


async def test_busy_workspace_does_not_take_every_slot(store: Store, worker: Worker) -> None:
    """Where many run at once, slots are shared evenly, and within a workspace the oldest comes first."""
    for n in range(20):
        await accept(store, said(key=replace(KEY, workspace="busy", thread=f"t{n}")), at=NOW + n * SECOND)
    first = [await worker.claimed(at=NOW + MINUTE) for _ in range(4)]
    assert [turn.key.thread for turn in first] == ["t0", "t1", "t2", "t3"]
    for n in range(3):
        await accept(store, said(key=replace(KEY, workspace="calm", thread=f"t{n}")), at=NOW + MINUTE)
    second = [await worker.claimed(at=NOW + MINUTE) for _ in range(4)]
    assert Counter(turn.key.workspace for turn in second) == {"calm": 3, "busy": 1}


async def test_work_is_counted_for_health(store: Store, worker: Worker) -> None:
    """How many turns wait, how many run, and since when the first one has been waiting; by platform."""
    assert await store.open_turns(SLACK) == OpenTurns(queued=0, live=0, oldest_queued_at=None)
    for n in range(4):
        await accept(store, said(key=replace(KEY, thread=f"t{n}")), at=NOW + n * SECOND)
    await worker.answer()
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=NOW)
    assert await store.open_turns(SLACK) == OpenTurns(queued=2, live=1, oldest_queued_at=NOW + 2 * SECOND)
    assert (await store.open_turns([Platform.DISCORD])).queued == 0


async def test_open_turn_of_a_conversation(store: Store, worker: Worker) -> None:
    """The one being answered, then the next that waits, then none; only of that very conversation."""
    assert await store.open_turn(KEY) is None
    await accept(store, said())
    live = await worker.claimed()
    waiting = await accept(store, said())
    assert await store.open_turn(KEY) == live
    for key in (OTHER_KEY, KEY.channel_key, replace(KEY, workspace="T2")):
        assert await store.open_turn(key) is None
    await store.finish(live, DONE, [], now=NOW)
    assert await store.open_turn(KEY) == waiting.turn
    await worker.answer()
    assert await store.open_turn(KEY) is None
