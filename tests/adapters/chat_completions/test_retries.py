"""What is asked again, and after how long."""

from __future__ import annotations

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from core.errors import (
    ModelBusy,
    ModelOutOfCredit,
)
from core.ports import ModelRequest
from sandbox.chat_completions.failures import FAILURES, rate_limited
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import NotingClock, Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of
from tests.adapters.chat_completions.servers import http, raw_server, refusal, told


async def test_a_retry_brings_the_answer(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest, clock: NotingClock
) -> None:
    """Two failures before the first event are not seen; the pauses grow."""
    sandbox.script(FAILURES["server_error"], FAILURES["dropped"], Answer(text="Lima"))
    assert text_of(await asked(model, question)) == "Lima"
    assert clock.slept == [0.5, 1.0]


RETRY_AFTER = {
    "seconds": ({"Retry-After": "7"}, 7.0),
    "decimal": ({"Retry-After": "0.25"}, 0.25),
    "milliseconds first": ({"retry-after-ms": "1500", "Retry-After": "30"}, 1.5),
    "reset of what is spent": (
        {
            "x-ratelimit-limit-tokens": "100",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "1m0.5s",
        },
        60.5,
    ),
}


@pytest.mark.parametrize("name", RETRY_AFTER)
async def test_the_server_says_how_long(
    name: str, open_model: Opening, question: ModelRequest, clock: NotingClock
) -> None:
    """Each form of Retry-After is kept to; over a minute is not waited for."""
    headers, seconds = RETRY_AFTER[name]
    async with raw_server(refusal(429, {"error": {"message": "slow"}}, headers), http(body=told("ok"))) as server:
        model = open_model(server.base_url)
        if seconds > 60:
            _, caught = await failed(model, question)
            assert (type(caught), caught.retry_after, clock.slept) == (ModelBusy, seconds, [])
        else:
            assert text_of(await asked(model, question)) == "ok"
            assert clock.slept == [seconds]


async def test_gemini_says_how_long_in_the_body(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest, clock: NotingClock
) -> None:
    """`retryDelay` is a Retry-After."""
    sandbox.script(FAILURES["gemini_rate_limited"], Answer(text="ok"))
    await asked(model, question)
    assert clock.slept == [34.0]


async def test_a_long_wait_is_told_and_not_waited(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest, clock: NotingClock
) -> None:
    """A server that wants more than a minute makes ModelBusy at once, with the seconds."""
    sandbox.script(rate_limited("120"))
    _, caught = await failed(model, question)
    assert isinstance(caught, ModelBusy)
    assert caught.retry_after == 120
    assert clock.slept == []
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(("advice", "asked_times"), [("false", 1), ("true", 3)])
async def test_x_should_retry_is_kept_to(
    advice: str, asked_times: int, open_model: Opening, question: ModelRequest
) -> None:
    """OpenAI's advice goes before the status, both ways."""
    status = 500 if advice == "false" else 418
    async with raw_server(refusal(status, {"error": {"message": "x"}}, {"x-should-retry": advice})) as server:
        await failed(open_model(server.base_url), question)
        assert len(server.heads) == asked_times


async def test_an_empty_account_is_not_asked_again(open_model: Opening, question: ModelRequest) -> None:
    """insufficient_quota is final, whatever advice comes with it."""
    body = {"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "x"}}
    async with raw_server(refusal(429, body, {"x-should-retry": "true", "Retry-After": "1"})) as server:
        _, caught = await failed(open_model(server.base_url), question)
        assert isinstance(caught, ModelOutOfCredit)
        assert caught.retry_after is None
        assert len(server.heads) == 1
