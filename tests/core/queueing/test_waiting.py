"""Waiting in line for the model: who is refused waits, hears where they stand, and gives up in time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

import pytest

from core.conversation import ConversationKey, Platform, Role, text_message
from core.errors import ModelBusy, ModelCrowded, ModelCut
from core.incoming import Author, ReplyTarget
from core.ports import Finished, FinishReason, ModelEvent, ModelRequest, TextDelta
from core.turn import Turn, TurnState
from core.waiting import Waiting
from tests.doubles import START, ManualClock, Script, ScriptedModel, says

KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="1")


def turn(number: int, person: str = "U1") -> Turn:
    return Turn(
        id=number,
        key=KEY,
        seq=1,
        state=TurnState.RUNNING,
        asker=Author(id=person, name=person),
        target=ReplyTarget(key=KEY, kind="thread"),
        queued_at=START,
        attempt=1,
    )


class Crowd:
    """People who ask at once."""

    def __init__(self, *scripts: Script, patience: float = 60.0) -> None:
        self.clock = ManualClock()
        self.model = ScriptedModel(*scripts)
        self.waiting = Waiting(self.model, self.clock, patience=patience)
        self.places: defaultdict[int, list[int | None]] = defaultdict(list)
        self.ended: list[int] = []
        self.admitted: list[int] = []
        """Those who have waited, in the order in which they were let through."""
        self.tasks: dict[int, asyncio.Task[str]] = {}

    async def ask(self, number: int, person: str = "U1") -> None:
        """Somebody asks, and waits where they have to."""
        self.tasks[number] = asyncio.create_task(self._asked(turn(number, person)))
        await self.settle()

    async def _asked(self, one: Turn) -> str:
        with self.waiting.watching(one.id, lambda place: self._told(one.id, place)):
            request = ModelRequest(messages=(text_message(Role.USER, "hi"),), model="m")
            events: AsyncGenerator[ModelEvent] = self.waiting.stream(request, one)
            text = "".join([event.text async for event in events if isinstance(event, TextDelta)])
        self.ended.append(one.id)
        return text

    def _told(self, number: int, place: int | None) -> None:
        self.places[number].append(place)
        if place is None:
            self.admitted.append(number)

    async def settle(self) -> None:
        """Everything that can go on has."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def passes(self, seconds: float) -> None:
        """Time passes."""
        self.clock.advance(seconds)
        await self.settle()


def busy(seconds: float | None = 5.0) -> Script:
    return Script(steps=[ModelBusy("429", retry_after=seconds)])


async def test_nobody_waits_while_there_is_room() -> None:
    """As many ask at once as like."""
    gate = asyncio.Event()
    held = [Script(steps=[gate, TextDelta(text="yes"), Finished(reason=FinishReason.STOP)]) for _ in range(5)]
    crowd = Crowd(*held)
    for number in range(5):
        await crowd.ask(number)
    assert len(crowd.model.requests) == 5
    gate.set()
    assert await asyncio.gather(*crowd.tasks.values()) == ["yes"] * 5
    assert dict(crowd.places) == {}


async def test_who_is_refused_waits_and_is_answered() -> None:
    """As long as the provider says; others wait behind, hear their places, and nobody is asked for meanwhile."""
    crowd = Crowd(busy(5.0), says("one"), says("two"), says("three"))
    for number in (1, 2, 3):
        await crowd.ask(number)
    await crowd.passes(4.9)
    assert len(crowd.model.requests) == 1
    assert {number: places[-1] for number, places in crowd.places.items()} == {1: 1, 2: 2, 3: 3}
    await crowd.passes(0.1)
    assert await asyncio.gather(*crowd.tasks.values()) == ["one", "two", "three"]
    assert crowd.ended == [1, 2, 3]
    assert crowd.places[3][-1] is None
    assert crowd.waiting.length == 0


async def test_one_person_with_many_questions() -> None:
    """Does not keep another one waiting for all of them."""
    crowd = Crowd(busy(5.0))
    for number in range(10):
        await crowd.ask(number, "Bob")
    await crowd.ask(10, "Ann")
    assert crowd.places[10] == [2]
    await crowd.passes(5.0)
    await asyncio.gather(*crowd.tasks.values())
    assert crowd.admitted[:3] == [0, 10, 1]


async def test_refused_again() -> None:
    """It is the first to try anew: nobody goes before it."""
    crowd = Crowd(busy(5.0), busy(7.0), says("at last"))
    await crowd.ask(1)
    await crowd.ask(2, "Ann")
    await crowd.passes(5.0)
    await crowd.passes(6.9)
    assert crowd.places[1][-1] == 1
    await crowd.passes(0.1)
    assert await crowd.tasks[1] == "at last"
    await crowd.tasks[2]
    assert crowd.ended == [1, 2]


async def test_giving_up() -> None:
    """After the set time, in words that say so; at once where the provider wants longer than that."""
    crowd = Crowd(busy(20.0), busy(20.0), busy(20.0), busy(20.0), busy(900.0), patience=50.0)
    await crowd.ask(1)
    for _ in range(2):
        await crowd.passes(20.0)
    with pytest.raises(ModelCrowded) as caught:
        await crowd.tasks[1]
    assert "stopped waiting" in caught.value.sentence
    await crowd.passes(20.0)
    await crowd.ask(2)
    await crowd.passes(20.0)
    await crowd.ask(3)
    for number in (2, 3):
        with pytest.raises(ModelCrowded):
            await crowd.tasks[number]
    assert crowd.waiting.length == 0


async def test_who_leaves_makes_room() -> None:
    """Stopped by its asker while it waits: those behind move up, and the model is not asked for it."""
    crowd = Crowd(busy(5.0), says("one"), says("three"))
    for number in (1, 2, 3):
        await crowd.ask(number)
    crowd.tasks[2].cancel()
    await crowd.settle()
    assert crowd.places[3][-1] == 2
    await crowd.passes(5.0)
    assert [await crowd.tasks[number] for number in (1, 3)] == ["one", "three"]


async def test_cut_in_the_middle() -> None:
    """What had begun is not begun again, and whoever comes next may ask."""
    crowd = Crowd(Script(steps=[TextDelta(text="Half"), ModelBusy("429")]), Script(steps=[ModelCut("x")]), says("yes"))
    for number in (1, 2, 3):
        await crowd.ask(number)
    with pytest.raises(ModelBusy):
        await crowd.tasks[1]
    with pytest.raises(ModelCut):
        await crowd.tasks[2]
    assert await crowd.tasks[3] == "yes"


async def test_without_patience_nobody_waits() -> None:
    """The refusal is what it is."""
    crowd = Crowd(busy(5.0), patience=0.0)
    await crowd.ask(1)
    with pytest.raises(ModelBusy) as caught:
        await crowd.tasks[1]
    assert not isinstance(caught.value, ModelCrowded)
