"""What the doctor says of an endpoint."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from adapters.chat_completions import probe as probing
from adapters.chat_completions.endpoints import Timeouts
from adapters.chat_completions.listing import listed_models
from adapters.chat_completions.probe import probe
from adapters.chat_completions.secret import Secret
from core.errors import ModelTimeout
from sandbox.chat_completions.failures import FAILURES
from sandbox.chat_completions.script import Answer, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import KEY, Opening
from tests.adapters.chat_completions.servers import http, raw_server, told


async def test_all_is_well(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """A model that answers needs no advice."""
    found = await probe(open_model(sandbox.base_url))
    assert (found.good, found.reachable, found.key_accepted, found.model_known, found.advice) == (
        True,
        True,
        True,
        True,
        "",
    )


async def test_a_wrong_key(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Reached, but not let in; the key is not repeated."""
    found = await probe(open_model(sandbox.base_url, api_key=Secret("sk-wrong-0123456789")))
    assert (found.good, found.reachable, found.key_accepted, found.model_known) == (False, True, False, None)
    assert "key" in found.advice
    assert "sk-wrong" not in repr(found)


async def test_an_unknown_model(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """The list helps to find the name that was meant."""
    found = await probe(open_model(sandbox.base_url, model="gpt-6-lunar"))
    assert (found.reachable, found.key_accepted, found.model_known) == (True, True, False)
    assert "gpt-6-luna" in found.advice


async def test_a_model_that_will_end(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """OpenAI's list tells the day; the admin learns of it in time."""
    found = await probe(open_model(sandbox.base_url, model="gpt-4.1-mini"))
    assert (found.good, found.ends) == (True, date(2027, 1, 14))
    assert "2027-01-14" in found.advice


async def test_nobody_there(open_model: Opening) -> None:
    """Not reached: the address is what to look at."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    found = await probe(open_model(f"http://127.0.0.1:{port}/v1"))
    assert (found.reachable, found.key_accepted, found.model_known) == (False, None, None)
    assert f"127.0.0.1:{port}" in found.advice


async def test_a_wrong_address(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Reached, but the path is not one of the API's."""
    found = await probe(open_model(sandbox.base_url + "/v1"))
    assert (found.reachable, found.key_accepted) == (True, None)
    assert "/v1" in found.advice


async def test_an_empty_account(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """The sentence for people, and the code for the operator."""
    sandbox.script(FAILURES["insufficient_quota"])
    found = await probe(open_model(sandbox.base_url))
    assert "insufficient_quota" in found.advice


async def test_the_doctor_does_not_wait_for_ever(
    sandbox: ChatCompletionsSandbox, open_model: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that says nothing is a finding too."""
    monkeypatch.setattr(probing, "PATIENCE", 0.1)
    sandbox.script(Answer(text="late", stalls=(Stall(until=asyncio.Event(), after=0),)))
    found = await probe(open_model(sandbox.base_url, timeouts=Timeouts()))
    assert isinstance(found.error, ModelTimeout)
    assert not found.good


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"data": 3}', b'{"data": [null, {}]}'])
async def test_lists_that_are_none(body: bytes, open_model: Opening) -> None:
    """A server without a list of models is no trouble."""
    async with raw_server(http(body=told("ok")), http(body=body, kind="application/json")) as server:
        assert (await probe(open_model(server.base_url))).good


async def test_the_list(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """Names and last days, read with the same key."""
    listed = await listed_models(open_model(sandbox.base_url, api_key=Secret(KEY)).http, within=10)
    assert {"parley-demo", "gpt-4.1-mini"} <= {entry.id for entry in listed}
