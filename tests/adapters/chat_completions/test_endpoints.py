"""Addresses, keys and what an endpoint is told with each request."""

from __future__ import annotations

import pytest

from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.secret import Secret
from adapters.chat_completions.windows import DEFAULT, WINDOWS, window_of
from core.ports import ModelRequest
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import KEY, Opening
from tests.adapters.chat_completions.reading import asked, text_of
from tests.adapters.chat_completions.servers import http, raw_server, told


def endpoint(base_url: str = "https://api.openai.com/v1", **fields: object) -> Endpoint:
    """An endpoint with these fields."""
    return Endpoint(**{"name": "here", "base_url": base_url, "model": "m", **fields})  # type: ignore[arg-type]  # a test gives any field


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "https://api.openai.com/v1/",
        " https://api.openai.com/v1 ",
        "https://api.openai.com/v1/chat/completions",
        "https://api.openai.com/v1/chat/completions/",
    ],
)
def test_addresses_are_made_plain(url: str) -> None:
    """Common ways of writing one address."""
    assert endpoint(url).base_url == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    "url", ["", "api.openai.com/v1", "ftp://x/v1", "https://", "https://user:pass@x/v1", "https://x/v1?key=secret"]
)
def test_addresses_that_are_none(url: str) -> None:
    """Refused at the start, without repeating what may be a secret."""
    with pytest.raises(ValueError, match="base URL") as caught:
        endpoint(url)
    assert "secret" not in str(caught.value)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize("headers", [{"X-A": "one\r\ntwo"}, {"X A": "x"}, {"X-A": "ключ"}])
def test_headers_that_http_cannot_carry(headers: dict[str, str]) -> None:
    """Refused at the start, without repeating them."""
    with pytest.raises(ValueError, match="header") as caught:
        endpoint(headers=headers)
    assert not any(value in str(caught.value) for value in headers.values())


def test_a_model_is_needed() -> None:
    """A default model is configuration, never a constant of ours."""
    with pytest.raises(ValueError, match="model"):
        endpoint(model="")


def test_who_asks_is_told_only_where_it_is_understood() -> None:
    """OpenAI's field at OpenAI, nothing elsewhere, and what the operator says before both."""
    assert endpoint().identifier() == "safety_identifier"
    assert endpoint("http://localhost:1/v1").identifier() == ""
    assert endpoint("http://localhost:1/v1", user_field="user").identifier() == "user"
    assert endpoint(user_field="").identifier() == ""


async def test_the_asker_is_named_where_asked_for(
    sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest
) -> None:
    """The hash goes into the field that was configured."""
    sandbox.script(Answer(text="ok"))
    request = ModelRequest(messages=question.messages, user="0123abcd")
    await asked(open_model(sandbox.base_url, user_field="safety_identifier"), request)
    assert sandbox.requests[0].body["safety_identifier"] == "0123abcd"


async def test_azure(sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest) -> None:
    """The deployment is in the address, the key in `api-key`, the version in the query."""
    base_url = sandbox.base_url.removesuffix("/v1") + "/openai/deployments/parley-demo"
    model = open_model(base_url, key_header="api-key", query={"api-version": "2026-10-01"})
    sandbox.script(Answer(text="Lima"))
    assert text_of(await asked(model, question)) == "Lima"
    assert sandbox.requests[0].path == "/openai/deployments/parley-demo/chat/completions"
    assert "api-key" in sandbox.requests[0].headers
    assert "authorization" not in sandbox.requests[0].headers


async def test_what_stands_in_the_request(open_model: Opening, question: ModelRequest) -> None:
    """Key, own headers, query and JSON, and no wish for compression."""
    async with raw_server(http(body=told("ok"))) as server:
        model = open_model(server.base_url, headers={"OpenAI-Project": "p"}, query={"api-version": "1"})
        await asked(model, question)
    (head,) = server.heads
    assert head.startswith("POST /v1/chat/completions?api-version=1 HTTP/1.1")
    lines = head.lower().split("\r\n")
    assert f"authorization: bearer {KEY}" in lines
    assert "openai-project: p" in lines
    assert "content-type: application/json" in lines
    assert "accept-encoding: identity" in lines


async def test_no_key_no_header(open_model: Opening, question: ModelRequest) -> None:
    """Local servers want none."""
    async with raw_server(http(body=told("ok"))) as server:
        await asked(open_model(server.base_url, api_key=Secret()), question)
    assert "authorization" not in server.heads[0].lower()


async def test_an_alias_is_the_servers_name(
    sandbox: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest
) -> None:
    """Personas say `fast`; the server hears the model's name."""
    model = open_model(sandbox.base_url, aliases={"fast": "gpt-6-luna"})
    sandbox.script(Answer(text="ok"))
    await asked(model, ModelRequest(messages=question.messages, model="fast"))
    assert sandbox.requests[0].body["model"] == "gpt-6-luna"
    assert model.knows("fast")
    assert not model.knows("slow")
    assert model.window("fast") == WINDOWS["gpt-6"]


def test_the_proxy_of_the_environment_is_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, open_model: Opening
) -> None:
    """A server on localhost is reached directly, whatever HTTP_PROXY says."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = open_model("http://localhost:1/v1").http
    local, far = (
        client._transport_for_url(client.base_url.copy_with(host=host)) for host in ("localhost", "far.example")
    )
    assert local is client._transport
    assert far is not client._transport


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("gpt-6-luna", 1_050_000),
        ("gpt-5.1-2025-11-13", 400_000),
        ("gpt-5", 400_000),
        ("gpt-5.4-mini", 400_000),
        ("gpt-4", 8_192),
        ("gpt-4-0613", 8_192),
        ("gpt-4o-mini", 128_000),
        ("gpt-4.1-mini", 1_000_000),
        ("ft:gpt-4o-mini-2024-07-18:org:suffix:id", 128_000),
        ("openai/gpt-4o:free", 128_000),
        ("models/gemini-4-argon", 1_000_000),
        ("meta-llama/Llama-3.3-70B-Instruct", 128_000),
        ("meta-llama/Meta-Llama-3.1-8B", 32_768),
        ("llama3.1:8b", 32_768),
        ("llama3:latest", 8_192),
        ("qwen3:4b", 32_768),
        ("Qwen/Qwen3-32B", 32_768),
        ("claude-sonnet-5-5", 1_000_000),
        ("claude-haiku-4-5", 200_000),
        ("deepseek-v4-pro", 1_000_000),
        ("SmolLM2-135M-Instruct", 8_192),
        ("o1", 200_000),
        ("o10-something", DEFAULT),
        ("parley-demo", DEFAULT),
        ("", DEFAULT),
    ],
)
def test_windows_by_name(model: str, window: int) -> None:
    """Families are recognised through routers' prefixes, local tags and fine-tunes; strangers get the default."""
    assert window_of(model) == window


def test_a_setting_goes_before_the_table(open_model: Opening) -> None:
    """The operator knows how the server was started."""
    assert open_model("http://localhost:1/v1", model="gpt-4o", window=32_000).window("") == 32_000
    assert open_model("http://localhost:1/v1", model="gpt-4o").window("") == 128_000
