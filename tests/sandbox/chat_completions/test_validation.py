"""Requests that OpenAI refuses are refused here, with its status, code and parameter."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.chat_completions.failures import FAILURES
from sandbox.chat_completions.journal import Outcome
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox

USER = {"role": "user", "content": "Hello"}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "42"}
LUNA = {"model": "gpt-6-luna"}

REFUSED: list[tuple[dict[str, Any], int, str | None, str | None]] = [
    ({"model": "gpt-0"}, 404, "model_not_found", None),
    ({"model": ""}, 400, None, None),
    ({"model": "omni-moderation-latest"}, 404, None, "model"),
    ({"messages": []}, 400, "empty_array", "messages"),
    ({"messages": [{"role": "robot", "content": "x"}]}, 400, "invalid_value", "messages[0].role"),
    ({"messages": [{"role": "user", "content": None}]}, 400, None, "messages[0].content"),
    (
        {"messages": [{"role": "system", "content": [{"type": "image_url"}]}]},
        400,
        "invalid_value",
        "messages[0].content",
    ),
    ({"stream_options": {"include_usage": True}}, 400, None, "stream_options"),
    ({"web_surf": 1}, 400, None, None),
    ({"temperature": 3}, 400, "decimal_out_of_range", "temperature"),
    ({"temperature": "hot"}, 400, "invalid_type", "temperature"),
    ({"n": 129}, 400, "decimal_out_of_range", "n"),
    ({"stop": list("abcde")}, 400, "array_above_max_length", "stop"),
    ({"safety_identifier": "x" * 65}, 400, "string_above_max_length", "safety_identifier"),
    ({"metadata": {str(n): "" for n in range(17)}}, 400, None, "metadata"),
    ({"max_tokens": 0}, 400, "integer_below_min_value", "max_tokens"),
    ({"max_tokens": 5, "max_completion_tokens": 5}, 400, "invalid_parameter_combination", "max_tokens"),
    ({**LUNA, "max_tokens": 5}, 400, "unsupported_parameter", "max_tokens"),
    ({**LUNA, "temperature": 0.2}, 400, "unsupported_value", "temperature"),
    ({**LUNA, "top_p": 0.9}, 400, "unsupported_value", "top_p"),
    ({**LUNA, "tools": TOOLS}, 400, None, "reasoning_effort"),
    ({"model": "gpt-6-astra", "tools": TOOLS}, 400, None, "reasoning_effort"),
    ({"model": "gpt-6-astra", "reasoning_effort": "none"}, 400, "unsupported_value", "reasoning_effort"),
    ({"reasoning_effort": "low"}, 400, None, None),
    ({"parallel_tool_calls": True}, 400, None, "parallel_tool_calls"),
    ({"tool_choice": "auto"}, 400, None, "tool_choice"),
    (
        {"tools": [{"type": "function", "function": {"name": "no spaces"}}]},
        400,
        "invalid_value",
        "tools[].function.name",
    ),
    ({"response_format": {"type": "json_object"}}, 400, None, "messages"),
    ({"messages": [USER, CALL]}, 400, None, "messages.[1].role"),
    ({"messages": [USER, CALL, USER]}, 400, None, "messages.[2].role"),
    ({"messages": [USER, RESULT]}, 400, None, "messages.[1].role"),
    ({"messages": [{"role": "tool", "content": "x"}]}, 400, "missing_required_parameter", "messages[0].tool_call_id"),
    (
        {"model": "parley-demo-tiny", "messages": [{"role": "user", "content": "word " * 2000}]},
        400,
        "context_length_exceeded",
        "messages",
    ),
]

TAKEN: list[dict[str, Any]] = [
    {"temperature": 0.2, "top_p": 0.5, "stop": ["a", "b"], "seed": 7, "n": 2, "max_tokens": 5},
    {**LUNA, "max_completion_tokens": 50, "temperature": 1, "reasoning_effort": "high"},
    {**LUNA, "tools": TOOLS, "reasoning_effort": "none"},
    {"tools": TOOLS, "tool_choice": "auto", "parallel_tool_calls": False},
    {"messages": [USER, CALL, RESULT, USER]},
    {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "as json"}]}],
        "response_format": {"type": "json_object"},
    },
]


@pytest.mark.parametrize(("changes", "status", "code", "param"), REFUSED, ids=lambda value: str(value)[:60])
async def test_a_wrong_request_is_refused(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str | None, param: str | None
) -> None:
    """Status, code and parameter are OpenAI's, in its wrapper."""
    response = await client.post("/chat/completions", json={"model": "parley-demo", "messages": [USER], **changes})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (status, code, param)
    assert error["message"]


@pytest.mark.parametrize("changes", TAKEN, ids=lambda value: str(value)[:60])
async def test_a_right_request_is_taken(
    sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient, changes: dict[str, Any]
) -> None:
    """What OpenAI takes is answered."""
    sandbox.script(Answer(text="ok"))
    response = await client.post("/chat/completions", json={"model": "parley-demo", "messages": [USER], **changes})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("headers", "code"), [({}, None), ({"Authorization": "Bearer sk-wrong"}, "invalid_api_key")])
@pytest.mark.parametrize("path", ["/chat/completions", "/moderations", "/models", "/models/parley-demo"])
async def test_the_key_is_checked(
    sandbox: ChatCompletionsSandbox, headers: dict[str, str], code: str | None, path: str
) -> None:
    """Without the right bearer every endpoint answers 401 and never repeats the key."""
    async with httpx.AsyncClient(base_url=sandbox.base_url, headers=headers, trust_env=False) as stranger:
        response = await (stranger.get(path) if "models" in path else stranger.post(path, json={"model": "x"}))
    assert (response.status_code, response.json()["error"]["code"]) == (401, code)
    assert "sk-wrong" not in response.text
    assert sandbox.requests[0].outcome is Outcome.REFUSED


@pytest.mark.parametrize("body", [b"{broken", b"[]", b"", b"\xff\xfe"])
async def test_a_body_that_is_no_json_object_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    """A 400 says that the body could not be parsed."""
    response = await client.post("/chat/completions", content=body)
    assert response.status_code == 400
    assert "could not parse" in response.json()["error"]["message"]


@pytest.mark.parametrize("name", [name for name in FAILURES if name != "dropped"])
async def test_every_known_failure_is_playable(
    sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient, name: str
) -> None:
    """Status, body and headers are those of the script, for each row of the fact sheet."""
    failure = FAILURES[name]
    sandbox.script(failure)
    response = await client.post("/chat/completions", json={"model": "parley-demo", "messages": [USER]})
    assert response.status_code == failure.status
    assert response.headers["Content-Type"].split(";")[0] == failure.content_type
    assert {header: response.headers[header] for header in failure.headers} == failure.headers
    assert (response.text if isinstance(failure.body, str) else response.json()) == failure.body


async def test_models_are_listed(sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient) -> None:
    """The list holds chat models and others, each can be asked for alone, and an unknown one is a 404."""
    listed = (await client.get("/models")).json()
    ids = [model["id"] for model in listed["data"]]
    assert (listed["object"], sandbox.model in ids, "omni-moderation-latest" in ids) == ("list", True, True)
    assert (await client.get(f"/models/{sandbox.model}")).json()["id"] == sandbox.model
    assert (await client.get("/models/gpt-0")).json()["error"]["code"] == "model_not_found"


async def test_moderation_flags_its_few_words(client: httpx.AsyncClient) -> None:
    """A list of texts gives a result each, a list of parts one in all, and no input is a 400."""
    texts = (await client.post("/moderations", json={"input": ["I will kill it", "hello"]})).json()["results"]
    assert [result["flagged"] for result in texts] == [True, False]
    assert texts[0]["categories"]["violence"] is True
    parts = [{"type": "text", "text": "a hateful"}, {"type": "text", "text": "kill"}]
    (both,) = (await client.post("/moderations", json={"input": parts})).json()["results"]
    assert (both["categories"]["hate"], both["categories"]["violence"]) == (True, True)
    assert (await client.post("/moderations", json={})).status_code == 400


async def test_azure_s_address_and_key_header_work(sandbox: ChatCompletionsSandbox) -> None:
    """The deployment in the path stands in for the model, `api-key` for the bearer."""
    sandbox.script(Answer(text="hi"))
    url = sandbox.base_url.removesuffix("/v1") + "/openai/deployments/parley-demo/chat/completions?api-version=x"
    async with httpx.AsyncClient(headers={"api-key": sandbox.api_key}, trust_env=False) as azure:
        response = await azure.post(url, json={"messages": [USER]})
    assert response.json()["choices"][0]["message"]["content"] == "hi"
    assert sandbox.api_key not in repr(sandbox.requests)
