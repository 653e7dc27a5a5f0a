"""Forgetting as people meet it: what they read, what they press, and what is gone then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.commands import forget
from core.commands.settings import CHANNEL_ADMINS_ONLY
from core.conversation import ConversationKey
from core.errors import StoreUnavailable
from core.housekeeping import Housekeeping
from core.incoming import Author, IncomingKind
from core.interaction import Answer, Style
from core.notes import NoteScope
from core.ports import Finished, FinishReason, TextDelta
from core.privacy import Holdings, Kept, Place, Reach
from core.store import ErasureProgress, Store
from core.turn import TurnState
from tests.core.engine.conftest import ADMIN, ANN, BOB, THREAD, House
from tests.doubles import Script

CHANNEL = Place.of(THREAD)
MINE = Reach(place=CHANNEL, person=ANN.id)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """People wait for as long as a slow machine takes: the clock here runs fast."""
    monkeypatch.setattr(forget, "PATIENCE", 1_000_000.0)


async def use(
    house: House, verb: str, *, by: Author = ANN, key: ConversationKey = THREAD, name: str = "forget"
) -> Answer:
    """A person uses the command."""
    used = house.incoming("", by=by, key=key, kind=IncomingKind.COMMAND)
    answer = await house.reception.receive(replace(used, command=f"{name} {verb}".strip()))
    assert answer is not None
    assert answer.private
    return answer


async def press(house: House, answer: Answer, label: str, *, by: Author = ANN, key: ConversationKey = THREAD) -> Answer:
    """A person presses the button of that label."""
    (button,) = [one for one in answer.buttons if one.label == label]
    return await press_value(house, button.action, button.value, by=by, key=key)


async def press_value(
    house: House, action: str, value: str, *, by: Author = ANN, key: ConversationKey = THREAD
) -> Answer:
    """A press arrives that carries this."""
    pressed = house.incoming(action, by=by, key=key, kind=IncomingKind.BUTTON)
    answer = await house.reception.receive(replace(pressed, options={"value": value}))
    assert answer is not None
    assert answer.private
    return answer


async def converse(house: House, *texts: str, by: Author = ANN, key: ConversationKey = THREAD) -> None:
    """A person said this and was answered each time."""
    for text in texts:
        await house.say(text, by=by, key=key)
        await house.idle()


async def test_first_shown_then_gone(house: House) -> None:
    """The figures and what stays are read before anything happens; one press, and it is gone and said."""
    await converse(house, "secret one", "secret two")
    await converse(house, "hello", by=BOB)
    question = await use(house, "here")
    assert "your 2 messages and 2 answers to them in this channel" in question.text
    assert "What stands in Slack stays there" in question.text
    assert [(one.label, one.style) for one in question.buttons] == [("Forget", Style.DANGER), ("Keep", Style.PLAIN)]
    assert all(len(one.action) + len(one.value) <= 90 for one in question.buttons)
    assert (await house.store.holdings(MINE)).messages == 2
    done = await press(house, question, "Forget")
    assert done.replaces
    assert done.text.startswith("Forgotten: your 2 messages and 2 answers to them in this channel.")
    assert await house.store.holdings(MINE) == Holdings()
    assert (await house.store.holdings(replace(MINE, person=BOB.id))).messages == 1


async def test_keep(house: House) -> None:
    """Nothing is gone, and the buttons are."""
    await converse(house, "secret")
    kept = await press(house, await use(house, "here"), "Keep")
    assert (kept.text, kept.replaces, kept.buttons) == (forget.KEPT, True, ())
    assert (await house.store.holdings(MINE)).messages == 1


async def test_pressed_twice(house: House) -> None:
    """What was said after the figures were read stays, however often the button is pressed."""
    await converse(house, "secret")
    question = await use(house, "here")
    await converse(house, "later")
    assert (await press(house, question, "Forget")).text.startswith("Forgotten: your 1 message and 1 answer")
    assert (await press(house, question, "Forget")).text == forget.GONE
    assert (await house.store.holdings(MINE)).messages == 1


@pytest.mark.parametrize("verb", ["here", "everywhere", "thread"])
async def test_pressed_by_somebody_else(house: House, verb: str) -> None:
    """Neither the other's words nor their own go, whether the button is theirs to see or not; nor for an admin."""
    await converse(house, "secret")
    await converse(house, "hello", by=BOB)
    question = await use(house, verb)
    for other in (BOB, ADMIN):
        assert (await press(house, question, "Forget", by=other)).text == forget.NOT_YOURS
    assert (await house.store.holdings(replace(MINE, person=None))).messages == 2


async def test_pressed_elsewhere(house: House) -> None:
    """A button reaches no further than the place where it is pressed (law 7)."""
    await converse(house, "secret")
    question = await use(house, "everywhere")
    abroad = replace(THREAD, workspace="T2")
    assert (await press(house, question, "Forget", key=abroad)).text == forget.GONE
    assert (await press(house, await use(house, "thread"), "Forget", key=abroad)).text == forget.GONE
    assert (await house.store.holdings(MINE)).messages == 1


@pytest.mark.parametrize("value", ["", "here", "here:x:0:U1", "all:1:0:U1", "here:1:0:", "here:-1:0:U1", "here:²:0:U1"])
async def test_a_button_that_makes_no_sense(house: House, value: str) -> None:
    """What comes from outside is not trusted."""
    assert (await press_value(house, forget.CONFIRM, value)).text == forget.UNCLEAR
    assert (await press_value(house, "forget.everything", "here:1:0:U1")).text == forget.UNCLEAR


async def test_each_verb_has_its_reach(house: House) -> None:
    """This conversation, this channel, this workspace."""
    thread, channel = replace(THREAD, thread="9.9"), replace(THREAD, channel="C2")
    for key in (THREAD, thread, channel):
        await converse(house, "secret", key=key)
    assert "your 1 message " in (await use(house, "thread")).text
    assert "your 2 messages " in (await use(house, "here")).text
    assert "your 3 messages " in (await use(house, "everywhere")).text
    assert (await use(house, "thread", key=replace(THREAD, thread="0.0"))).text == forget.NOT_HERE
    await press(house, await use(house, "thread"), "Forget")
    assert (await use(house, "here")).text.startswith("I would forget your 1 message ")
    await press(house, await use(house, "everywhere"), "Forget")
    assert (await use(house, "everywhere")).text == forget.NOTHING


@pytest.mark.parametrize("verb", ["", "all"])
async def test_without_a_verb(house: House, verb: str) -> None:
    """The verbs are told, and nothing else happens."""
    text = (await use(house, verb)).text
    assert all(f"`/forget {name}`" in text for name in ("here", "thread", "everywhere", "channel"))


async def test_an_admin_empties_a_channel(house: House) -> None:
    """Everybody's goes, in this channel alone; who is no admin is refused, also at the button, and the log knows."""
    await converse(house, "one")
    await converse(house, "two", by=BOB)
    await converse(house, "other", key=replace(THREAD, channel="C2"))
    assert (await use(house, "channel")).text == CHANNEL_ADMINS_ONLY
    question = await use(house, "channel", by=ADMIN)
    assert "2 messages and 2 answers to them in this channel, of everybody" in question.text
    demoted = replace(ADMIN, admin=False)
    assert (await press(house, question, "Forget", by=demoted)).text == CHANNEL_ADMINS_ONLY
    assert (await press(house, question, "Forget", by=ADMIN)).text.startswith("Forgotten: 2 messages")
    assert await house.store.holdings(replace(MINE, person=None)) == Holdings()
    assert (await house.store.holdings(replace(MINE, place=CHANNEL.whole))).messages == 1
    log = [(one.action, one.actor.id, one.allowed) for one in await house.store.audit(CHANNEL.whole)]
    assert log == [
        ("forget.channel", ADMIN.id, True),
        ("forget.channel", ADMIN.id, False),
        ("forget.channel", ANN.id, False),
    ]


async def test_an_answer_in_the_making_stops(house: House) -> None:
    """People see that it stopped; no word of it is stored, and housekeeping takes the rest away."""
    never = asyncio.Event()
    house.play(Script(steps=[TextDelta(text="secret answer"), never, Finished(reason=FinishReason.STOP)]))
    await house.say("secret question")
    await house.surface.wait_for(lambda: any(draft.text == "secret answer" for draft in house.surface.visible))
    turn = await house.store.open_turn(THREAD)
    assert turn is not None
    told = await press(house, await use(house, "here"), "Forget")
    assert told.text.startswith("I am forgetting your 1 message and 1 answer")
    await house.idle()
    assert house.surface.visible[-1].notice == "Stopped."
    assert await house.state(turn.id) is TurnState.CANCELLED
    assert await house.store.answer(turn.id) == ""
    await Housekeeping(store=house.store, clock=house.clock).erase()
    assert await house.store.turn(turn.id) is None
    assert await house.store.erasures() == ()


class AwayStore(Store):
    """A database that goes away in the middle of erasing."""

    left = 1

    async def erase(self, order: int, *, now: datetime, limit: int = 50) -> ErasureProgress:
        if self.left == 0:
            raise StoreUnavailable("gone")
        self.left -= 1
        return await super().erase(order, now=now, limit=1)


async def test_the_database_goes_away_half_way(database_url: str) -> None:
    """The person is told; the order stands, so that housekeeping does the rest, and asking again shows what is left."""
    store = await AwayStore.open(database_url)
    house = House(store)
    house.start()
    await converse(house, "one", "two", "three")
    question = await use(house, "here")
    assert (await press(house, question, "Forget")).text == forget.AGAIN
    assert "your 2 messages" in (await use(house, "here")).text
    store.left = 100
    assert (await press(house, question, "Forget")).text.startswith("Forgotten: your 2 messages")
    await Housekeeping(store=store, clock=house.clock).erase()
    assert await store.erasures() == ()
    await house.stop()
    await store.close()


async def test_what_takes_long_goes_on_in_the_background(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than platforms do; the answer says that the rest follows, and it does."""
    await converse(house, *(f"q{n}" for n in range(3)))
    monkeypatch.setattr(forget, "PATIENCE", 0.0)
    told = await press(house, await use(house, "here"), "Forget")
    assert told.text.startswith("I am forgetting your 3 messages")
    await Housekeeping(store=house.store, clock=house.clock).erase()
    assert await house.store.holdings(MINE) == Holdings()
    assert await house.store.erasures() == ()


async def test_notes_alone(house: House) -> None:
    """What somebody had kept is counted and goes, also where nothing else of them is left."""
    go_on = asyncio.Event()
    house.play(Script(steps=[TextDelta(text="noted"), go_on, Finished(reason=FinishReason.STOP)]))
    await house.say("remember that I like tea")
    await house.surface.wait_for(lambda: any(draft.text == "noted" for draft in house.surface.visible))
    turn = await house.store.open_turn(THREAD)
    assert turn is not None
    await house.store.keep_note(turn, NoteScope.PERSON, "Ann likes tea", now=house.clock.now())
    question = await use(house, "here")
    assert "your 1 message, 1 answer to them and your 1 note in this channel" in question.text
    go_on.set()
    await house.idle()
    assert await house.store.purge(Kept.CONVERSATIONS, CHANNEL, before=house.clock.now() + timedelta(days=1)) == 1
    question = await use(house, "here")
    assert question.text.startswith("I would forget your 1 note in this channel.")
    assert (await press(house, question, "Forget")).text.startswith("Forgotten: your 1 note in this channel.")
    assert await house.store.holdings(MINE) == Holdings()
