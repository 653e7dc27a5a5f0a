"""Servers that know tools by their older name, `functions`: learned from a refusal, asked and answered in that form."""

from __future__ import annotations

import json
from typing import Any

from core.conversation import Message, Role, TextPart, ToolCall, text_message
from core.persona import ModelParameters
from core.ports import ModelRequest, ToolCallDelta, ToolSpec
from sandbox.chat_completions.failures import error
from sandbox.chat_completions.script import Answer, Shape
from sandbox.chat_completions.script import ToolCall as Called
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import Opening
from tests.adapters.chat_completions.reading import asked, text_of

FIND = ToolSpec(name="find", description="Finds.", parameters={"type": "object", "properties": {}})
UNKNOWN = error(400, "Unrecognized request argument supplied: tools")
ALSO_UNKNOWN = error(400, "Unrecognized request argument supplied: functions")
QUESTION = text_message(Role.USER, "Where?")
TALK = (
    QUESTION,
    Message(
        role=Role.ASSISTANT,
        parts=(TextPart(text="I look."),),
        tool_calls=(
            ToolCall(id="a", name="find", arguments='{"x": 1}'),
            ToolCall(id="b", name="find", arguments='{"x": 2}'),
        ),
    ),
    Message(role=Role.TOOL, parts=(TextPart(text="one"),), tool_call_id="a"),
    Message(role=Role.TOOL, parts=(TextPart(text="two"),), tool_call_id="b"),
)


def with_tools(*messages: Message, **parameters: Any) -> ModelRequest:
    """A question with a tool."""
    return ModelRequest(messages=messages or (QUESTION,), tools=(FIND,), parameters=ModelParameters(**parameters))


def _as_function_call(payload: dict[str, Any]) -> dict[str, Any]:
    """Calls as old servers stream them."""
    told = json.loads(json.dumps(payload))
    for choice in told.get("choices", ()):
        for call in choice.get("delta", {}).pop("tool_calls", ()):
            choice["delta"]["function_call"] = call["function"]
        if choice.get("finish_reason") == "tool_calls":
            choice["finish_reason"] = "function_call"
    return dict(told)


async def test_the_older_form_is_learned(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """After the refusal the same is asked as functions, at once and for ever."""
    model = open_model(sandbox.base_url)
    sandbox.script(UNKNOWN, Answer(text="here"), Answer(text="there"))
    assert text_of(await asked(model, with_tools(tool_choice="none", parallel_tool_calls=True))) == "here"
    said = sandbox.requests[-1].body
    assert [one["name"] for one in said["functions"]] == ["find"]
    assert said["function_call"] == "none"
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & said.keys()
    assert text_of(await asked(model, with_tools())) == "there"
    assert len(sandbox.requests) == 3


async def test_a_call_in_the_older_form(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Its fragments become one call like any other."""
    model = open_model(sandbox.base_url)
    call = Called(name="find", arguments='{"x": 1}', cuts=(3, 5))
    sandbox.script(UNKNOWN, Answer(tool_calls=(call,), shape=Shape(altered=_as_function_call)))
    found = [event.call for event in await asked(model, with_tools()) if isinstance(event, ToolCallDelta)]
    assert [(one.name, one.arguments) for one in found] == [("find", '{"x": 1}')]


async def test_calls_and_results_in_the_older_form(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Each call stands before its result, which names the function."""
    model = open_model(sandbox.base_url)
    sandbox.script(UNKNOWN, Answer(text="here"))
    await asked(model, with_tools(*TALK))
    assert sandbox.requests[-1].body["messages"][1:] == [
        {"role": "assistant", "content": "I look."},
        {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": '{"x": 1}'}},
        {"role": "function", "name": "find", "content": "one"},
        {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": '{"x": 2}'}},
        {"role": "function", "name": "find", "content": "two"},
    ]


async def test_a_server_that_knows_neither(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Answers without: no tools, no functions, and nothing of calls in the talk."""
    model = open_model(sandbox.base_url)
    sandbox.script(UNKNOWN, ALSO_UNKNOWN, Answer(text="I do not know."))
    assert text_of(await asked(model, with_tools(*TALK, tool_choice="auto"))) == "I do not know."
    said = sandbox.requests[-1].body
    assert not {"tools", "functions", "function_call", "tool_choice"} & said.keys()
    assert said["messages"] == [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": "I look."}]
