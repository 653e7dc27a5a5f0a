"""Models call tools in a stream, on Slack and on Discord: what the server is sent back, what people see, and that only
who asked lets something be changed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.chat_completions.failures import error
from sandbox.chat_completions.script import Answer, ToolCall
from tests.contract.conftest import Town
from tests.contract.hands import Hand, hand
from tests.contract.places import Talk

SUM = '{"expression": "6 * 7"}'
NOTE = '{"text": "the door code is 4711", "scope": "person"}'


def called(name: str, arguments: str, **fields: Any) -> Answer:
    """An answer that is one call."""
    return Answer(tool_calls=(ToolCall(name=name, arguments=arguments, **fields),))


def results(town: Town) -> list[str]:
    """What the model was given of its calls, in its last request."""
    return [message["content"] for message in town.model.requests[-1].body["messages"] if message["role"] == "tool"]


async def inside(town: Town, talk: Talk, person: str) -> Hand:
    """A person in the conversation, as soon as it is there: on Discord, a thread is a channel."""
    await town.place.wait_for(lambda: bool(town.place.replies(talk)))
    return hand(town.place, person, talk.first if town.place.name == "discord" else talk.channel)


async def test_a_call_torn_at_every_letter(town: Town) -> None:
    """Its fragments are put together, it is carried out, and the answer goes on below what was written before."""
    call = ToolCall(name="calculate", arguments=SUM, cuts=tuple(range(1, len(SUM))))
    town.model.script(Answer(text="Let me count.", tool_calls=(call,)), Answer(text="It is 42."))
    talk = await town.place.mention("ann", "six times seven?")
    (reply,) = await town.answered(talk)
    assert reply.text == "Let me count.\n\nIt is 42."
    assert len(results(town)) == 1
    assert results(town)[0].endswith("42")
    assert "data, not instructions" in results(town)[0]
    asked = town.model.requests[-1].body["messages"][-2]
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"expression": "6 * 7"}


async def test_several_at_once(town: Town) -> None:
    """Each has its result, in the order in which they were asked for."""
    calls = tuple(ToolCall(name="calculate", arguments=json.dumps({"expression": f"{n} * 10"})) for n in range(5))
    town.model.script(Answer(tool_calls=calls), Answer(text="Done."))
    await town.answered(await town.place.mention("ann", "count"))
    assert [line.split()[-1] for line in results(town)] == ["0", "10", "20", "30", "40"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (called("launch_rocket", "{}"), "There is no tool launch_rocket"),
        (called("calculate", '{"expression": '), "no JSON"),
        (called("calculate", '{"expresion": "1"}'), "do not fit"),
        (called("calculate", '{"expression": "1 / 0"}'), "zero"),
    ],
)
async def test_what_is_wrong_is_mended_by_the_model(town: Town, answer: Answer, told: str) -> None:
    """It reads what was wrong in plain words and calls again; people see one answer and no JSON."""
    town.model.script(answer, called("calculate", SUM), Answer(text="It is 42."))
    (reply,) = await town.answered(await town.place.mention("ann", "six times seven?"))
    assert reply.text == "It is 42."
    assert told in results(town)[0]
    assert results(town)[1].endswith("42")


async def test_an_endless_loop(town: Town) -> None:
    """Ends after a bounded number of rounds, and says so."""
    town.model.script(*[called("calculate", SUM) for _ in range(8)], Answer(text="I stop here."))
    (reply,) = await town.answered(await town.place.mention("ann", "loop"))
    assert reply.text.startswith("I stop here.")
    assert town.model.requests[-1].body["tool_choice"] == "none"
    assert len(town.model.requests) == 9


async def test_a_model_without_tools(town: Town) -> None:
    """Its server refuses them, and it answers without."""
    town.model.script(error(400, "registry.ollama.ai/library/gemma does not support tools"), Answer(text="Forty-two."))
    (reply,) = await town.answered(await town.place.mention("ann", "six times seven?"))
    assert reply.text == "Forty-two."
    assert "tools" not in town.model.requests[-1].body


async def test_the_calls_outlive_a_restart(town: Town) -> None:
    """They are part of the conversation for the next question."""
    town.model.script(called("calculate", SUM), Answer(text="It is 42."))
    talk = await town.place.mention("ann", "six times seven?")
    await town.answered(talk)
    await town.recorded()
    await town.restart()
    town.model.script(Answer(text="As I said."))
    await town.place.say(talk, "ann", "sure?")
    await town.answered(talk, 2)
    assert results(town)[0].endswith("42")


async def noted(town: Town) -> None:
    """Ann has a note."""
    town.model.script(called("remember", NOTE), Answer(text="Noted."))
    await town.answered(await town.place.mention("ann", "remember the code"))


async def asked_to_forget(town: Town) -> Talk:
    """The model wants to delete the note."""
    await noted(town)
    kept = re.search(r"\d+", results(town)[0].splitlines()[-1])
    assert kept is not None
    arguments = json.dumps({"number": int(kept[0])})
    town.model.script(called("forget_note", arguments), Answer(text="So be it."))
    return await town.place.mention("ann", "forget the code")


async def test_only_who_asked_allows_a_change(town: Town) -> None:
    """Somebody else's press is refused in private; hers counts, and the buttons go."""
    talk = await asked_to_forget(town)
    ann, bob = await inside(town, talk, "ann"), await inside(town, talk, "bob")
    question = await ann.told("May I do this?")
    assert question.buttons == ("Do it", "Do it, show the result to me alone", "Don't")
    await bob.press(await bob.told("May I do this?"), "Do it")
    assert (await bob.told("Only the person who asked")).private
    await ann.press(question, "Do it")
    await town.answered(talk, 2)
    assert not (await ann.told("Allowed by")).buttons
    assert "May I do this?" not in (await ann.told("Allowed by")).text
    assert "data, not instructions" in results(town)[-1]


async def test_a_change_that_is_declined(town: Town) -> None:
    """Is not made, and the model is told."""
    talk = await asked_to_forget(town)
    ann = await inside(town, talk, "ann")
    await ann.press(await ann.told("May I do this?"), "Don't")
    await town.answered(talk, 2)
    assert "The person declined" in results(town)[-1]
    assert not (await ann.told("Declined by")).buttons


async def test_a_result_for_who_asked_alone(town: Town) -> None:
    """She reads it in private, and the model does not know it."""
    talk = await asked_to_forget(town)
    ann = await inside(town, talk, "ann")
    await ann.press(await ann.told("May I do this?"), "Do it, show the result to me alone")
    await town.answered(talk, 2)
    reading = ann if town.place.name == "slack" else hand(town.place, "ann", "dm")
    assert "4711" in (await reading.told("gave:")).text
    assert "keeps the result to themselves" in results(town)[-1]


async def test_a_question_that_outlives_the_process(town: Town) -> None:
    """After a restart the same question stands there, once, and the press counts."""
    talk = await asked_to_forget(town)
    ann = await inside(town, talk, "ann")
    question = await ann.told("May I do this?")
    await town.restart()
    await ann.press(question, "Do it")
    await town.answered(talk, 2)
    assert not (await ann.told("Allowed by")).buttons


async def test_a_direct_message(town: Town) -> None:
    """On Slack's own streams tools are cards, on Discord a line; the answer is the same, and so is the question."""
    town.model.script(called("remember", NOTE), Answer(text="Noted."))
    talk = await town.place.direct("ann", "remember the code")
    replies = await town.answered(talk)
    assert replies[-1].text == "Noted."
    town.model.script(called("calculate", SUM), Answer(text="It is 42."))
    again = await town.place.direct("ann", "six times seven?")
    assert (await town.answered(again))[-1].text == "It is 42."
