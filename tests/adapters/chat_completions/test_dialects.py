"""What servers refuse is said differently the next time, and remembered."""

from __future__ import annotations

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.dialects import Dialect, learned, native_dialect
from adapters.chat_completions.faults import Fault, read_fault
from core.conversation import Message, Role, TextPart, ToolCall, text_message
from core.errors import ModelRefused
from core.persona import ModelParameters
from core.ports import ModelRequest, ToolSpec
from sandbox.chat_completions.failures import error
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import NotingClock, Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of
from tests.adapters.chat_completions.refusals import EXTRA, REFUSALS, unsupported
from tests.adapters.chat_completions.servers import http, raw_server, refusal, told

TOOL = ToolSpec(name="find", description="Finds.", parameters={"type": "object", "properties": {}})
FULL = ModelParameters(
    temperature=0.2,
    max_tokens=100,
    top_p=0.5,
    frequency_penalty=0.5,
    presence_penalty=0.5,
    stop=("END", "STOP"),
    seed=7,
    reasoning_effort="low",
    verbosity="low",
)


def request(**fields: object) -> ModelRequest:
    """A question with these fields."""
    return ModelRequest(messages=(text_message(Role.SYSTEM, "Be kind."), text_message(Role.USER, "Hi")), **fields)  # type: ignore[arg-type]  # a test gives any field


async def test_a_reasoning_model_is_learned(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """max_tokens is renamed, each sampling parameter dropped, once; the next question goes through at once."""
    model = open_model(sandbox.base_url, model="gpt-6-luna")
    sandbox.script(Answer(text="one"), Answer(text="two"))
    assert text_of(await asked(model, request(parameters=FULL))) == "one"
    refused = len(sandbox.requests) - 1
    assert refused == 5
    said = sandbox.requests[-1].body
    assert said["max_completion_tokens"] == 100
    assert not {"max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty"} & said.keys()
    assert (said["seed"], said["stop"], said["reasoning_effort"]) == (7, ["END", "STOP"], "low")
    assert text_of(await asked(model, request(parameters=FULL))) == "two"
    assert len(sandbox.requests) == refused + 2


async def test_what_is_learned_belongs_to_a_model(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Another model of the same server is asked in the common way."""
    model = open_model(sandbox.base_url, model="gpt-6-luna")
    sandbox.script(Answer(text="one"), Answer(text="two"))
    await asked(model, request(parameters=ModelParameters(temperature=0.2)))
    await asked(model, request(parameters=ModelParameters(temperature=0.2), model="parley-demo"))
    assert sandbox.requests[-1].body["temperature"] == 0.2


async def test_tools_need_no_reasoning(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """gpt-6-luna takes tools only with reasoning_effort none; without tools the persona's effort is sent again."""
    model = open_model(sandbox.base_url, model="gpt-6-luna")
    sandbox.script(*[Answer(text="ok")] * 3)
    parameters = ModelParameters(reasoning_effort="high")
    await asked(model, request(tools=(TOOL,), parameters=parameters))
    assert sandbox.requests[-1].body["reasoning_effort"] == "none"
    assert sandbox.requests[-1].body["tools"]
    await asked(model, request(tools=(TOOL,)))
    assert len(sandbox.requests) == 3
    await asked(model, request(parameters=parameters))
    assert sandbox.requests[-1].body["reasoning_effort"] == "high"


async def test_a_model_that_takes_no_tools_answers_without(
    sandbox: ChatCompletionsSandbox, open_model: Opening
) -> None:
    """gpt-6-astra takes neither tools nor `none`: it gets the question alone."""
    model = open_model(sandbox.base_url, model="gpt-6-astra")
    sandbox.script(Answer(text="ok"))
    parameters = ModelParameters(tool_choice="auto", parallel_tool_calls=True)
    assert text_of(await asked(model, request(tools=(TOOL,), parameters=parameters))) == "ok"
    assert not {"tools", "tool_choice", "parallel_tool_calls", "reasoning_effort"} & sandbox.requests[-1].body.keys()


async def test_a_dialect_in_the_settings_is_spoken_at_once(
    sandbox: ChatCompletionsSandbox, open_model: Opening
) -> None:
    """An operator who knows the server saves the refusals."""
    dialect = Dialect(renamed={"max_tokens": "max_completion_tokens"}, dropped=frozenset({"temperature"}))
    model = open_model(sandbox.base_url, model="gpt-6-luna", dialect=dialect)
    sandbox.script(Answer(text="ok"))
    await asked(model, request(parameters=ModelParameters(temperature=0.3, max_tokens=9)))
    assert len(sandbox.requests) == 1


async def test_a_value_out_of_bounds_is_dropped_for_this_question_only(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel
) -> None:
    """A persona's mistake costs the parameter, not the answer, and does not touch other personas."""
    sandbox.script(Answer(text="ok"), Answer(text="ok"))
    await asked(model, request(parameters=ModelParameters(temperature=9.0)))
    assert "temperature" not in sandbox.requests[-1].body
    await asked(model, request(parameters=ModelParameters(temperature=0.5)))
    assert sandbox.requests[-1].body["temperature"] == 0.5


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_in_many_words(
    name: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, clock: NotingClock
) -> None:
    """Whoever names a field it does not know is asked again at once without it, and never again with it."""
    refused, gone = REFUSALS[name]
    question = request(
        tools=(TOOL,),
        parameters=ModelParameters(
            seed=7, stop=("END",), frequency_penalty=0.1, verbosity="low", logit_bias={"50256": -100}
        ),
    )
    sandbox.script(refused, Answer(text="ok"), Answer(text="ok"))
    assert text_of(await asked(model, question)) == "ok"
    before, after = sandbox.requests[0].body, sandbox.requests[1].body
    assert before.keys() - after.keys() == gone
    await asked(model, question)
    assert len(sandbox.requests) == 3
    assert clock.slept == []


async def test_the_cap_changes_its_name_both_ways(open_model: Opening) -> None:
    """A server that knows only max_tokens gets it, though its address promised the newer name."""
    new = Dialect(renamed={"max_tokens": "max_completion_tokens"})
    unknown = {"error": {"message": "Unrecognized request argument supplied: max_completion_tokens"}}
    async with raw_server(refusal(400, unknown), http(body=told("ok"))) as server:
        model = open_model(server.base_url, dialect=new)
        await asked(model, request(parameters=ModelParameters(max_tokens=5)))
        assert server.bodies[0]["max_completion_tokens"] == 5
        assert server.bodies[1]["max_tokens"] == 5


async def test_a_server_that_takes_no_cap_answers_without(open_model: Opening) -> None:
    """Both names refused: the cap goes, and nothing turns in circles."""

    plays = [
        refusal(400, unsupported("max_tokens")),
        refusal(400, unsupported("max_completion_tokens")),
        http(body=told("ok")),
    ]
    async with raw_server(*plays) as server:
        await asked(open_model(server.base_url), request(parameters=ModelParameters(max_tokens=5)))
        assert not {"max_tokens", "max_completion_tokens"} & server.bodies[2].keys()


async def test_a_system_role_that_is_not_known(open_model: Opening) -> None:
    """system → developer → in front of the first message, as the refusals ask for it."""
    first = unsupported("messages[0].role", "system")
    second = {"error": {"message": "role developer is not supported", "param": "messages[0].role"}}
    async with raw_server(refusal(400, first), refusal(400, second), http(body=told("ok"))) as server:
        await asked(open_model(server.base_url), request())
        roles = [[message["role"] for message in server.messages(number)] for number in range(3)]
    assert roles == [["system", "user"], ["developer", "user"], ["user"]]
    assert server.messages(2) == [{"role": "user", "content": "Be kind.\n\nHi"}]


async def test_a_template_without_a_system_role(open_model: Opening) -> None:
    """Gemma's template says so without naming a parameter."""
    no = {"error": {"message": "Error rendering prompt: System role not supported", "type": "server_error"}}
    async with raw_server(refusal(400, no), http(body=told("ok"))) as server:
        await asked(open_model(server.base_url), request())
        assert server.messages(1) == [{"role": "user", "content": "Be kind.\n\nHi"}]


async def test_streaming_may_be_refused(open_model: Opening) -> None:
    """A model that this key may not stream is asked for the whole answer."""
    text = "Your organization must be verified to stream this model."
    no = {"error": {"message": text, "param": "stream", "code": "unsupported_value"}}
    whole = b'{"choices":[{"index":0,"message":{"content":"Lima"},"finish_reason":"stop"}]}'
    async with raw_server(refusal(400, no), http(body=whole, kind="application/json")) as server:
        assert text_of(await asked(open_model(server.base_url), request())) == "Lima"
        assert not {"stream", "stream_options"} & server.bodies[1].keys()


async def test_mistral_wants_short_ids(open_model: Opening) -> None:
    """Ids from another server in the history become nine letters and digits, the same in call and result."""
    text = "Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9."
    no = {"object": "error", "message": text, "type": "invalid_request_error", "code": "3280"}
    messages = (
        text_message(Role.USER, "Hi"),
        Message(role=Role.ASSISTANT, tool_calls=(ToolCall(id="call_abc", name="find", arguments="{}"),)),
        Message(role=Role.TOOL, parts=(TextPart(text="found"),), tool_call_id="call_abc"),
    )
    async with raw_server(refusal(400, no), http(body=told("ok"))) as server:
        await asked(open_model(server.base_url), ModelRequest(messages=messages))
        _, call, result = server.messages(1)
    (sent,) = call["tool_calls"]
    call_id = sent["id"]
    assert len(call_id) == 9
    assert call_id.isalnum()
    assert result["tool_call_id"] == call_id


async def test_a_mistake_inside_a_structure_is_not_hidden(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel
) -> None:
    """A schema that a server finds invalid is for a person to mend: the error names the parameter."""
    text = "Invalid schema for response_format 'x': schema must be an object."
    sandbox.script(error(400, text, param="response_format"))
    wanted = ModelParameters(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": 1}})
    _, caught = await failed(model, request(parameters=wanted))
    assert isinstance(caught, ModelRefused)
    assert "response_format" in caught.detail
    assert len(sandbox.requests) == 1


async def test_the_same_refusal_again_is_an_error(open_model: Opening) -> None:
    """A server that refuses whatever is sent is asked once for each parameter and then believed."""
    no = {"error": {"message": "Unsupported parameter: 'temperature'", "param": "temperature"}}
    async with raw_server(refusal(400, no)) as server:
        _, caught = await failed(open_model(server.base_url), request(parameters=FULL))
        assert isinstance(caught, ModelRefused)
        assert len(server.bodies) == 2


def test_nothing_is_learned_from_other_failures() -> None:
    """A rate limit that mentions a parameter teaches nothing."""
    sent = {"model": "m", "messages": [], "max_tokens": 5}
    fault = Fault(status=429, message="max_tokens is not supported at this rate", param="max_tokens")
    assert learned(Dialect(), fault, sent) is None
    assert learned(Dialect(), read_fault(400, b"<html>"), sent) is None


@pytest.mark.parametrize(
    ("host", "renamed"),
    [
        ("api.openai.com", {"max_tokens": "max_completion_tokens"}),
        ("mine.openai.azure.com", {"max_tokens": "max_completion_tokens"}),
        ("api.mistral.ai", {"seed": "random_seed"}),
        ("localhost", {}),
        ("notmistral.ai.example", {}),
    ],
)
def test_known_addresses(host: str, renamed: dict[str, str]) -> None:
    """What an address tells is not learned by refusals."""
    assert native_dialect(host).renamed == renamed


FOREIGN_FIELDS = {
    "openai": {
        "error": {"message": "Unknown parameter: 'messages[1].reasoning_content'.", "code": "unknown_parameter"}
    },
    "groq": {"error": {"message": "'messages.1' : property 'reasoning_content' is unsupported"}},
    "mistral": {
        "detail": [
            {"type": "extra_forbidden", "loc": ["body", "messages", 1, "assistant", "reasoning_content"], "msg": EXTRA}
        ]
    },
}


@pytest.mark.parametrize("name", FOREIGN_FIELDS)
async def test_fields_of_another_server_are_taken_out(name: str, open_model: Opening) -> None:
    """What one server wants back beside its calls, another refuses: it then gets plain messages."""
    call = ToolCall(id="c1", name="find", arguments="{}", extra={"message": {"reasoning_content": "hm"}, "sign": "s"})
    messages = (
        text_message(Role.USER, "Hi"),
        Message(role=Role.ASSISTANT, tool_calls=(call,)),
        Message(role=Role.TOOL, parts=(TextPart(text="found"),), tool_call_id="c1"),
    )
    async with raw_server(refusal(400, FOREIGN_FIELDS[name]), http(body=told("ok"))) as server:
        await asked(open_model(server.base_url), ModelRequest(messages=messages))
        before, after = server.messages(0)[1], server.messages(1)[1]
    assert (before["reasoning_content"], before["tool_calls"][0]["sign"]) == ("hm", "s")
    assert after.keys() == {"role", "content", "tool_calls"}
    assert after["tool_calls"][0].keys() == {"id", "type", "function"}
