"""Every known oddity of compatible servers can be played, by script and by asking the demo, and says the same."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sandbox.chat_completions.catalogue import Model
from sandbox.chat_completions.oddities import ODDITIES
from sandbox.chat_completions.script import Answer, Shape, ToolCall
from sandbox.chat_completions.server import ChatCompletionsSandbox

BROKEN = ("error_as_chunk", "bare_error")
JSON = ("json_although_streamed", "blank_lines_before_json")
CHANGED = ("line_separators", "think_block", "content_parts", *BROKEN, *JSON)


@pytest.mark.parametrize("name", [name for name in ODDITIES if name not in CHANGED])
async def test_the_words_are_the_same(sandbox: ChatCompletionsSandbox, ask: Any, name: str) -> None:
    """However odd the events, they join to the text."""
    sandbox.script(ODDITIES[name](Answer(text="The same words as ever.")))
    assert (await ask()).text == "The same words as ever."


@pytest.mark.parametrize("name", ODDITIES)
async def test_the_demo_plays_it(client: httpx.AsyncClient, name: str) -> None:
    """A person who says `play NAME` gets it, with the demo's words."""
    said = [{"role": "user", "content": f"play {name}"}]
    body = {"model": "parley-demo", "stream": True, "messages": said}
    response = await client.post("/chat/completions", json=body)
    assert response.status_code == 200
    assert b"Parley" in response.content
    assert response.headers["Content-Type"].startswith("application/json" if name in JSON else "text/event-stream")


@pytest.mark.parametrize("name", BROKEN)
async def test_errors_have_other_shapes(sandbox: ChatCompletionsSandbox, ask: Any, name: str) -> None:
    """OpenRouter's error stands in a chunk, Mistral's without a wrapper."""
    sandbox.script(ODDITIES[name](Answer(text="word " * 40)))
    last = (await ask()).chunks[-1]
    if name == "error_as_chunk":
        assert (last["choices"][0]["finish_reason"], last["error"]["type"]) == ("error", "server_error")
    else:
        assert last["type"] == "server_error"


async def test_arguments_can_be_an_object(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """The call comes in one chunk, its arguments parsed already."""
    call = ToolCall(name="f", arguments='{"a": 1}')
    sandbox.script(ODDITIES["arguments_as_object"](Answer(tool_calls=(call,))))
    (got,) = [call for delta in (await ask()).deltas for call in delta.get("tool_calls", ())]
    assert got["function"]["arguments"] == {"a": 1}


async def test_any_payload_can_be_altered(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """What has no name can still be played: a function changes each payload."""
    sandbox.script(Answer(text="hi", shape=Shape(altered=lambda payload: {**payload, "choices": None})))
    assert all(json.loads(data)["choices"] is None for data in (await ask()).data[:-1])


async def test_a_strict_server_refuses_what_it_does_not_know() -> None:
    """A model may be served by one that knows fewer parameters; the refusal names the parameter."""
    server = ChatCompletionsSandbox(models=(Model(id="old", unknown=frozenset({"stream_options"})),))
    await server.start()
    body = {"model": "old", "messages": [{"role": "user", "content": "hi"}], "stream": True, "stream_options": {}}
    headers = {"Authorization": f"Bearer {server.api_key}"}
    async with httpx.AsyncClient(base_url=server.base_url, headers=headers, trust_env=False) as client:
        refused = await client.post("/chat/completions", json=body)
    await server.stop()
    assert refused.status_code == 400
    assert "stream_options" in refused.json()["error"]["message"]
