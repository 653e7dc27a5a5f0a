"""The same behaviour on Slack, on Discord and in a terminal, through the real libraries: what is done and then seen."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.chat_completions.script import Answer, Failure, Stall
from tests.contract.conftest import Town
from tests.contract.places import Does

ON_CONSOLE = True


def questions(town: Town, request: int) -> list[str]:
    """What the people of the conversation had said, as the model was told."""
    body = town.model.requests[request].body
    return [message["content"] for message in body["messages"] if message["role"] == "user"]


async def test_a_mention_becomes_a_reply(town: Town) -> None:
    """The answer stands in the thread of the question, whole."""
    town.model.script(Answer(text="Berlin, **of course**."))
    talk = await town.place.mention("bob", "capital of Germany?")
    (reply,) = await town.answered(talk)
    assert "Berlin" in reply.text
    assert not reply.buttons


async def test_the_reply_grows_in_place(town: Town) -> None:
    """The first words are there before the last ones are written, in one message with a Stop button."""
    gate = asyncio.Event()
    town.model.script(Answer(deltas=("First words. ", "Last words."), stalls=(Stall(until=gate, after=1),)))
    talk = await town.place.mention("bob", "tell me")
    await town.place.wait_for(lambda: any("First" in reply.text for reply in town.place.replies(talk)))
    (growing,) = town.place.replies(talk)
    assert growing.buttons == ("Stop",)
    gate.set()
    (reply,) = await town.answered(talk)
    assert reply.id == growing.id
    assert "First words. Last words." in reply.text


async def test_a_follow_up_needs_no_mention(town: Town) -> None:
    """Who answers in the thread is heard, and the model knows what was said before."""
    town.model.script(Answer(text="Paris."), Answer(text="Two million."))
    talk = await town.place.mention("bob", "capital of France?")
    await town.answered(talk)
    await town.place.say(talk, "bob", "how many people?")
    replies = await town.answered(talk, 2)
    assert "Two million." in replies[1].text
    assert questions(town, 1) == ["capital of France?", "how many people?"]


async def test_a_direct_message_is_answered(town: Town) -> None:
    """No mention is needed in private, and the conversation goes on."""
    town.model.script(Answer(text="Hello Bob."), Answer(text="Still here."))
    talk = await town.place.direct("bob", "hi")
    await town.answered(talk)
    await town.place.say(talk, "bob", "are you there?")
    replies = await town.answered(talk, 2)
    assert "Still here." in replies[1].text
    assert questions(town, 1) == ["hi", "are you there?"]


async def test_names_where_several_people_speak(town: Town) -> None:
    """The model reads who said what."""
    town.needs(Does.CROWDS)
    town.model.script(Answer(text="ok"), Answer(text="ok"))
    talk = await town.place.mention("bob", "I like tea")
    await town.answered(talk)
    await town.place.say(talk, "cleo", "I like coffee")
    await town.answered(talk, 2)
    first, second = questions(town, 1)
    assert first.endswith(": I like tea")
    assert second.endswith(": I like coffee")
    assert first.partition(":")[0].lower() == "bob"


async def test_a_long_answer_takes_several_messages(town: Town) -> None:
    """Parts join to the text, a code fence is closed and opened again, and none is left growing."""
    town.needs(Does.SPLITS)
    code = "\n".join(f"print('line number {number}')" for number in range(300))
    town.model.script(Answer(text=f"Here it is:\n\n```python\n{code}\n```\n\nDone."))
    talk = await town.place.mention("bob", "write code")
    await town.place.wait_for(lambda: any("Done." in reply.text for reply in town.place.replies(talk)))
    replies = await town.answered(talk, 2)
    assert all(reply.text.count("```") % 2 == 0 for reply in replies)
    shown = "\n".join(reply.text for reply in replies)
    assert all(f"line number {number}'" in shown for number in range(300))


async def test_the_same_event_twice_has_one_answer(town: Town) -> None:
    """A duplicate delivery changes nothing."""
    town.needs(Does.DELIVERIES)
    town.model.script(Answer(text="once"), Answer(text="next"))
    await town.place.again()
    talk = await town.place.mention("bob", "hi")
    await town.answered(talk)
    await town.place.say(talk, "bob", "and now?")
    replies = await town.answered(talk, 2)
    assert len(replies) == 2
    assert len(town.model.requests) == 2


async def test_quick_messages_are_answered_in_order(town: Town) -> None:
    """Three in a row while the first is being answered: none is dropped, and the order stays."""
    gate = asyncio.Event()
    town.model.script(Answer(deltas=("a", "b"), stalls=(Stall(until=gate, after=1),)))
    town.model.script(Answer(text="both"), Answer(text="or one each"))
    talk = await town.place.mention("bob", "one")
    await town.place.wait_for(lambda: bool(town.place.replies(talk)))
    await town.place.say(talk, "bob", "two")
    await town.place.say(talk, "bob", "three")
    gate.set()
    await town.model.wait_for(lambda requests: "three" in str(requests[-1].body), within=20)
    assert questions(town, -1) == ["one", "two", "three"]
    replies = await town.answered(talk, len(town.model.requests))
    assert len(replies) == len(town.model.requests) <= 3


async def test_stop_ends_the_answer(town: Town) -> None:
    """The button stops the model and keeps what came."""
    gate = asyncio.Event()
    town.model.script(Answer(deltas=("Begun. ", "Never shown."), stalls=(Stall(until=gate, after=1),)))
    talk = await town.place.mention("bob", "go")
    await town.place.wait_for(lambda: any("Begun" in reply.text for reply in town.place.replies(talk)))
    await town.place.press(talk, "bob", town.place.replies(talk)[0], "Stop")
    (reply,) = await town.answered(talk)
    assert "Begun." in reply.text
    assert "Stopped." in reply.text
    await town.model.wait_for(lambda requests: requests[0].disconnected)


async def test_an_edited_question_changes_the_answer(town: Town) -> None:
    """While the answer grows, an edit begins it anew in the same message."""
    town.needs(Does.CHANGES)
    gate = asyncio.Event()
    town.model.script(Answer(deltas=("Cats are", " nice"), stalls=(Stall(until=gate, after=1),)), Answer(text="Dogs."))
    talk = await town.place.mention("bob", "cats?")
    await town.place.wait_for(lambda: any("Cats" in reply.text for reply in town.place.replies(talk)))
    await town.place.edit(talk, "bob", talk.first, "@Parley dogs?")
    await town.place.wait_for(lambda: any("Dogs." in reply.text for reply in town.place.replies(talk)))
    replies = await town.answered(talk)
    assert len(replies) == 1
    assert questions(town, 1) == ["dogs?"]


async def test_a_deleted_message_leaves_the_conversation(town: Town) -> None:
    """What was taken back is not told to the model."""
    town.needs(Does.CHANGES)
    town.model.script(Answer(text="one"), Answer(text="two"), Answer(text="three"))
    talk = await town.place.mention("bob", "first")
    await town.answered(talk)
    secret = await town.place.say(talk, "bob", "a secret")
    await town.answered(talk, 2)
    await town.place.delete(talk, "bob", secret)
    await town.place.say(talk, "bob", "third")
    await town.answered(talk, 3)
    assert questions(town, 2) == ["first", "third"]


async def test_a_failure_is_one_sentence_and_can_be_tried_again(town: Town) -> None:
    """The error stands where the answer would be; the button answers in the same message."""
    town.model.script(Failure(status=401, body={"error": {"message": "bad key", "code": "invalid_api_key"}}))
    talk = await town.place.mention("bob", "hi")
    (reply,) = await town.answered(talk)
    assert "not configured" in reply.text
    town.model.script(Answer(text="Here you are."))
    await town.place.press(talk, "bob", reply, "Try again")
    await town.place.wait_for(lambda: "Here you are." in town.place.replies(talk)[0].text)
    (again,) = await town.answered(talk)
    assert again.id == reply.id


async def test_a_cut_stream_keeps_what_came(town: Town) -> None:
    """The partial text stays and is called partial."""
    town.model.script(Answer(deltas=("Half ", "an answer"), cut_after=2))
    talk = await town.place.mention("bob", "hi")
    (reply,) = await town.answered(talk)
    assert "Half an answer" in reply.text
    assert "broke off" in reply.text
    assert reply.buttons == ("Try again",)


async def test_nothing_that_a_model_writes_pings(town: Town) -> None:
    """Foreign text stays text."""
    town.model.script(Answer(text="Hello @everyone, @here, <!channel>, <@U0000000BOB> and <@&1>!"))
    talk = await town.place.mention("bob", "greet all")
    (reply,) = await town.answered(talk)
    assert reply.pings == ()


async def test_a_restart_between_two_turns_forgets_nothing(town: Town) -> None:
    """Another process on the same database goes on with the conversation."""
    town.model.script(Answer(text="Noted."), Answer(text="Seven."))
    talk = await town.place.mention("bob", "remember seven")
    await town.answered(talk)
    await town.restart()
    await town.place.say(talk, "bob", "which number?")
    replies = await town.answered(talk, 2)
    assert "Seven." in replies[1].text
    assert questions(town, 1) == ["remember seven", "which number?"]


@pytest.mark.parametrize("text", ["", "x" * 3_500, "\u0000\u0007bell", "*_~`<>&|#"])
async def test_odd_questions_are_answered_too(town: Town, text: str) -> None:
    """Nothing a person writes breaks the bot, and each gets one reply."""
    if not text:
        town.needs(Does.NOTHING)
    town.model.script(Answer(text="An answer."))
    talk = await town.place.mention("bob", text)
    (reply,) = await town.answered(talk)
    asked = text.strip("\u0000\u0007 ")
    assert ("An answer." if asked else "without a question") in reply.text


async def test_ask_is_answered_where_it_was_asked(town: Town) -> None:
    """The slash command's answer is visible, complete, and in the asker's channel."""
    town.model.script(Answer(text="Forty-two."))
    talk = await town.place.ask("bob", "the answer?")
    (reply,) = await town.answered(talk)
    assert "Forty-two." in reply.text
    assert questions(town, 0) == ["the answer?"]


async def test_a_file_alone_is_told_to_the_model(town: Town) -> None:
    """What cannot be read yet is named, so that the answer can say so."""
    town.model.script(Answer(text="I cannot open it."))
    talk = await town.place.send_file("bob", "plan.pdf")
    (reply,) = await town.answered(talk)
    assert "I cannot open it." in reply.text
    assert "plan.pdf" in questions(town, 0)[0]


async def test_many_threads_at_once(town: Town) -> None:
    """Each gets its own answer, and the platform is never asked for more than it allows."""
    many = 50 if town.place.name == "discord" else 4  # Slack takes one new message a second in a channel
    town.model.answering = lambda question: Answer(text=f"You said {question.messages[-1]['content']}")
    talks = await asyncio.gather(*(town.place.mention("bob", f"number {n}") for n in range(many)))
    for n, talk in enumerate(talks):
        (reply,) = await town.answered(talk)
        assert f"number {n}" in reply.text
    assert town.place.refusals() == 0


async def test_a_late_event_is_answered_once(town: Town) -> None:
    """What arrives after newer things have been answered gets its own reply all the same."""
    town.needs(Does.DELIVERIES)
    town.model.answering = lambda question: Answer(text=f"You said {question.messages[-1]['content']}")
    town.place.late()
    slow = await town.place.mention("bob", "the slow one")
    quick = await town.place.mention("bob", "the quick one")
    (reply,) = await town.answered(quick)
    assert "the quick one" in reply.text
    assert town.place.replies(slow) == []
    town.place.deliver()
    (reply,) = await town.answered(slow)
    assert "the slow one" in reply.text
