"""The stream as OpenAI lays it out, and every way in which it can break."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sandbox.chat_completions.journal import Outcome
from sandbox.chat_completions.script import Answer, Failure, Framing, Shape, Stall, ToolCall, Usage, UsageIn
from sandbox.chat_completions.server import ChatCompletionsSandbox

WITH_USAGE = {"stream_options": {"include_usage": True}}
BODY = {"model": "parley-demo", "messages": [{"role": "user", "content": "Hello there"}], "stream": True}


async def read_into(got: list[bytes], client: httpx.AsyncClient) -> None:
    """Reads a streamed answer piece by piece, so that what came before a break is kept."""
    async with client.stream("POST", "/chat/completions", json=BODY) as response:
        async for data in response.aiter_bytes():
            got.append(data)  # noqa: PERF401 - a comprehension would lose what came before the break


async def test_an_answer_streams_role_text_finish_and_done(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """The events come in OpenAI's order, share one id, and join to the scripted text."""
    sandbox.script(Answer(deltas=("Hel", "lo", " wörld")))
    got = await ask()
    assert got.deltas[0]["role"] == "assistant"
    assert got.text == "Hello wörld"
    assert got.finish_reasons == ["stop"]
    assert got.data[-1] == "[DONE]"
    assert len({chunk["id"] for chunk in got.chunks}) == 1


async def test_a_text_is_cut_into_pieces_that_join_to_it(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """A text without given deltas comes in many, and nothing is lost."""
    text = "Several words, some **bold**,\n\n```python\nprint('x')\n```\n and ünïcode 🎉."
    sandbox.script(Answer(text=text))
    got = await ask()
    assert got.text == text
    assert len(got.deltas) > 10


async def test_usage_comes_only_when_asked_in_a_chunk_without_choices(
    sandbox: ChatCompletionsSandbox, ask: Any
) -> None:
    """OpenAI's usage chunk follows the finish chunk; the others carry null; unasked there is none."""
    sandbox.script(Answer(deltas=("a", "b")), Answer(text="x"))
    got = await ask(**WITH_USAGE)
    assert got.chunks[-1]["choices"] == []
    assert got.chunks[-1]["usage"]["completion_tokens"] == 1
    assert all(chunk["usage"] is None for chunk in got.chunks[:-1])
    assert (await ask()).usages == []


@pytest.mark.parametrize("place", [UsageIn.FINISH_CHUNK, UsageIn.X_GROQ, UsageIn.EVERY_CHUNK])
async def test_usage_can_stand_where_other_servers_put_it(
    sandbox: ChatCompletionsSandbox, ask: Any, place: UsageIn
) -> None:
    """DeepSeek's, Groq's and vLLM's places all carry the scripted numbers."""
    sandbox.script(Answer(text="hi", usage=Usage(prompt_tokens=7, completion_tokens=3), usage_in=place))
    got = await ask()
    last = got.chunks[-1]
    told = last["x_groq"]["usage"] if place is UsageIn.X_GROQ else last["usage"]
    assert told["total_tokens"] == 10
    assert len(got.usages) == {UsageIn.FINISH_CHUNK: 1, UsageIn.X_GROQ: 0}.get(place, len(got.chunks))


async def test_usage_can_be_absent(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """A server that never tells usage sends none, asked or not."""
    sandbox.script(Answer(text="hi", usage=False))
    assert "usage" not in (await ask(**WITH_USAGE)).chunks[-1]


async def test_several_choices_interleave(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """With n = 2 each choice has its own deltas and its own finish reason."""
    sandbox.script(Answer(deltas=("a", "b")))
    got = await ask(n=2)
    indices = [choice["index"] for chunk in got.chunks for choice in chunk["choices"]]
    assert indices == [0, 1] * 4
    assert got.finish_reasons == ["stop", "stop"]


async def test_pace_is_kept_by_the_given_sleep(sandbox: ChatCompletionsSandbox, ask: Any, slept: list[float]) -> None:
    """A pace of 20 a second pauses 50 ms before each delta."""
    sandbox.script(Answer(deltas=("a", "b", "c"), pace=20))
    await ask()
    assert slept == [0.05] * 3


@pytest.mark.parametrize("after", [None, 0, 2])
async def test_a_stall_lasts_until_the_test_releases_it(
    sandbox: ChatCompletionsSandbox, ask: Any, after: int | None
) -> None:
    """Silence before the headers, before the first token or between tokens ends when the event is set."""
    gate = asyncio.Event()
    sandbox.script(Answer(deltas=("a", "b", "c"), stalls=(Stall(until=gate, after=after),)))
    asked = asyncio.create_task(ask())
    await sandbox.wait_for(lambda log: len(log) == 1 and log[0].deltas == (after or 0))
    assert not asked.done()
    outcomes = [sandbox.requests[0].outcome]
    gate.set()
    assert (await asked).text == "abc"
    assert [*outcomes, sandbox.requests[0].outcome] == [Outcome.OPEN, Outcome.FINISHED]


async def test_a_client_that_leaves_is_noticed_at_once(
    sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient
) -> None:
    """The server stops generating, and the journal says after how many deltas."""
    sandbox.script(Answer(deltas=tuple("abcdef"), stalls=(Stall(until=asyncio.Event(), after=3),)))
    async with client.stream("POST", "/chat/completions", json=BODY) as response:
        async for data in response.aiter_bytes():
            if b'"c"' in data:
                break
    await sandbox.wait_for(lambda log: log[0].disconnected)
    assert sandbox.requests[0].deltas == 3


async def test_a_cut_can_look_like_a_complete_body(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """An eof after two deltas leaves neither finish reason nor end mark."""
    sandbox.script(Answer(deltas=("a", "b", "c"), cut_after=2))
    got = await ask()
    assert (got.text, got.finish_reasons) == ("ab", [])
    assert "[DONE]" not in got.data
    assert sandbox.requests[0].outcome is Outcome.CUT


async def test_a_cut_can_break_the_connection(sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient) -> None:
    """A reset reaches the client as a transport error, after the deltas that came."""
    sandbox.script(Answer(deltas=("a", "b", "c"), cut_after=2, cut="reset"))
    got: list[bytes] = []
    with pytest.raises(httpx.TransportError):
        await read_into(got, client)
    assert b'"b"' in b"".join(got)
    assert b'"c"' not in b"".join(got)


async def test_a_stream_can_end_without_its_end_mark_or_finish_reason(
    sandbox: ChatCompletionsSandbox, ask: Any
) -> None:
    """A missing [DONE] and a missing finish reason are two faults, each playable alone."""
    sandbox.script(Answer(text="hi", framing=Framing(done=False)), Answer(text="hi", finish_reason=None))
    without_done = await ask()
    assert (without_done.data[-1] != "[DONE]", without_done.finish_reasons) == (True, ["stop"])
    without_reason = await ask()
    assert (without_reason.data[-1], without_reason.finish_reasons) == ("[DONE]", [])


@pytest.mark.parametrize("bare", [False, True])
async def test_an_error_can_come_in_mid_stream(sandbox: ChatCompletionsSandbox, ask: Any, bare: bool) -> None:
    """An error event ends the stream under HTTP 200, wrapped or bare."""
    sandbox.script(Answer(deltas=("a", "b"), error_after=1, shape=Shape(bare_error=bare)))
    got = await ask()
    last = got.chunks[-1]
    assert (last if bare else last["error"])["type"] == "server_error"
    assert got.text == "a"


async def test_azure_begins_with_a_chunk_without_choices(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """Its first chunk has filter results, and no choices, id or model."""
    sandbox.script(Answer(text="hi", shape=Shape(azure=True)))
    first = (await ask()).chunks[0]
    assert (first["choices"], first["id"], first["model"]) == ([], "", "")
    assert first["prompt_filter_results"]


async def test_reasoning_comes_before_the_text(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """Reasoning streams in the vendor's field and is counted as output."""
    sandbox.script(Answer(reasoning="Let me see.", text="Yes.", shape=Shape(reasoning_field="reasoning")))
    got = await ask(**WITH_USAGE)
    assert "".join(delta.get("reasoning", "") for delta in got.deltas) == "Let me see."
    assert got.text == "Yes."
    assert got.usages[0]["completion_tokens_details"]["reasoning_tokens"] == 4


async def test_tool_calls_come_in_fragments(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """Name and id come once, the arguments in the scripted pieces, and the reason is tool_calls."""
    sandbox.script(Answer(tool_calls=(ToolCall(name="f", arguments='{"a": 1}', id="call_1", cuts=(1, 5)),)))
    got = await ask()
    fragments = [call for delta in got.deltas for call in delta.get("tool_calls", ())]
    assert [fragment["function"]["arguments"] for fragment in fragments] == ["", "{", '"a":', " 1}"]
    assert [fragment.get("id") for fragment in fragments] == ["call_1", None, None, None]
    assert got.finish_reasons == ["tool_calls"]


async def test_tool_calls_can_come_whole_and_without_index(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """Gemini's way: one chunk a call, no index, an extra field, and finish reason stop."""
    call = ToolCall(
        name="f", arguments="{}", whole=True, extra={"extra_content": {"google": {"thought_signature": "s"}}}
    )
    sandbox.script(Answer(tool_calls=(call,), shape=Shape(indexed=False), finish_reason="stop"))
    got = await ask()
    (fragment,) = [call for delta in got.deltas for call in delta.get("tool_calls", ())]
    assert "index" not in fragment
    assert fragment["extra_content"]
    assert got.finish_reasons == ["stop"]


async def test_json_can_come_although_a_stream_was_asked(
    sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient
) -> None:
    """The content type says so, and empty lines may stand before the body."""
    sandbox.script(Answer(text="hi", shape=Shape(as_json=True), framing=Framing(blank_lines=3)))
    response = await client.post("/chat/completions", json=BODY)
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.text.startswith("\n\n\n{")
    assert response.json()["choices"][0]["message"]["content"] == "hi"


async def test_deltas_can_be_called_messages_and_hold_parts(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """The key, a null first content, a missing id and Mistral's parts are all playable."""
    shape = Shape(delta_key="message", named=False, null_content=True, content_parts=True)
    sandbox.script(Answer(deltas=("hi",), shape=shape))
    got = await ask()
    assert all("delta" not in choice for chunk in got.chunks for choice in chunk["choices"])
    assert all("id" not in chunk for chunk in got.chunks)
    assert [delta["content"] for delta in got.deltas if "content" in delta] == [None, [{"type": "text", "text": "hi"}]]


async def test_an_answer_that_is_not_streamed_has_one_body(
    sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient
) -> None:
    """Message, finish reason, usage and the answering model stand in it."""
    sandbox.script(Answer(text="hi", model="other-model"))
    body = (await client.post("/chat/completions", json={**BODY, "stream": False})).json()
    assert body["model"] == "other-model"
    assert body["choices"][0]["message"]["content"] == "hi"
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + 1


async def test_a_failure_can_be_held_back_or_break_the_connection(
    sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient
) -> None:
    """A held failure answers when released; a dropped one never does."""
    gate = asyncio.Event()
    sandbox.script(Failure(status=503, body={"error": "busy"}, until=gate), Failure(dropped=True))
    asked = asyncio.create_task(client.post("/chat/completions", json=BODY))
    await sandbox.wait_for(lambda log: len(log) == 1)
    assert not asked.done()
    gate.set()
    assert (await asked).status_code == 503
    with pytest.raises(httpx.TransportError):
        await client.post("/chat/completions", json=BODY)


async def test_a_script_can_choose_its_request(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """A reply with a condition waits for the request that meets it; others are served in order."""
    sandbox.script(Answer(text="for Ada"), when=lambda question: "Ada" in question.last_said)
    sandbox.script(Answer(text="for anyone"))
    assert (await ask()).text == "for anyone"
    assert (await ask(messages=[{"role": "user", "content": "Ada here"}])).text == "for Ada"
    assert sandbox.unplayed == 0


async def test_the_journal_keeps_bodies_but_no_keys(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """What was asked can be asserted on; the credential is replaced."""
    await ask(user="u1")
    (record,) = sandbox.requests
    assert record.body["user"] == "u1"
    assert sandbox.api_key not in repr(record)
