"""One worker, or two on one database: leases kept or let go, signals heard, slots, and every message answered once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from core import endings
from core.errors import StoreUnavailable
from core.incoming import IncomingKind, ReplyTarget
from core.ports import Control, Finished, FinishReason, SurfaceLimits, TextDelta
from core.store import Store
from core.turn import Signal, TurnState
from core.worker import RENEWALS
from tests.core.engine.conftest import THREAD
from tests.core.engine.processes import LEASE, Process, StillClock, eventually, platform, up
from tests.doubles import FastClock, RecordingSurface, Script, says

TICK = LEASE.total_seconds() / RENEWALS


def open_ended() -> Script:
    """An answer that begins and goes on for ever."""
    return Script(steps=[TextDelta(text="Half an"), asyncio.Event()])


class UnsteadyStore(Store):
    """A database that stops answering to renewals: with an error, or not at all."""

    renewals = 0
    away = False
    hanging: asyncio.Event | None = None

    async def renew(
        self, turn_ids: Iterable[int], owner: str, *, now: datetime, until: datetime
    ) -> dict[int, Signal | None]:
        if self.hanging is not None:
            await self.hanging.wait()
        try:
            if self.away:
                raise StoreUnavailable("connection refused")
            return await super().renew(turn_ids, owner, now=now, until=until)
        finally:
            self.renewals += 1


@pytest.fixture
async def unsteady(database_url: str) -> AsyncIterator[UnsteadyStore]:
    """A store whose renewals a test breaks."""
    store = await UnsteadyStore.open(database_url)
    yield store
    await store.close()


async def _answering(process: Process) -> None:
    """The process is in the middle of an answer, and its post is recorded."""
    process.play(open_ended())
    await process.say("hi")
    await process.surface.wait_for(lambda: bool(process.surface.visible))

    async def recorded() -> bool:
        return await process.state(process.surface.visible[0].turn) is TurnState.STREAMING

    await eventually(recorded)


async def _tick(process: Process, store: UnsteadyStore) -> None:
    """The time of one renewal passes, and it has been tried."""
    before = store.renewals

    async def tried() -> bool:
        return store.renewals > before

    process.advance(TICK)
    await eventually(tried)
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_lease_is_kept_for_as_long_as_the_answer_takes(unsteady: UnsteadyStore) -> None:
    """However long it grows, nobody else may claim the turn meanwhile."""
    async with up(Process(unsteady)) as process:
        await _answering(process)
        for _ in range(7):
            await _tick(process, unsteady)
            assert await _lease_until(unsteady) == process.clock.now() + LEASE
        now = process.clock.now()
        assert await unsteady.claim([THREAD.platform], "other", now=now, until=now + LEASE) is None
        await _stopped(process)


async def test_an_edited_question_begins_its_answer_anew_once(unsteady: UnsteadyStore) -> None:
    """However often the lease is renewed while the new answer grows."""
    async with up(Process(unsteady)) as process:
        process.play(open_ended(), open_ended())
        asked = await process.say("cats?")
        await process.model.asked(1)
        await process.reception.receive(
            replace(asked, kind=IncomingKind.EDIT, event_id=f"{asked.event_id}:edit", text="dogs?")
        )
        await process.model.asked(2)
        for _ in range(4):
            await _tick(process, unsteady)
        await _stopped(process)
        assert [one.messages[-1].text for one in process.model.requests] == ["cats?", "dogs?"]


async def _lease_until(store: Store) -> datetime:
    turn = await store.open_turn(THREAD)
    assert turn is not None
    assert turn.lease is not None
    return turn.lease.until


async def _stopped(process: Process) -> None:
    """The open-ended answer has been ended by its asker."""
    turn = process.surface.visible[0].turn
    await process.press("stop", turn)
    await process.surface.wait_for(lambda: process.surface.visible[0].notice == endings.STOPPED)
    await process.idle()


async def test_a_worker_that_cannot_renew_lets_go_before_the_lease_ends(unsteady: UnsteadyStore) -> None:
    """When another process may take the turn over, this one has stopped writing."""
    async with up(Process(unsteady)) as process:
        await _answering(process)
        unsteady.away = True
        ends = await _lease_until(unsteady)
        await _tick(process, unsteady)
        assert process.worker.running == 1
        await _tick(process, unsteady)
        process.advance(TICK / 2)
        await asyncio.wait_for(_let_go(process), timeout=10)
        assert process.clock.now() < ends
        assert process.model.closed == 1


async def test_a_worker_whose_renewal_hangs_lets_go_too(unsteady: UnsteadyStore) -> None:
    """A database that says nothing at all is no reason to hold on."""
    async with up(Process(unsteady)) as process:
        await _answering(process)
        unsteady.hanging = asyncio.Event()
        ends = await _lease_until(unsteady)
        while process.worker.running and process.clock.now() < ends:
            process.advance(1)
            for _ in range(50):
                await asyncio.sleep(0)
        assert process.worker.running == 0
        assert process.clock.now() < ends
        unsteady.hanging.set()


async def _let_go(process: Process) -> None:
    await asyncio.gather(*process.worker.tasks)


async def test_a_database_that_is_back_in_time_costs_nothing(unsteady: UnsteadyStore) -> None:
    """One failed renewal is no reason to let go."""
    async with up(Process(unsteady)) as process:
        await _answering(process)
        unsteady.away = True
        await _tick(process, unsteady)
        unsteady.away = False
        for _ in range(4):
            await _tick(process, unsteady)
        assert process.worker.running == 1
        await _stopped(process)


async def test_stop_pressed_in_another_process_reaches_this_one(database_engine: str, database_url: str) -> None:
    """At once where the database tells, and with the next renewal elsewhere."""
    ours, theirs = await UnsteadyStore.open(database_url), await Store.open(database_url)
    async with up(Process(ours)) as process:
        await _answering(process)
        other = Process(theirs, surface=process.surface, clock=process.clock, owner="other")
        turn = process.surface.visible[0].turn
        assert await other.press("stop", turn) is None
        if database_engine == "sqlite":
            await _tick(process, ours)
        await process.surface.wait_for(lambda: process.surface.visible[0].notice == endings.STOPPED)
        await process.idle()
    await theirs.close()
    await ours.close()


async def test_slots_bound_what_runs_at_once(store: Store) -> None:
    """No more conversations are answered side by side than there are slots, and all are answered in the end."""
    gates = [asyncio.Event() for _ in range(7)]
    end = Finished(reason=FinishReason.STOP)
    process = Process(store, slots=3)
    process.play(*(Script(steps=[gate, TextDelta(text="ok"), end]) for gate in gates))
    async with up(process):
        for number in range(7):
            await process.say("hi", key=replace(THREAD, thread=f"9.{number}"))
        for number, gate in enumerate(gates):
            await process.model.asked(min(number + 3, 7))
            assert process.worker.running <= 3
            assert len(process.model.requests) <= number + 3
            gate.set()
        await process.ended(7)


class FaultySurface(RecordingSurface):
    """An adapter with a fault of its own in one channel."""

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        if target.key.channel == "broken":
            raise RuntimeError("a fault of ours")
        return super().limits(target)


async def test_one_broken_turn_ends_no_other(store: Store) -> None:
    """A fault that nobody foresaw stays with its turn, and the worker goes on."""
    process = Process(store, surface=FaultySurface(budget=platform()._budget))
    process.play(says("fine"))
    async with up(process):
        await process.say("hi", key=replace(THREAD, channel="broken"))
        await process.say("hi")
        await process.surface.wait_for(lambda: [d.text for d in process.surface.visible] == ["fine"])


async def test_two_workers_answer_each_message_once_and_in_order(database_url: str) -> None:
    """200 messages of 20 conversations, of ten people each, over two processes on one database: one reply each, and
    in each conversation the order of the questions."""
    stores = [await Store.open(database_url) for _ in range(2)]
    surface, clock = platform(), FastClock()
    processes = [
        Process(store, surface=surface, clock=clock, owner=f"process-{number}", lease=10_000 * LEASE)
        for number, store in enumerate(stores)
    ]
    for process in processes:
        process.start()
    keys = [replace(THREAD, thread=f"5.{number}") for number in range(20)]

    async def talk(number: int) -> None:
        for question in range(10):
            author = replace(processes[0].incoming("").author, id=f"U{question}", name=f"P{question}")
            await processes[(number + question) % 2].say(f"{number}/{question}", by=author, key=keys[number])

    await asyncio.gather(*(talk(number) for number in range(20)))
    async with asyncio.timeout(25):
        await surface.wait_for(lambda: _finished(surface) == 200)
        await asyncio.gather(*(process.idle() for process in processes))
    for key in keys:
        number = key.thread.removeprefix("5.") if key.thread else ""
        shown = [post.draft.text for post in surface.posts.values() if post.target.key == key]
        assert [text.rpartition(" ")[2] for text in shown] == [f"{number}/{question}" for question in range(10)]
    assert sum(len(process.model.requests) for process in processes) == 200
    assert all(process.model.requests for process in processes)
    for process, store in zip(processes, stores, strict=True):
        await process.stop()
        await store.close()


def _finished(surface: RecordingSurface) -> int:
    return sum(Control.STOP not in draft.controls for draft in surface.visible)


def test_the_clock_of_these_tests_stands_still() -> None:
    """No lease here ends because a machine is slow."""
    assert StillClock().now() == StillClock().now()
