"""What a person sees of an answer: from a mention to the finished reply, and when something goes wrong between."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

import pytest

from core import endings
from core.conversation import Role
from core.errors import (
    ModelBusy,
    ModelCut,
    ModelNotConfigured,
    PostGone,
    PostTooLong,
    SurfaceBusy,
    SurfaceForbidden,
    SurfaceUnavailable,
)
from core.incoming import Author, IncomingKind
from core.ports import Control, Finished, FinishReason, TextDelta
from core.turn import TurnState, Usage
from tests.core.engine.conftest import ANN, BOB, THREAD, House
from tests.doubles import Script, says


async def test_a_mention_is_answered_in_one_message(house: House) -> None:
    """What the model wrote is shown whole, in one message, without a button left on it."""
    house.play(says("Hel", "lo ", "Ann."))
    await house.say("hi")
    await house.ended()
    (draft,) = house.surface.visible
    assert (draft.text, draft.notice, draft.controls) == ("Hello Ann.", "", ())


async def test_the_conversation_goes_on(house: House) -> None:
    """The second question reaches the model with the first one and its answer, after the system prompt."""
    house.play(says("Paris."), says("About two million."))
    await house.say("capital of France?")
    await house.ended(1)
    await house.say("how many people?")
    await house.ended(2)
    asked = house.model.requests[1].messages
    assert [(m.role, m.text) for m in asked] == [
        (Role.SYSTEM, "Be brief."),
        (Role.USER, "capital of France?"),
        (Role.ASSISTANT, "Paris."),
        (Role.USER, "how many people?"),
    ]


async def test_names_are_told_where_several_people_speak(house: House) -> None:
    """The model reads who said what as soon as a second person speaks."""
    await house.say("one", by=ANN)
    await house.ended(1)
    await house.say("two", by=BOB)
    await house.ended(2)
    texts = [m.text for m in house.model.requests[1].messages if m.role is Role.USER]
    assert texts == ["Ann: one", "Bob: two"]


async def test_quick_messages_of_one_person_are_answered_together(house: House) -> None:
    """Three messages in a row: the first is answered, then the other two by one reply, in order."""
    gate = asyncio.Event()
    house.play(Script(steps=[gate, TextDelta(text="first"), Finished(reason=FinishReason.STOP)]), says("both"))
    await house.say("a")
    await house.model.asked(1)
    await house.say("b")
    await house.say("c")
    gate.set()
    texts = await house.ended(2)
    assert texts == ["first", "both"]
    assert [m.text for m in house.model.requests[1].messages][1:] == ["a", "first", "b", "c"]


async def test_the_same_message_twice_has_one_answer(house: House) -> None:
    """A redelivery, or the same message as another kind of event, changes nothing."""
    incoming = await house.say("hi")
    await house.reception.receive(incoming)
    await house.ended()
    await house.reception.receive(incoming)
    assert len(house.model.requests) == len(house.surface.posts) == 1


async def test_an_empty_mention_is_told_what_to_do(house: House) -> None:
    """No model is asked where nobody asked anything."""
    await house.say("")
    await house.ended()
    assert house.surface.visible[0].notice == endings.NOTHING_ASKED
    assert not house.model.requests


@pytest.mark.parametrize(
    ("reason", "control"),
    [
        (FinishReason.LENGTH, Control.CONTINUE),
        (FinishReason.FILTER, Control.TRY_AGAIN),
        (FinishReason.REFUSAL, Control.TRY_AGAIN),
    ],
)
async def test_other_ends_are_said(house: House, reason: FinishReason, control: Control) -> None:
    """A reply that ends for another reason than being finished says so and offers what helps."""
    house.play(says("some text", reason=reason))
    await house.say("hi")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.text == "some text"
    assert draft.notice
    assert draft.controls == (control,)


async def test_an_empty_answer_becomes_a_sentence(house: House) -> None:
    """Nothing at all is said in words."""
    house.play(says())
    await house.say("hi")
    await house.ended()
    assert house.surface.visible[0].notice == endings.EMPTY


async def test_a_failure_before_any_text_stands_where_the_answer_would_be(house: House) -> None:
    """One sentence, a button to try again, and nothing of the error's detail."""
    house.play(Script(steps=[ModelNotConfigured("401 from host sk-secret")]))
    await house.say("hi")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.notice == ModelNotConfigured().sentence
    assert "sk-secret" not in draft.notice + draft.text


async def test_an_admin_is_told_once_what_to_do(house: House) -> None:
    """Whoever runs the place reads in private what to mend, others do not, and nobody reads it twice."""
    house.surface.admins.add(ANN.id)
    house.play(*(Script(steps=[ModelNotConfigured("401")]) for _ in range(3)))
    await house.say("hi", by=BOB)
    await house.ended(1)
    assert house.surface.whispers == []
    for replies in (2, 3):
        await house.say("hi", by=ANN)
        await house.ended(replies)
    ((person, text),) = house.surface.whispers
    assert person == ANN.id
    assert "OPENAI_API_KEY" in text


async def test_a_cut_stream_keeps_what_came(house: House) -> None:
    """The partial text stays, and the notice says that it is not all."""
    house.play(Script(steps=[TextDelta(text="Half an "), ModelCut("eof")]))
    await house.say("hi")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.text.strip() == "Half an"
    assert draft.notice.startswith(endings.BROKEN_OFF)
    assert draft.controls == (Control.TRY_AGAIN,)


async def test_try_again_answers_in_the_same_message(house: House) -> None:
    """The button makes a new answer where the failed one stood."""
    house.play(Script(steps=[ModelBusy("429")]), says("here it is"))
    await house.say("hi")
    await house.ended()
    assert await house.press("try_again", house.surface.visible[0].turn) is None
    await house.surface.wait_for(lambda: house.surface.visible[0].text == "here it is")
    await house.ended()
    (draft,) = house.surface.visible
    assert (draft.notice, draft.controls) == ("", ())


async def test_another_person_may_not_steer(house: House) -> None:
    """Only the asker and admins may stop an answer or have it made again."""
    house.play(Script(steps=[ModelBusy("429")]))
    await house.say("hi")
    await house.ended()
    answer = await house.press("try_again", house.surface.visible[0].turn, by=BOB)
    assert answer is not None
    assert answer.private
    assert len(house.model.requests) == 1


async def test_stop_ends_the_answer_and_closes_the_stream(house: House) -> None:
    """What came stays, the stream is left, and the message says that it was stopped."""
    never = asyncio.Event()
    house.play(Script(steps=[TextDelta(text="On and on"), never]))
    await house.say("hi")
    await house.surface.wait_for(lambda: any(d.text for d in house.surface.visible))
    turn = house.surface.visible[0].turn
    await house.press("stop", turn)
    await house.surface.wait_for(lambda: house.surface.visible[0].notice == endings.STOPPED)
    await house.ended()
    assert house.surface.visible[0].text == "On and on"
    assert house.model.closed == 1
    assert await house.state(turn) is TurnState.CANCELLED


async def test_an_edited_question_is_answered_anew_while_the_answer_grows(house: House) -> None:
    """The edit reaches the model, and the new answer stands in the same message."""
    never = asyncio.Event()
    house.play(Script(steps=[TextDelta(text="About cats"), never]), says("About dogs"))
    first = await house.say("cats?")
    await house.surface.wait_for(lambda: any("cats" in shown.text for shown in house.surface.visible))
    await house.reception.receive(
        replace(first, kind=IncomingKind.EDIT, event_id=f"{first.event_id}:edit", text="dogs?")
    )
    await house.surface.wait_for(lambda: house.surface.visible[-1].text == "About dogs")
    await house.ended()
    assert [m.text for m in house.model.requests[1].messages][1:] == ["dogs?"]
    assert len(house.surface.visible) == 1


async def test_an_edit_after_the_answer_offers_a_new_one(house: House) -> None:
    """The last answer gets a button; pressing it answers the edited question in place."""
    house.play(says("About cats"), says("About dogs"))
    first = await house.say("cats?")
    await house.ended()
    await house.reception.receive(
        replace(first, kind=IncomingKind.EDIT, event_id=f"{first.event_id}:edit", text="dogs?")
    )
    await house.surface.wait_for(lambda: house.surface.visible[0].controls == (Control.ANSWER_AGAIN,))
    assert house.surface.visible[0].text == "About cats"
    await house.press("answer_again", house.surface.visible[0].turn)
    await house.surface.wait_for(lambda: house.surface.visible[0].text == "About dogs")
    await house.ended()
    assert [m.text for m in house.model.requests[1].messages][1:] == ["dogs?"]


async def test_go_on_after_the_length_limit(house: House) -> None:
    """The button asks the model to go on where it stopped, with its own words before it."""
    house.play(says("One, two", reason=FinishReason.LENGTH), says("three"))
    await house.say("count")
    await house.ended()
    await house.press("continue", house.surface.visible[0].turn)
    await house.surface.wait_for(lambda: len(house.surface.visible) == 2)
    await house.ended(2)
    assert house.model.requests[1].messages[-2].text == "One, two"


async def test_a_long_answer_goes_on_in_the_next_message(house: House) -> None:
    """The parts join to the text, and each carries no stop button in the end."""
    words = [f"word{number} " for number in range(900)]
    house.play(says(*words))
    await house.say("long")
    await house.surface.wait_for(lambda: len(house.surface.visible) >= 4)
    await house.ended(4)
    assert " ".join(d.text for d in house.surface.visible).split() == "".join(words).split()
    assert all(not draft.controls for draft in house.surface.visible)
    assert all(len(draft.text) <= 2_000 for draft in house.surface.visible)


async def test_usage_is_recorded_or_counted(house: House) -> None:
    """The provider's figures where it sends some, ours where the stream was cut."""
    house.play(says("ok", usage=Usage(prompt_tokens=7, completion_tokens=1)))
    await house.say("hi")
    await house.ended()
    assert await house.store.answer(house.surface.visible[0].turn) == "ok"


async def test_fifty_threads_at_once(house: House) -> None:
    """Each conversation has exactly one answer of its own."""
    keys = [replace(THREAD, thread=f"9.{number}") for number in range(50)]
    people = [Author(id=f"U{number}", name="Someone") for number in range(50)]  # one alone may not have so many waiting
    asking = zip(keys, people, strict=True)
    await asyncio.gather(*(house.say(f"question {key.thread}", key=key, by=person) for key, person in asking))
    await house.ended(50)
    assert sorted(d.text for d in house.surface.visible) == sorted(f"echo: question {key.thread}" for key in keys)


@pytest.mark.parametrize(
    "failure",
    [SurfaceBusy("429", retry_after=1), SurfaceUnavailable("500"), PostTooLong("too long"), PostGone("deleted")],
)
async def test_a_failing_edit_loses_no_text(house: House, failure: Exception) -> None:
    """Whatever the platform says in the middle, the whole text is there in the end, once."""
    gate = asyncio.Event()
    house.play(
        Script(steps=[TextDelta(text="Begin. "), gate, TextDelta(text="End."), Finished(reason=FinishReason.STOP)])
    )
    await house.say("hi")
    await house.surface.wait_for(lambda: bool(house.surface.posts))
    house.surface.failures.append(failure)  # type: ignore[arg-type]  # parametrised with surface errors only
    gate.set()
    await house.surface.wait_for(lambda: house.surface.visible[-1].text == "Begin. End.")
    await house.ended()
    assert house.surface.visible[-1].controls == ()


async def test_a_lost_answer_to_a_post_doubles_nothing(house: House) -> None:
    """The platform took the post but its answer never came: the next try finds it."""
    house.surface.failures.append(SurfaceUnavailable("connection reset"))
    house.surface.lose_answers = 1
    house.play(says("once"))
    await house.say("hi")
    await house.ended()
    assert [d.text for d in house.surface.visible] == ["once"]


async def test_where_we_may_not_write_the_turn_fails(house: House) -> None:
    """A refusal for good ends the turn and leaves it on record."""
    house.surface.failures.append(SurfaceForbidden("not_in_channel"))
    house.play(says("text"))
    await house.say("hi")
    await house.idle()
    assert not house.surface.posts
    turn = await house.store.open_turn(THREAD)
    assert turn is None
    assert house.surface.failures == deque()
