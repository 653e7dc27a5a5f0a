"""Every way in which a server says no, and the error that people get from it."""

from __future__ import annotations

import asyncio

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from core.errors import (
    ContextTooLong,
    ModelBusy,
    ModelCut,
    ModelError,
    ModelFiltered,
    ModelNotConfigured,
    ModelNotFound,
    ModelOutOfCredit,
    ModelRefused,
    ModelUnavailable,
)
from core.ports import Finished, FinishReason, ModelRequest
from sandbox.chat_completions.failures import FAILURES, bare, error, rate_limited
from sandbox.chat_completions.script import Answer, Failure, Shape
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import NotingClock, Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of
from tests.adapters.chat_completions.servers import delta, http, raw_server, refusal, said, told

EXPECTED: dict[str, tuple[type[ModelError], bool]] = {
    "context_length_exceeded": (ContextTooLong, False),
    "llama_context": (ContextTooLong, False),
    "unsupported_parameter": (ModelRefused, False),
    "unsupported_value": (ModelRefused, False),
    "invalid_image_url": (ModelRefused, False),
    "content_filter": (ModelFiltered, False),
    "invalid_api_key": (ModelNotConfigured, False),
    "no_balance": (ModelOutOfCredit, False),
    "forbidden": (ModelNotConfigured, False),
    "unsupported_country": (ModelNotConfigured, False),
    "model_not_found": (ModelNotFound, False),
    "wrong_base_url": (ModelNotConfigured, False),
    "timeout": (ModelUnavailable, True),
    "conflict": (ModelUnavailable, True),
    "too_large": (ContextTooLong, False),
    "validation": (ModelRefused, False),
    "mistral_error": (ModelNotFound, False),
    "rate_limited": (ModelBusy, True),
    "slow_down": (ModelBusy, True),
    "insufficient_quota": (ModelOutOfCredit, False),
    "credit_balance_exhausted": (ModelOutOfCredit, False),
    "never_fits": (ContextTooLong, False),
    "gemini_rate_limited": (ModelBusy, True),
    "server_error": (ModelUnavailable, True),
    "bad_gateway": (ModelUnavailable, True),
    "overloaded": (ModelUnavailable, True),
    "loading_model": (ModelUnavailable, True),
    "gateway_timeout": (ModelUnavailable, True),
    "overloaded_529": (ModelUnavailable, True),
    "litellm_error": (ModelBusy, True),
    "error_text": (ModelUnavailable, True),
    "html_with_200": (ModelNotConfigured, False),
    "dropped": (ModelUnavailable, True),
}


def test_no_failure_of_the_sandbox_is_forgotten() -> None:
    """Whatever new refusal the sandbox learns, somebody decides here what it means."""
    assert EXPECTED.keys() == FAILURES.keys()


@pytest.mark.parametrize("name", EXPECTED)
async def test_each_failure_is_a_typed_error(
    name: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Each row is the error it should be; it is asked again, twice, only where that may help."""
    expected, again = EXPECTED[name]
    sandbox.script(*[FAILURES[name]] * 5)
    text, caught = await failed(model, question)
    assert text == ""
    assert type(caught) is expected
    assert len(sandbox.requests) == (3 if again else 1)
    assert caught.detail


MORE: dict[str, tuple[Failure, type[ModelError]]] = {
    "azure deployment": (
        bare(404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}}),
        ModelNotFound,
    ),
    "ollama model": (error(404, 'model "x" not found, try pulling it first', kind="api_error"), ModelNotFound),
    "openrouter model": (bare(400, {"error": {"code": 400, "message": "x/y is not a valid model ID"}}), ModelNotFound),
    "openai path": (error(404, "Invalid URL (POST /v1/v1/chat/completions)"), ModelNotConfigured),
    "fastapi path": (bare(404, {"detail": "Not Found"}), ModelNotConfigured),
    "llama.cpp path": (bare(404, {"error": {"code": 404, "message": "File Not Found"}}), ModelNotConfigured),
    "empty 404": (Failure(status=404), ModelNotConfigured),
    "method": (Failure(status=405), ModelNotConfigured),
    "redirect": (Failure(status=307, headers={"Location": "https://elsewhere.example/"}), ModelNotConfigured),
    "gemini key": (
        bare(
            400,
            [
                {
                    "error": {
                        "code": 400,
                        "message": "API key not valid. Please pass a valid API key.",
                        "status": "INVALID_ARGUMENT",
                        "details": [{"reason": "API_KEY_INVALID"}],
                    }
                }
            ],
        ),
        ModelNotConfigured,
    ),
    "gateway text": (bare(401, {"message": "Unauthorized"}), ModelNotConfigured),
    "openrouter moderation": (
        bare(403, {"error": {"code": 403, "message": "flagged", "metadata": {"reasons": ["violence"]}}}),
        ModelFiltered,
    ),
    "openrouter upstream": (
        bare(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "Provider returned error",
                    "metadata": {"raw": "This model's maximum context length is 4096 tokens."},
                }
            },
        ),
        ContextTooLong,
    ),
    "vllm length": (
        bare(
            400,
            {
                "object": "error",
                "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
                "type": "BadRequestError",
                "code": 400,
            },
        ),
        ContextTooLong,
    ),
    "deepseek balance": (error(402, "Insufficient Balance", code="invalid_request_error"), ModelOutOfCredit),
    "http 200 with an error": (
        bare(200, {"error": {"code": 402, "message": "Insufficient credits"}}),
        ModelOutOfCredit,
    ),
    "http 200 without an answer": (bare(200, {"status": "ok"}), ModelNotConfigured),
    "teapot": (Failure(status=418, body="short and stout", content_type="text/plain"), ModelRefused),
}


@pytest.mark.parametrize("name", MORE)
async def test_other_servers_are_understood(
    name: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """Shapes and words of the other servers in the fact sheet."""
    failure, expected = MORE[name]
    sandbox.script(failure)
    _, caught = await failed(model, question)
    assert type(caught) is expected
    assert len(sandbox.requests) == 1


async def test_a_wrong_address_is_named(open_model: Opening, question: ModelRequest) -> None:
    """An HTML or empty 404 leads the operator to the base URL, which is in the detail."""
    async with raw_server(http(404, b"<html>", kind="text/html")) as server:
        _, caught = await failed(open_model(server.base_url), question)
    assert isinstance(caught, ModelNotConfigured)
    assert server.base_url in caught.detail
    assert "/v1" in caught.detail


async def test_the_window_is_learned_from_a_refusal(
    sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """A server that says how long its model's context is, is believed from then on."""
    sandbox.script(FAILURES["llama_context"])
    await failed(model, question)
    assert model.window("") == 8192
    sandbox.script(error(400, "This model's maximum context length is 16,385 tokens.", code="context_length_exceeded"))
    await failed(model, question)
    assert model.window("parley-demo") == 16_385


# ── retries ──


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


# ── in the middle ──


@pytest.mark.parametrize("cut", ["eof", "reset"])
async def test_a_cut_keeps_what_came(
    cut: str, sandbox: ChatCompletionsSandbox, model: ChatCompletionsModel, question: ModelRequest
) -> None:
    """A body that ends early, politely or not, is ModelCut after the text; nothing is asked again."""
    sandbox.script(Answer(deltas=("Li", "ma ", "is"), cut_after=2, cut=cut))  # type: ignore[arg-type]  # the parameter's own values
    text, caught = await failed(model, question)
    assert isinstance(caught, ModelCut)
    assert text in ("Lima ", "Li", "") if cut == "reset" else text == "Lima "
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
