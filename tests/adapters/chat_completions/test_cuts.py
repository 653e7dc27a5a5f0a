"""Answers that break off, and connections that never were."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Literal

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from core.errors import (
    ModelCut,
    ModelUnavailable,
)
from core.ports import Finished, FinishReason, ModelRequest, TextDelta
from sandbox.chat_completions.script import Answer, Shape, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of
from tests.adapters.chat_completions.servers import delta, http, raw_server, said, told


@pytest.mark.parametrize("cut", ["eof", "reset"])
async def test_a_cut_keeps_what_came(
    cut: Literal["eof", "reset"], sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """A body that ends early, politely or not, is ModelCut after the text; nothing is asked again."""
    read = asyncio.Event()
    sandbox.script(Answer(deltas=("Li", "ma ", "is"), cut_after=2, cut=cut, stalls=(Stall(until=read, after=2),)))
    async with aclosing(model.stream(question)) as events:
        assert [await anext(events), await anext(events)] == [TextDelta(text="Li"), TextDelta(text="ma ")]
        read.set()
        with pytest.raises(ModelCut):
            await anext(events)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("bare_error", [False, True])
async def test_an_error_in_mid_stream_is_a_cut(
    bare_error: bool, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """An error event under HTTP 200, wrapped or not, ends the answer after the text that came."""
    sandbox.script(Answer(deltas=("Li", "ma"), error_after=2, shape=Shape(bare_error=bare_error)))
    text, caught = await failed(model, question)
    assert (text, type(caught)) == ("Lima", ModelCut)
    assert len(sandbox.requests) == 1


BROKEN_STREAMS = {
    "openrouter": said(delta(content="Li"), {"error": {"code": 502, "message": "x"}, "choices": []}, done=False),
    "event error": said(delta(content="Li"), done=False) + b'event: error\ndata: {"message": "x", "type": "y"}\n\n',
    "event error text": said(delta(content="Li"), done=False) + b"event: error\ndata: it broke\n\n",
    "array": said(delta(content="Li"), [{"error": {"code": 500, "message": "x"}}], done=False),
    "bad json": said(delta(content="Li"), done=False) + b'data: {"choices": [\n\n',
    "finish error": said(delta(content="Li"), delta("error")),
    "deepseek": said(delta(content="Li"), delta("insufficient_system_resource")),
    "eof in the middle of an event": said(delta(content="Li"), done=False) + b'data: {"cho',
}


@pytest.mark.parametrize("name", BROKEN_STREAMS)
async def test_broken_streams_are_cuts(name: str, open_model: Opening, question: ModelRequest) -> None:
    """However a server breaks off, the text that came is kept, and it is never taken for a whole answer."""
    async with raw_server(http(body=BROKEN_STREAMS[name])) as server:
        text, caught = await failed(open_model(server.base_url), question)
    assert (text, type(caught)) == ("Li", ModelCut)


@pytest.mark.parametrize(
    "body", [b"", b"data: [DONE]\n\n", b": waiting\n\n", said(delta(role="assistant"), done=False)]
)
async def test_nothing_at_all_is_asked_again(body: bytes, open_model: Opening, question: ModelRequest) -> None:
    """A stream that ends before anything came is no answer: the next try gives one."""
    async with raw_server(http(body=body), http(body=told("Lima"))) as server:
        assert text_of(await asked(open_model(server.base_url), question)) == "Lima"


async def test_an_end_mark_without_a_reason_is_an_end(open_model: Opening, question: ModelRequest) -> None:
    """`[DONE]` after text, but without a finish reason: some servers never give one."""
    async with raw_server(http(body=said(delta(content="Lima")))) as server:
        events = await asked(open_model(server.base_url), question)
    assert events[-1] == Finished(reason=FinishReason.STOP)


async def test_what_breaks_after_the_finish_reason_is_no_matter(open_model: Opening, question: ModelRequest) -> None:
    """The answer was complete; only figures may be missing."""
    body = said(delta(content="Lima"), delta("stop"), done=False) + b'data: {"usage": {"prom'
    async with raw_server(http(body=body)) as server:
        events = await asked(open_model(server.base_url), question)
    assert (text_of(events), events[-1]) == ("Lima", Finished(reason=FinishReason.STOP))


async def test_a_closed_model_says_so(model: ChatCompletionsModel, question: ModelRequest) -> None:
    """After aclose the error is one of ours."""
    await model.aclose()
    _, caught = await failed(model, question)
    assert isinstance(caught, ModelUnavailable)


async def test_nobody_listens(open_model: Opening, question: ModelRequest) -> None:
    """A refused connection is ModelUnavailable, after the retries."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    _, caught = await failed(open_model(f"http://127.0.0.1:{port}/v1"), question)
    assert isinstance(caught, ModelUnavailable)
    assert "ConnectError" in caught.detail
