"""A tool that changes something asks first: who may say so, what each word does, and that nothing is done twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.commands.approving import DECIDED_ALREADY, NOT_YOURS, PATIENCE
from core.incoming import Author, IncomingKind
from core.interaction import Answer
from core.store import Store
from core.store.approvals import ApprovalState
from tests.core.engine.conftest import ADMIN, ANN, BOB, House
from tests.core.engine.processes import up
from tests.core.engine.test_takeover import DEATH
from tests.core.engine.test_takeover import Scene as Town
from tests.core.engine.test_tools import Bench, calls, furnished, read_by_model, staffed, word
from tests.doubles import FastClock, says


@pytest.fixture
def bench() -> Bench:
    """Nothing was called yet."""
    return Bench()


def about_to_erase(house: House, bench: Bench) -> House:
    """Its model is about to erase something."""
    made = furnished(house, bench, "erase")
    made.play(calls(("erase", word("disk")), text="Erasing."), says("That is it."))
    return made


@pytest.fixture
def house(store: Store, bench: Bench) -> House:
    """About to erase something, with time enough to answer also on a slow machine."""
    return about_to_erase(House(store, clock=FastClock(speed=20)), bench)


async def asked(house: House) -> str:
    """The key of the question, when it stands there."""
    await house.surface.wait_for(lambda: any(house.surface.offered.values()))
    return next(key for key, buttons in house.surface.offered.items() if buttons)


async def press(house: House, key: str, name: str, *, by: Author = ANN) -> Answer | None:
    """A person presses one of the buttons under the question."""
    button = next(button for button in house.surface.offered[key] if button.action == f"approval.{name}")
    pressed = house.incoming(button.action, by=by, kind=IncomingKind.BUTTON)
    return await house.reception.receive(replace(pressed, options={"value": button.value}))


async def decided(house: House, name: str) -> tuple[str, str]:
    """What the model reads of the call after that button, and what stands where the question stood."""
    house.start()
    try:
        await house.say("erase it")
        key = await asked(house)
        assert await press(house, key, name) is None
        await house.ended()
        assert not house.surface.offered[key]
        return house.model.requests[-1].messages[-1].text, house.surface.sent[key][1]
    finally:
        await house.stop()


async def test_allowed(house: House, bench: Bench) -> None:
    """It is done once, and the model reads what came of it."""
    result, word = await decided(house, "run")
    assert bench.called == ["disk"]
    assert result.endswith("DISK")
    assert word.startswith("Allowed by")
    assert [draft.text for draft in house.surface.visible] == ["Erasing.\n\nThat is it."]


async def test_declined(house: House, bench: Bench) -> None:
    """It is not done, and the model is told not to insist."""
    result, word = await decided(house, "decline")
    assert bench.called == []
    assert "The person declined" in result
    assert word.startswith("Declined by")


async def test_kept_private(house: House, bench: Bench) -> None:
    """It is done, who asked reads the result alone, and the model does not know it."""
    result, _ = await decided(house, "private")
    assert bench.called == ["disk"]
    assert "DISK" not in result
    assert "keeps the result to themselves" in result
    ((person, text),) = house.surface.whispers
    assert person == ANN.id
    assert "DISK" in text


async def test_the_question_shows_what_would_be_done(house: House) -> None:
    """The tool and every argument, and nothing in it can pass for our own words."""
    house.model.scripts.clear()
    house.play(calls(("erase", word("`a` @all **b** " + "x" * 600))), says("No."))
    house.start()
    await house.say("erase it")
    key = await asked(house)
    _, text = house.surface.sent[key]
    assert "`erase`" in text
    assert "`` `a` @all **b** x" in text
    await press(house, key, "decline")
    await house.ended()
    await house.stop()


@pytest.mark.parametrize("person", [BOB, ADMIN])
async def test_only_who_asked_may_decide(house: House, bench: Bench, person: Author) -> None:
    """Not even an admin allows something in another's name."""
    house.start()
    await house.say("erase it")
    key = await asked(house)
    answer = await press(house, key, "run", by=person)
    assert answer is not None
    assert answer.text == NOT_YOURS
    assert bench.called == []
    await press(house, key, "decline")
    await house.ended()
    await house.stop()


async def test_pressed_twice(house: House, bench: Bench) -> None:
    """The first word counts, also where it is pressed again or otherwise."""
    house.start()
    await house.say("erase it")
    key = await asked(house)
    buttons = house.surface.offered[key]
    answers = await asyncio.gather(*(press(house, key, "run") for _ in range(5)))
    house.surface.offered[key] = buttons
    late = await press(house, key, "decline")
    await house.ended()
    await house.stop()
    assert sum(answer is None for answer in answers) == 1
    assert late is not None
    assert late.text == DECIDED_ALREADY
    assert bench.called == ["disk"]


@pytest.mark.parametrize("value", ["", "x", "999", "-1", "9" * 30])
async def test_a_button_that_nobody_was_given(house: House, value: str) -> None:
    """Is answered, and does nothing."""
    pressed = house.incoming("approval.run", kind=IncomingKind.BUTTON)
    answer = await house.reception.receive(replace(pressed, options={"value": value}))
    assert answer is not None
    assert answer.text == DECIDED_ALREADY


async def test_a_stopped_answer_changes_nothing(house: House, bench: Bench) -> None:
    """The buttons may still stand there; they do nothing any more, and say so."""
    house.start()
    await house.say("erase it")
    key = await asked(house)
    await house.press("stop", house.surface.visible[0].turn)
    await house.ended()
    answer = await press(house, key, "run")
    await house.stop()
    assert answer is not None
    assert answer.text == DECIDED_ALREADY
    assert bench.called == []


async def test_nobody_answers(store: Store, bench: Bench) -> None:
    """After its time the question is taken back, it is not done, and the answer goes on."""
    house = about_to_erase(House(store), bench)
    house.start()
    await house.say("erase it")
    key = await asked(house)
    await house.ended()
    await house.stop()
    assert bench.called == []
    assert "did not answer in time" in house.model.requests[-1].messages[-1].text
    assert not house.surface.offered[key]


async def test_the_question_outlives_the_process(store: Store, bench: Bench) -> None:
    """Another process waits on, for a word that may be said to either; there is one question, and it is done once."""
    town = Town(store)
    first = staffed(town, bench, "first", calls(("erase", word("disk"))))
    first.start()
    await first.say("erase it")
    await asked(first)
    await first.die()
    town.clock.advance(DEATH)
    async with up(staffed(town, bench, "second", says("Done."))) as second:
        key = await asked(second)
        assert await press(second, key, "run") is None
        await second.ended()
    assert len(town.surface.sent) == 1
    assert bench.called == ["disk"]
    assert read_by_model(second.model.requests[0])[-1].endswith("DISK")


async def test_what_was_begun_is_never_done_again(store: Store, bench: Bench) -> None:
    """Its process died in the middle: nobody knows whether it was done, and the model says so."""
    town = Town(store)
    bench.open.clear()
    first = staffed(town, bench, "first", calls(("erase", word("disk"))))
    first.start()
    await first.say("erase it")
    key = await asked(first)
    number = int(first.surface.offered[key][0].value)
    await press(first, key, "run")
    await bench.begun.acquire()
    await first.die()
    town.clock.advance(DEATH)
    async with up(staffed(town, bench, "second", says("Please check."))) as second:
        await second.ended()
    assert bench.called == ["disk"]
    assert "nobody knows whether it was done" in second.model.requests[0].messages[-1].text
    approval = await store.approval(number)
    assert approval is not None
    assert approval.state is ApprovalState.BEGUN
    assert PATIENCE.total_seconds() > DEATH
