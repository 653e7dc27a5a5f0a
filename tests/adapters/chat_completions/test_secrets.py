"""Keys and people's words are in no log line, no repr and no error."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback

import pytest
from structlog.testing import capture_logs

from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.redaction import printable
from adapters.chat_completions.secret import Secret
from core.conversation import Role, text_message
from core.ports import ModelRequest
from sandbox.chat_completions.failures import FAILURES
from sandbox.chat_completions.script import Answer, Failure
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import KEY, Opening
from tests.adapters.chat_completions.reading import asked, failed
from tests.adapters.chat_completions.servers import raw_server, refusal

WORDS = "my cat is called Wilhelmina the Second"
TALK = ModelRequest(messages=(text_message(Role.USER, WORDS),))


def everything(error: BaseException) -> str:
    """All that a program could print of an error and of what it came from."""
    texts = [*traceback.format_exception(error)]
    link: BaseException | None = error
    while link is not None:
        texts += [str(link), repr(link), repr(getattr(link, "__dict__", {}))]
        link = link.__cause__ or link.__context__
    return "\n".join(texts)


LEAKY = {
    "401 quoting": (401, f"Incorrect API key provided: {KEY}. You can find it in your account."),
    "401 masked": (401, f"Incorrect API key provided: {KEY[:8]}*************{KEY[-4:]}."),
    "400 quoting": (400, f"Authorization: Bearer {KEY} is odd, and so is '{WORDS}'"),
    "400 words": (400, f"Cannot parse {WORDS} as anything"),
    "500 words": (500, f"{KEY} {WORDS}"),
    "429 words": (429, f"{KEY} {WORDS}"),
    "404 words": (404, f"The model {KEY} does not exist for {WORDS}"),
}


@pytest.mark.parametrize("name", LEAKY)
async def test_a_server_that_quotes_is_not_quoted(
    name: str, open_model: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    """Servers put keys and prompts into their errors; neither logs nor errors repeat them."""
    status, message = LEAKY[name]
    caplog.set_level(logging.DEBUG)
    error = {"error": {"message": message, "code": KEY, "type": WORDS, "param": KEY}}
    with capture_logs() as lines:
        async with raw_server(refusal(status, error)) as server:
            _, caught = await failed(open_model(server.base_url), TALK)
    seen = everything(caught) + repr(lines) + caplog.text
    assert KEY not in seen
    assert KEY[-4:] not in seen
    assert "Wilhelmina" not in seen


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_no_failure_shows_the_key(
    failure: Failure, sandbox: ChatCompletionsSandbox, open_model: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    """Every failure of the sheet: logs of all levels, the error, its causes and the endpoint's repr."""
    caplog.set_level(logging.DEBUG)
    sandbox.script(*[failure] * 3)
    model = open_model(sandbox.base_url, headers={"x-gateway-key": "gateway-0123456789"})
    with capture_logs() as lines:
        _, caught = await failed(model, TALK)
    seen = everything(caught) + repr(lines) + caplog.text + repr(model.endpoint) + str(model.endpoint)
    assert KEY not in seen
    assert "gateway-0123456789" not in seen
    assert "Wilhelmina" not in seen


async def test_a_good_answer_logs_figures_only(
    sandbox: ChatCompletionsSandbox, open_model: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    """The line about an answer has the server's request id and no one's words."""
    caplog.set_level(logging.DEBUG)
    sandbox.script(Answer(text="Wilhelmina indeed"))
    with capture_logs() as lines:
        await asked(open_model(sandbox.base_url), TALK)
    (line,) = [line for line in lines if line["action"] == "model.answered"]
    assert line["request_id"].startswith("req-")
    assert (line["endpoint"], line["model"], line["reason"]) == ("here", "parley-demo", "stop")
    seen = repr(lines) + caplog.text
    assert KEY not in seen
    assert "Wilhelmina" not in seen


async def test_a_dead_connection_shows_no_key(open_model: Opening, caplog: pytest.LogCaptureFixture) -> None:
    """Failures below HTTP as well."""
    caplog.set_level(logging.DEBUG)

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(f"not http at all {KEY}\r\n\r\n".encode())
        writer.close()

    async with raw_server(play) as server:
        _, caught = await failed(open_model(server.base_url), TALK)
    assert KEY not in everything(caught) + caplog.text


def test_a_secret_hides_itself() -> None:
    """repr, str, format and pickling give nothing away."""
    secret = Secret(f"  {KEY}\n")
    assert secret.reveal() == KEY
    assert KEY not in f"{secret} {secret!r} {[secret]} {secret:>20}" + f"{vars(Endpoint)}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)


@pytest.mark.parametrize("text", ["sk-a b", "sk-\n-x", "sk-ключ", "sk-a\x00"])
def test_a_key_that_no_header_carries_is_refused(text: str) -> None:
    """At the start and without showing it."""
    with pytest.raises(ValueError, match="key") as caught:
        Secret(text)
    assert text not in str(caught.value)


def test_secrets_are_equal_by_content() -> None:
    """Two of the same key are the same; an empty one is false."""
    assert Secret("a") == Secret("a ")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert not Secret()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Unsupported parameter: 'max_tokens'", "Unsupported parameter: 'max_tokens'"),
        ("key sk-proj-abc123456 is bad", "key … is bad"),
        ("key AIzaSyA1234567890 is bad", "key … is bad"),
        ("data:image/png;base64," + "QUJD" * 20, "data:image/png;base64,…"),
        ("two\n  lines", "two lines"),
        ("said 'Wilhelmina' there", "said '…' there"),
        ("so my cat is called Wilhelmina!", "so …!"),
    ],
)
def test_what_may_be_printed(message: str, expected: str) -> None:
    """Keys, long runs and quotations go; the rest stays."""
    assert printable(message, secrets=(), conversation=WORDS) == expected


def test_long_messages_are_cut() -> None:
    """A log line stays a line."""
    assert len(printable("word " * 1_000, secrets=(), conversation="")) <= 240
