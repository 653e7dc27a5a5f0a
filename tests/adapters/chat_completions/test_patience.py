"""Waiting: each timeout by itself, and nobody left waiting when a turn is stopped."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.endpoints import Timeouts
from core.errors import ModelTimeout
from core.ports import Finished, FinishReason, ModelRequest, TextDelta
from sandbox.chat_completions.script import Answer, Framing, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of
from tests.adapters.chat_completions.servers import delta, http, raw_server, said

SHORT = 0.05
LONG = 30.0


@pytest.fixture
def never() -> asyncio.Event:
    """What a stalled answer waits for."""
    return asyncio.Event()


def patient(**short: float) -> Timeouts:
    """Long everywhere but where said."""
    return Timeouts(**{"connect": LONG, "first_token": LONG, "silence": LONG, "whole": LONG, **short})


@pytest.mark.parametrize("after", [None, 0])
async def test_the_first_token_may_be_late(
    after: int | None,
    sandbox: ChatCompletionsSandbox,
    open_model: Opening,
    question: ModelRequest,
    never: asyncio.Event,
) -> None:
    """No headers, or headers and no token: ModelTimeout with the detail `first_token`, and no second try."""
    sandbox.script(Answer(text="late", stalls=(Stall(until=never, after=after),)))
    _, caught = await failed(open_model(sandbox.base_url, timeouts=patient(first_token=SHORT)), question)
    assert (type(caught), caught.detail) == (ModelTimeout, "first_token")
    await sandbox.wait_for(lambda requests: [r.disconnected for r in requests] == [True])


async def test_silence_in_the_middle(
    sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest, never: asyncio.Event
) -> None:
    """An answer that stands still is ModelTimeout `silence`; what came was given out."""
    sandbox.script(Answer(deltas=("Li", "ma"), stalls=(Stall(until=never, after=1),)))
    text, caught = await failed(open_model(sandbox.base_url, timeouts=patient(silence=SHORT)), question)
    assert (text, type(caught), caught.detail) == ("Li", ModelTimeout, "silence")
    await sandbox.wait_for(lambda requests: requests[0].disconnected)


async def test_the_whole_reply_may_take_too_long(
    sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest, never: asyncio.Event
) -> None:
    """An answer that never stands still, and never ends either."""
    sandbox.script(Answer(deltas=("x",) * 100_000, pace=1_000))
    text, caught = await failed(open_model(sandbox.base_url, timeouts=patient(whole=0.3)), question)
    assert (type(caught), caught.detail) == (ModelTimeout, "whole")
    assert text


async def test_no_connection_in_time(
    open_model: Opening, question: ModelRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that does not even answer the greeting: `connect`. A full backlog on this machine plays that host."""
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        try:
            model = open_model(f"http://127.0.0.1:{port}/v1", timeouts=patient(connect=SHORT))
            _, caught = await failed(model, question)
        finally:
            for client in waiting:
                client.close()
    assert (type(caught), caught.detail) == (ModelTimeout, "connect")


async def test_comments_are_no_tokens(open_model: Opening, question: ModelRequest) -> None:
    """Keep-alive comments do not put the first token off for ever."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for _ in range(1_000):
            writer.write(b": keep-alive\n\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_server(play) as server:
        _, caught = await failed(open_model(server.base_url, timeouts=patient(first_token=0.2)), question)
        await asyncio.wait_for(server.left.wait(), 5)
    assert (type(caught), caught.detail) == (ModelTimeout, "first_token")


async def test_reasoning_is_a_sign_of_life(
    sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest, never: asyncio.Event
) -> None:
    """Once the model thinks aloud, the first token has come and silence counts."""
    sandbox.script(Answer(reasoning="hm", text="Lima", stalls=(Stall(until=never, after=1),)))
    timeouts = patient(first_token=LONG, silence=SHORT)
    _, caught = await failed(open_model(sandbox.base_url, timeouts=timeouts), question)
    assert caught.detail == "silence"


async def test_an_answer_that_is_complete_is_not_waited_on(open_model: Opening, question: ModelRequest) -> None:
    """After the finish reason a server that neither says `[DONE]` nor closes costs a moment, not the answer."""
    body = said(delta(content="Lima"), delta("stop"), done=False)
    async with raw_server(http(body=body, close=False)) as server:
        events = await asked(open_model(server.base_url, timeouts=patient(silence=SHORT)), question)
    assert (text_of(events), events[-1]) == ("Lima", Finished(reason=FinishReason.STOP))


async def test_a_slow_reader_is_no_silence(
    sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest
) -> None:
    """The time that the reader of the events takes is not counted as the server's silence."""
    sandbox.script(Answer(deltas=("Li", "ma")))
    model = open_model(sandbox.base_url, timeouts=patient(silence=0.2))
    text = ""
    async with aclosing(model.stream(question)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text += event.text
                await asyncio.sleep(0.3)  # the reader's own time, longer than the silence allowed
    assert text == "Lima"


async def test_closing_the_generator_closes_the_stream(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest, never: asyncio.Event
) -> None:
    """The server sees the client leave at once, so the provider stops billing."""
    sandbox.script(Answer(deltas=("Li", "ma"), stalls=(Stall(until=never, after=1),)))
    events = model.stream(question)
    assert await anext(events) == TextDelta(text="Li")
    await events.aclose()
    await sandbox.wait_for(lambda requests: requests[0].disconnected, within=2)
    assert sandbox.requests[0].deltas == 1


@pytest.mark.parametrize("after", [None, 0, 1])
async def test_cancelling_the_task_closes_the_stream(
    after: int | None,
    sandbox: ChatCompletionsSandbox,
    model: ChatCompletionsModel,
    question: ModelRequest,
    never: asyncio.Event,
) -> None:
    """Before the headers, before the first token or in the middle: a cancelled turn leaves no open request."""
    sandbox.script(Answer(deltas=("Li", "ma"), stalls=(Stall(until=never, after=after),)))
    task = asyncio.create_task(asked(model, question))
    await sandbox.wait_for(lambda requests: bool(requests) and requests[0].deltas >= (after or 0))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await sandbox.wait_for(lambda requests: requests[0].disconnected, within=2)
    sandbox.script(Answer(text="next"))
    assert text_of(await asked(model, question)) == "next"


async def test_many_answers_at_once(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Two hundred answers stream side by side over their own connections."""
    sandbox.script(*[Answer(text="Lima", framing=Framing(split_every=40))] * 200)
    answers = await asyncio.gather(*[asked(model, question) for _ in range(200)])
    assert {text_of(events) for events in answers} == {"Lima"}


@pytest.mark.parametrize("field", ["connect", "first_token", "silence", "whole"])
def test_timeouts_are_positive(field: str) -> None:
    """A timeout of nothing is a mistake in the settings, said at the start."""
    with pytest.raises(ValueError, match="positive"):
        Timeouts(**{field: 0})
