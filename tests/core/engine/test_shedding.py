"""Too many questions wait: whoever asks one more is told so, once, and the others are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.conversation import Platform
from core.incoming import IncomingKind
from core.interaction import Answer
from core.store import Store
from core.store.shedding import BOUNDS
from tests.core.engine.conftest import BOB, THREAD, House
from tests.doubles import FastClock

OWN = Answer(text="You have 20 questions waiting already. Please ask again once some are answered.")


@pytest.fixture
async def quiet(store: Store) -> AsyncIterator[House]:
    """A process that takes questions in; its worker answers none until it is started."""
    house = House(store)
    yield house
    await house.stop()


async def test_one_person_asks_too_much(quiet: House) -> None:
    """Of 25 questions 20 wait and each of the five others is answered with a sentence; delivered again, with none."""
    asked = [quiet.incoming(f"{n}?", key=replace(THREAD, thread=f"t{n}")) for n in range(25)]
    answers = [await quiet.reception.receive(one) for one in asked]
    assert answers == [None] * 20 + [OWN] * 5
    assert [await quiet.reception.receive(one) for one in asked] == [None] * 25
    assert (await quiet.store.open_turns([Platform.SLACK])).queued == BOUNDS.of_person
    assert await quiet.reception.receive(quiet.incoming("Me too?", by=BOB)) is None


async def test_those_that_wait_are_answered(quiet: House) -> None:
    """When some have been, the person may ask again."""
    for number in range(21):
        await quiet.say(f"{number}?", key=replace(THREAD, thread=f"t{number}"))
    quiet.start()
    await quiet.ended(20)
    assert await quiet.reception.receive(quiet.incoming("again", key=replace(THREAD, thread="t20"))) is None
    await quiet.ended(21)


async def test_a_command_is_told_the_same(quiet: House) -> None:
    """`/ask` is a question like any other."""
    for number in range(20):
        await quiet.say(f"{number}?", key=replace(THREAD, thread=f"t{number}"))
    command = replace(quiet.incoming("", kind=IncomingKind.COMMAND), command="ask", options={"question": "one more?"})
    assert await quiet.reception.receive(command) == OWN


async def test_a_follow_up_that_came_early_is_told_in_private(store: Store) -> None:
    """Its conversation was not there yet, so it was tried again; when it is shed then, nobody awaits an answer."""
    house = House(store, clock=FastClock(speed=20))  # it is tried again for a minute, three seconds here
    for number in range(20):
        await house.say(f"{number}?", key=replace(THREAD, thread=f"t{number}"))
    early = replace(house.incoming("and?", kind=IncomingKind.FOLLOW_UP), thread_began_at=house.clock.now())
    assert await house.reception.receive(early) is None
    assert house.reception.early == 1
    await house.say("what it follows", by=BOB)
    await house.surface.wait_for(lambda: bool(house.surface.whispers))
    assert house.surface.whispers == [("U1", OWN.text)]
    await house.stop()
