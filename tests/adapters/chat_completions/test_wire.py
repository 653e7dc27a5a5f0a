"""Requests as servers get them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.dialects import Dialect
from adapters.chat_completions.wire import encoded, payload, written_messages
from core.conversation import ImagePart, Message, Role, TextPart, ToolCall, text_message
from core.errors import ModelRefused
from core.persona import ModelParameters
from core.ports import ModelRequest, ToolSpec
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.reading import asked, text_of

PLAIN = Dialect()
HELLO = ModelRequest(messages=(text_message(Role.USER, "Hi"),))
FIND = ToolSpec(
    name="find", description="Finds.", parameters={"type": "object", "properties": {"q": {"type": "string"}}}
)
EVERYTHING = ModelParameters(
    temperature=0.2,
    max_tokens=100,
    top_p=0.5,
    frequency_penalty=0.5,
    presence_penalty=-0.5,
    stop=("END", "STOP"),
    seed=7,
    n=1,
    logit_bias={"50256": -100},
    logprobs=True,
    top_logprobs=2,
    response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": ["a", "b"]}}},
    tool_choice={"type": "function", "function": {"name": "find"}},
    parallel_tool_calls=False,
    verbosity="low",
    service_tier="flex",
    extra={"metadata": {"team": "a"}, "store": True, "prompt_cache_key": "k", "modalities": ["text"]},
)


def test_only_what_was_configured_is_sent() -> None:
    """A bare question has a model, messages, and the wish for a stream with usage. The asker's hash needs a field."""
    expected = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert payload(HELLO, model="m", dialect=PLAIN) == expected
    named = ModelRequest(messages=HELLO.messages, user="hash")
    assert payload(named, model="m", dialect=PLAIN) == expected
    assert payload(named, model="m", dialect=PLAIN, user_field="user") == {**expected, "user": "hash"}


async def test_every_parameter_reaches_the_server(sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel) -> None:
    """All of them at once are taken by a server that checks them as OpenAI does."""
    sandbox.script(Answer(text="ok"))
    await asked(model, ModelRequest(messages=HELLO.messages, tools=(FIND,), parameters=EVERYTHING))
    assert len(sandbox.requests) == 1
    body = sandbox.requests[0].body
    assert body["stop"] == ["END", "STOP"]
    assert body["metadata"] == {"team": "a"}
    assert body["tools"][0]["function"] == {
        "name": "find",
        "description": "Finds.",
        "parameters": {"type": "object", "properties": {"q": {"type": "string"}}},
    }
    scalars = {"temperature": 0.2, "max_tokens": 100, "seed": 7, "n": 1, "parallel_tool_calls": False, "store": True}
    assert scalars.items() <= body.items()
    assert "user" not in body


def test_zero_is_something() -> None:
    """0 and False are sent; None is not, in `extra` neither."""
    parameters = ModelParameters(temperature=0.0, seed=0, logprobs=False, extra={"top_k": 0, "min_p": None})
    said = payload(ModelRequest(messages=(), parameters=parameters), model="m", dialect=PLAIN)
    assert {"temperature": 0.0, "seed": 0, "logprobs": False, "top_k": 0}.items() <= said.items()
    assert "min_p" not in said


def test_extra_goes_first_but_not_everywhere() -> None:
    """`extra` replaces a parameter and joins stream_options, but decides neither model, messages, tools nor stream."""
    parameters = ModelParameters(
        max_tokens=5,
        temperature=0.1,
        extra={
            "temperature": 0.9,
            "max_completion_tokens": 7,
            "model": "other",
            "messages": [],
            "stream": False,
            "stream_options": {"include_obfuscation": False},
        },
    )
    said = payload(ModelRequest(messages=HELLO.messages, parameters=parameters), model="m", dialect=PLAIN)
    assert (said["model"], said["stream"], said["temperature"]) == ("m", True, 0.9)
    assert said["messages"]
    assert said["stream_options"] == {"include_usage": True, "include_obfuscation": False}
    assert (said["max_completion_tokens"], "max_tokens" in said) == (7, False)


def test_tool_parameters_need_tools() -> None:
    """OpenAI refuses tool_choice and parallel_tool_calls without tools, so they stay away."""
    parameters = ModelParameters(tool_choice="auto", parallel_tool_calls=True)
    said = payload(ModelRequest(messages=HELLO.messages, parameters=parameters), model="m", dialect=PLAIN)
    assert not {"tool_choice", "parallel_tool_calls", "tools"} & said.keys()


def test_messages() -> None:
    """Each role in the shape of the API: parts only where there is a picture, null content beside calls, no names."""
    call = ToolCall(id="c1", name="find", arguments='{"q":1}', extra={"extra_content": {"signature": "s"}})
    messages = (
        text_message(Role.SYSTEM, "Be kind."),
        text_message(Role.USER, "Ann: Hi", author="Ann", author_id="U1"),
        Message(
            role=Role.USER, parts=(TextPart(text="Look"), ImagePart(url="data:x"), ImagePart(url="u", detail="low"))
        ),
        Message(role=Role.ASSISTANT, tool_calls=(call,)),
        Message(role=Role.TOOL, parts=(TextPart(text="found"),), tool_call_id="c1"),
        Message(role=Role.ASSISTANT),
        Message(role=Role.USER, parts=(TextPart(text="Ann: "), TextPart(text="Hi"))),
    )
    assert written_messages(messages, PLAIN) == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Ann: Hi"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": {"url": "data:x"}},
                {"type": "image_url", "image_url": {"url": "u", "detail": "low"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "extra_content": {"signature": "s"},
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "find", "arguments": '{"q":1}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "found"},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "Ann: Hi"},
    ]


def test_without_a_system_role_the_prompt_is_not_lost() -> None:
    """It goes in front of the first message of a person, pictures and all; alone it is a message."""
    picture = Message(role=Role.USER, parts=(ImagePart(url="u"),))
    dialect = Dialect(system_role="user")
    prompt = text_message(Role.SYSTEM, "Be kind.")
    ((first),) = written_messages((prompt, picture), dialect)
    assert first["content"] == [
        {"type": "text", "text": "Be kind.\n\n"},
        {"type": "image_url", "image_url": {"url": "u"}},
    ]
    assert written_messages((prompt,), dialect) == [{"role": "user", "content": "Be kind.\n\n"}]


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_can_be_sent(text: str) -> None:
    """Halves of surrogate pairs come in from chat platforms; the body is UTF-8 all the same, and the rest intact."""
    body = encoded(payload(ModelRequest(messages=(text_message(Role.USER, text),)), model="m", dialect=PLAIN))
    sent = json.loads(body)["messages"][0]["content"]
    assert sent == text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("value", [float("nan"), object(), {1: object()}])
def test_parameters_that_are_no_json_are_refused(value: object) -> None:
    """As an error of ours."""
    with pytest.raises(ModelRefused):
        encoded({"x": value})


async def test_a_whole_conversation_with_calls_is_taken(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel
) -> None:
    """What this adapter writes passes the server's check of calls and their results."""
    messages = (
        text_message(Role.SYSTEM, "Be kind."),
        text_message(Role.USER, "Find Peru"),
        Message(role=Role.ASSISTANT, tool_calls=(ToolCall(id="c1", name="find", arguments="{}"),)),
        Message(role=Role.TOOL, parts=(TextPart(text="found"),), tool_call_id="c1"),
    )
    sandbox.script(Answer(text="ok"))
    assert text_of(await asked(model, ModelRequest(messages=messages, tools=(FIND,)))) == "ok"
