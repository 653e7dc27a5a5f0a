"""A question and its answer over real sockets, in every form in which servers answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from core.ports import Finished, FinishReason, ModelRequest, ToolCallDelta
from core.turn import Usage
from sandbox.chat_completions.script import Answer, Framing, Shape, ToolCall, UsageIn
from sandbox.chat_completions.script import Usage as Counts
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.reading import asked, text_of, thought_in

TEXT = "Lima — das weiß man.\u2028🦙 Ende"


SHAPES = {
    "openai": Answer(text=TEXT),
    "azure": Answer(text=TEXT, shape=Shape(azure=True)),
    "json although streamed": Answer(text=TEXT, shape=Shape(as_json=True)),
    "json after blank lines": Answer(text=TEXT, shape=Shape(as_json=True), framing=Framing(blank_lines=5)),
    "message for delta": Answer(text=TEXT, shape=Shape(delta_key="message")),
    "no id": Answer(text=TEXT, shape=Shape(named=False)),
    "first content null": Answer(text=TEXT, shape=Shape(null_content=True)),
    "content as parts": Answer(text=TEXT, shape=Shape(content_parts=True)),
    "crlf": Answer(text=TEXT, framing=Framing(line_end="\r\n")),
    "cr": Answer(text=TEXT, framing=Framing(line_end="\r")),
    "bom": Answer(text=TEXT, framing=Framing(bom=True)),
    "no space": Answer(text=TEXT, framing=Framing(space=False)),
    "comments": Answer(text=TEXT, framing=Framing(comments=("OPENROUTER PROCESSING",), keep_alive="keep-alive")),
    "event names": Answer(text=TEXT, framing=Framing(event_name="message")),
    "several data lines": Answer(text=TEXT, framing=Framing(data_lines=3)),
    "byte by byte": Answer(text=TEXT, framing=Framing(split_every=1)),
    "no done": Answer(text=TEXT, framing=Framing(done=False)),
    "no done, no blank line": Answer(text=TEXT, framing=Framing(done=False, closing_blank_line=False)),
    "usage with the finish": Answer(text=TEXT, usage_in=UsageIn.FINISH_CHUNK),
    "usage in x_groq": Answer(text=TEXT, usage_in=UsageIn.X_GROQ),
    "usage everywhere": Answer(text=TEXT, usage_in=UsageIn.EVERY_CHUNK),
}


@pytest.mark.parametrize("name", SHAPES)
async def test_every_habit_gives_the_same_answer(
    name: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Whatever a server's payloads and framing look like: the same text, a finish, and the usage it told."""
    sandbox.script(SHAPES[name])
    events = await asked(model, question)
    assert text_of(events) == TEXT
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason is FinishReason.STOP
    assert end.usage is not None
    assert end.usage.prompt_tokens > 0
    assert end.usage.completion_tokens > 0
    assert end.usage.model == "parley-demo"


async def test_usage_is_told_in_full(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Cached and reasoning tokens come through, and the model is the one that answered."""
    counts = Counts(prompt_tokens=19, completion_tokens=10, cached_tokens=7, reasoning_tokens=4)
    sandbox.script(Answer(text="x", usage=counts, model="parley-demo-2026-01-01"))
    events = await asked(model, question)
    expected = Usage(
        prompt_tokens=19, completion_tokens=10, cached_tokens=7, reasoning_tokens=4, model="parley-demo-2026-01-01"
    )
    assert events[-1] == Finished(reason=FinishReason.STOP, usage=expected)


async def test_no_usage_is_no_usage(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Where the server counts nothing, nothing is made up."""
    sandbox.script(Answer(text="x", usage=False))
    assert (await asked(model, question))[-1] == Finished(reason=FinishReason.STOP, usage=None)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("model_length", FinishReason.LENGTH),
        ("content_filter", FinishReason.FILTER),
        ("eos", FinishReason.STOP),
        ("tool_calls", FinishReason.STOP),
        ("something_new", FinishReason.STOP),
    ],
)
async def test_finish_reasons(
    word: str,
    reason: FinishReason,
    sandbox: ChatCompletionsSandbox,
    model: ChatCompletionsModel,
    question: ModelRequest,
) -> None:
    """Every known word is understood; an unknown one, and calls without a call, are an ordinary end."""
    sandbox.script(Answer(text="x", finish_reason=word))
    end = (await asked(model, question))[-1]
    assert isinstance(end, Finished)
    assert end.reason is reason


async def test_a_refusal_is_shown_and_named(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """The refusal's text streams like an answer; the end says what it was."""
    sandbox.script(Answer(refusal="I will not do that."))
    events = await asked(model, question)
    assert text_of(events) == "I will not do that."
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.REFUSAL


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_told_apart(
    field: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Reasoning under either name never becomes text."""
    sandbox.script(Answer(reasoning="Let me think.", text="Lima", shape=Shape(reasoning_field=field)))
    events = await asked(model, question)
    assert (thought_in(events), text_of(events)) == ("Let me think.", "Lima")


async def test_think_blocks_are_reasoning(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """A `<think>` block at the beginning of the content is not shown, wherever its tags are cut."""
    sandbox.script(Answer(deltas=("<th", "ink>\nLet me", " think.</thi", "nk>", "\n\nLima", " <think>")))
    events = await asked(model, question)
    assert (thought_in(events), text_of(events)) == ("\nLet me think.", "Lima <think>")


FIND = ToolCall(name="find", arguments='{"q": "Perú"}', id="call_1", cuts=(1, 5, 9))
CALLS = {
    "openai": (FIND, Shape()),
    "whole, without index": (replace(FIND, whole=True), Shape(indexed=False)),
    "pieces, without index": (replace(FIND, cuts=(3,)), Shape(indexed=False)),
    "json": (FIND, Shape(as_json=True)),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("finish", ["tool_calls", "stop"])
async def test_function_calls_are_given_once_and_whole(
    name: str, finish: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Two parallel calls come as two whole calls, in order, and the end says so even where the server says `stop`."""
    call, shape = CALLS[name]
    other = ToolCall(name="count", arguments="{}", id="call_2", whole=call.whole)
    sandbox.script(Answer(tool_calls=(call, other), finish_reason=finish, shape=shape))
    events = await asked(model, question)
    calls = [event.call for event in events if isinstance(event, ToolCallDelta)]
    assert [(c.id, c.name, c.arguments) for c in calls] == [
        ("call_1", "find", '{"q": "Perú"}'),
        ("call_2", "count", "{}"),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.TOOL_CALLS


async def test_unknown_fields_of_a_call_are_kept(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Gemini's thought signature has to go back with the call, so it is kept with it."""
    extra = {"extra_content": {"google": {"thought_signature": "abc"}}}
    sandbox.script(Answer(tool_calls=(ToolCall(name="find", id="x", whole=True, extra=extra),)))
    (call,) = [event.call for event in await asked(model, question) if isinstance(event, ToolCallDelta)]
    assert call.extra == extra
