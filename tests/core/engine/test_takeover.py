"""A process that dies loses nothing: another one takes its turns over, in the same messages (law 3)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from core import endings
from core.engine import ATTEMPTS
from core.errors import StoreUnavailable, SurfaceUnavailable
from core.ports import Control, Finished, FinishReason, ModelEvent, TextDelta
from core.store import Store
from core.turn import MessageRef, Signal, Turn, TurnState
from tests.core.engine.conftest import THREAD
from tests.core.engine.processes import LEASE, Process, StillClock, eventually, platform, up
from tests.doubles import RecordingSurface, Script, says

DEATH = LEASE.total_seconds() + 1


class Scene:
    """A first process, and others that come after it on the same platform, database and time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.surface = platform()
        self.clock = StillClock()

    def process(self, name: str, *scripts: Script, store: Store | None = None) -> Process:
        """A process that answers so."""
        process = Process(store or self.store, surface=self.surface, clock=self.clock, owner=name)
        process.play(*scripts)
        return process

    async def seen(self, text: str) -> None:
        """Returns when the newest message shows that text."""
        await self.surface.wait_for(lambda: bool(self.surface.visible) and self.surface.visible[-1].text == text)


@pytest.fixture
def scene(store: Store) -> Scene:
    """One database and one platform."""
    return Scene(store)


def half(*steps: ModelEvent | asyncio.Event) -> Script:
    """An answer that begins and never ends."""
    return Script(steps=[TextDelta(text="Half an"), *steps, asyncio.Event()])


async def test_a_turn_whose_process_died_is_completed_in_the_same_message(scene: Scene) -> None:
    """When the lease has ended another process answers anew, and people see one message with the whole answer."""
    first = scene.process("first", half())
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    await first.die()
    turn = scene.surface.visible[0].turn
    scene.clock.advance(DEATH)
    async with up(scene.process("second", says("A whole answer."))) as second:
        await second.ended()
    (draft,) = scene.surface.visible
    assert (draft.text, draft.controls) == ("A whole answer.", ())
    assert await scene.store.answer(turn) == "A whole answer."


async def test_before_the_lease_ends_nobody_takes_a_turn_over(scene: Scene) -> None:
    """A process that is only silent still has its turn."""
    first = scene.process("first", half())
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    await first.die()
    scene.clock.advance(DEATH - 2)
    now = scene.clock.now()
    assert await scene.store.claim([THREAD.platform], "second", now=now, until=now + LEASE) is None


async def test_a_post_that_nobody_recorded_is_found(scene: Scene) -> None:
    """The first process died between posting and recording: the second looks for the message and goes on in it."""
    first = scene.process("first", half(), store=scene.store)
    scene.surface.lose_answers = 1
    scene.surface.failures.append(SurfaceUnavailable("the answer never came"))
    first.start()
    await first.say("hi")
    await scene.surface.wait_for(lambda: bool(scene.surface.visible))
    await first.die()
    scene.clock.advance(DEATH)
    async with up(scene.process("second", says("A whole answer."))) as second:
        await second.ended()
    assert [draft.text for draft in scene.surface.visible] == ["A whole answer."]


async def test_a_post_that_was_not_recorded_before_going_down_is_found(scene: Scene) -> None:
    """A hand-over counts as no attempt, and yet the next process looks for what the first one could not record."""
    first = scene.process("first", half())
    scene.surface.lose_answers = 1
    scene.surface.failures.append(SurfaceUnavailable("the answer never came"))
    first.start()
    await first.say("hi")
    await scene.surface.wait_for(lambda: bool(scene.surface.visible))
    await first.go_down()
    async with up(scene.process("second", says("A whole answer."))) as second:
        await second.ended()
    assert [draft.text for draft in scene.surface.visible] == ["A whole answer."]


async def test_a_longer_first_half_leaves_nothing_behind(scene: Scene) -> None:
    """Messages that the shorter second answer does not need go away."""
    first = scene.process("first", Script(steps=[TextDelta(text="word " * 900), asyncio.Event()]))
    first.start()
    await first.say("hi")
    await scene.surface.wait_for(lambda: len(scene.surface.visible) == 3)
    await first.die()
    scene.clock.advance(DEATH)
    async with up(scene.process("second", says("Short."))) as second:
        await second.ended()
    assert [draft.text for draft in scene.surface.visible] == ["Short."]


async def test_a_lost_lease_stops_writing(scene: Scene) -> None:
    """A process that slept through its lease writes nothing more once it looks, and the other one's answer stays."""
    gate = asyncio.Event()
    first = scene.process("first", half(gate, TextDelta(text=" stale end"), Finished(reason=FinishReason.STOP)))
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    until = scene.clock.now() + timedelta(seconds=1)
    turn = await _stolen(scene, at=until + LEASE)
    scene.clock.advance(11)
    await asyncio.gather(*first.worker.tasks)
    gate.set()
    await first.stop()
    assert [draft.text for draft in scene.surface.visible] == ["Half an"]
    assert await scene.store.signal_of(turn) is None


async def test_a_stale_process_records_nothing(scene: Scene) -> None:
    """Its end is refused by the number of the lease, even where it has not heard of the loss."""
    gate = asyncio.Event()
    end = Finished(reason=FinishReason.STOP)
    first = scene.process("first", Script(steps=[TextDelta(text="Half an"), gate, end]))
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    turn = await _stolen(scene, at=scene.clock.now() + LEASE + LEASE)
    gate.set()
    await asyncio.gather(*first.worker.tasks)
    found = await scene.store.turn(turn.id)
    assert found is not None
    assert found.lease == turn.lease
    assert await scene.store.answer(turn.id) == ""
    await first.stop()


async def _stolen(scene: Scene, *, at: datetime) -> Turn:
    """Another process, whose clock is ahead, has the turn."""
    stolen: list[Turn] = []

    async def steal() -> bool:  # in vain while the first process is recording its post and has the row
        turn = await scene.store.claim([THREAD.platform], "thief", now=at, until=at + LEASE)
        stolen.extend([turn] if turn is not None else [])
        return turn is not None

    await eventually(steal)
    return stolen[0]


async def test_draining_hands_over_what_does_not_finish(scene: Scene) -> None:
    """The other process completes it in the same message at once, and no attempt is counted."""
    first = scene.process("first", half())
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    await first.go_down()
    turn = await scene.store.open_turn(THREAD)
    assert turn is not None
    assert (turn.state, turn.attempt, turn.lease) == (TurnState.QUEUED, 0, None)
    async with up(scene.process("second", says("A whole answer."))) as second:
        await second.ended()
    assert [draft.text for draft in scene.surface.visible] == ["A whole answer."]


async def test_draining_waits_for_what_finishes_in_time(scene: Scene) -> None:
    """An answer that ends within the time is not handed over, and nothing new is begun."""
    gate = asyncio.Event()
    first = scene.process("first", Script(steps=[gate, *says("Done.").steps]))
    first.start()
    await first.say("hi")
    await first.model.asked(1)
    draining = asyncio.create_task(first.worker.drain(60))
    await asyncio.sleep(0)
    await first.say("and then?")
    gate.set()
    await draining
    await first.stop()
    assert [draft.text for draft in scene.surface.visible] == ["Done."]
    waiting = await scene.store.open_turn(THREAD)
    assert waiting is not None
    assert waiting.attempt == 0


class SlowStore(Store):
    """A database whose answer to a claim takes as long as a test wants."""

    gate: asyncio.Event | None = None
    claiming: asyncio.Event | None = None

    async def claim(self, *args: object, **named: object) -> Turn | None:
        turn = await super().claim(*args, **named)  # type: ignore[arg-type]  # as they came
        if turn is not None and self.gate is not None and self.claiming is not None:
            self.claiming.set()
            await self.gate.wait()
        return turn


async def test_a_claim_on_its_way_while_draining_is_handed_over(database_url: str) -> None:
    """No turn is claimed and then left behind until its lease ends."""
    store = await SlowStore.open(database_url)
    store.gate, store.claiming = asyncio.Event(), asyncio.Event()
    scene = Scene(store)
    first = scene.process("first", half())
    first.start()
    await first.say("hi")
    await store.claiming.wait()
    draining = asyncio.create_task(first.go_down())
    await asyncio.sleep(0)
    store.gate.set()
    await draining
    turn = await store.open_turn(THREAD)
    assert turn is not None
    assert turn.state is TurnState.QUEUED
    await store.close()


async def test_a_turn_that_kills_every_process_is_given_up(scene: Scene) -> None:
    """After so many deaths a sentence stands where the answer would be, with a button, and no model is asked."""
    name = "process"
    for number in range(ATTEMPTS):
        dying = scene.process(f"{name}-{number}", half())
        dying.start()
        if number == 0:
            await dying.say("hi")
        await dying.model.asked(1)
        await dying.die()
        scene.clock.advance(DEATH)
    async with up(scene.process("last")) as last:
        await scene.surface.wait_for(lambda: any(d.notice == endings.GIVEN_UP for d in scene.surface.visible))
        await last.idle()
    assert not last.model.requests
    (draft,) = scene.surface.visible
    assert draft.controls == (Control.TRY_AGAIN,)
    assert await last.state(draft.turn) is TurnState.FAILED


async def test_a_stop_that_the_dead_process_did_not_obey_is_obeyed(scene: Scene) -> None:
    """The next owner asks no model; the message says that it was stopped."""
    first = scene.process("first", half())
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    await first.die()
    turn = scene.surface.visible[0].turn
    assert await first.press("stop", turn) is None
    scene.clock.advance(DEATH)
    async with up(scene.process("second")) as second:
        await scene.surface.wait_for(lambda: scene.surface.visible[0].notice == endings.STOPPED)
        await second.idle()
    assert await second.state(turn) is TurnState.CANCELLED
    assert scene.surface.visible[0].controls == (Control.TRY_AGAIN,)


async def test_a_stop_between_two_processes_is_obeyed(scene: Scene) -> None:
    """Pressed after the hand-over and before anybody else began: the next owner stops at once."""
    first = scene.process("first", half())
    first.start()
    await first.say("hi")
    await scene.seen("Half an")
    await first.go_down()
    turn = scene.surface.visible[0].turn
    assert await scene.store.signal(turn, THREAD, Signal.STOP, now=scene.clock.now()) is not None
    async with up(scene.process("second", half())) as second:
        await scene.surface.wait_for(lambda: scene.surface.visible[0].notice == endings.STOPPED)
        await second.idle()
    assert await second.state(turn) is TurnState.CANCELLED


class ForgetfulStore(Store):
    """A database that is away for a moment when a post is to be recorded."""

    away = 0

    async def record_post(self, turn: Turn, position: int, ref: MessageRef, *, now: datetime) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("connection reset")
        await super().record_post(turn, position, ref, now=now)


async def post_waits(store: ForgetfulStore, was: int) -> bool:
    """A post could not be recorded."""
    return store.away < was


async def test_a_post_that_cannot_be_recorded_is_recorded_later(database_url: str) -> None:
    """While the database is away the writer waits; then the same process completes the reply, in one message."""
    store = await ForgetfulStore.open(database_url)
    store.away = 1
    scene = Scene(store)
    async with up(scene.process("first", says("A whole answer."))) as first:
        await first.say("hi")
        await eventually(lambda: post_waits(store, 1))
        scene.clock.advance(1)
        await first.idle()
        assert await first.state(scene.surface.visible[0].turn) is TurnState.DONE
    assert _texts(scene.surface) == ["A whole answer."]
    await store.close()


def _texts(surface: RecordingSurface) -> list[str]:
    return [draft.text for draft in surface.visible]
