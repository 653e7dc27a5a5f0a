"""Every way in which a server says no, and the error that people get from it."""

from __future__ import annotations

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from core.errors import (
    ContextTooLong,
    ModelBusy,
    ModelError,
    ModelFiltered,
    ModelNotConfigured,
    ModelNotFound,
    ModelOutOfCredit,
    ModelRefused,
    ModelUnavailable,
)
from core.ports import ModelRequest
from sandbox.chat_completions.failures import FAILURES, bare, error
from sandbox.chat_completions.script import Failure
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import Opening
from tests.adapters.chat_completions.reading import failed
from tests.adapters.chat_completions.servers import http, raw_server

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
