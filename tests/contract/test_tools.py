"""`/tools` on both platforms: a real server is tried, turned on and off, added and removed; others are refused."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from adapters.mcp.declarations import Program, Server
from adapters.mcp.sealing import Seal
from adapters.mcp.servers import McpServers
from bots.clock import SystemClock
from core.reception import Reception
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.hands import Hand, hand
from tests.contract.places import Place

LYING = Path(__file__).parents[1] / "adapters" / "mcp_tests" / "lying.py"
SERVER = Server(name="tickets", reach=Program(command=sys.executable, args=(str(LYING), "plain")))
TOKEN = "a-token-of-the-wiki"


class Nowhere:
    """A guard that lets everybody pass, to a port where nobody listens."""

    async def resolved(self, host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)


@pytest.fixture
async def town(
    place: Place, model: ChatCompletionsSandbox, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Parley is up with a server of the operator's, which is off."""
    made: list[McpServers] = []

    def reception(**parts: Any) -> Reception:
        seal = Seal([Fernet.generate_key().decode()])
        made.append(McpServers([SERVER], entries=parts["store"], clock=SystemClock(), seal=seal, guard=Nowhere()))
        return Reception(**{**parts, "servers": made[-1]})

    monkeypatch.setattr("bots.runtime.Reception", reception)
    async with opened_town(place, model, sqlite_url, monkeypatch) as opened:
        yield opened
        for servers in made:
            await servers.aclose()


@pytest.fixture
def ann(town: Town) -> Hand:
    """She may do everything."""
    return hand(town.place, "ann")


@pytest.fixture
def bob(town: Town) -> Hand:
    """He may ask."""
    return hand(town.place, "bob")


async def test_a_server_of_the_operators(ann: Hand, bob: Hand) -> None:
    """It is tried while it is off, turned on by an admin alone, and listed for everybody in private."""
    await bob.use("tools test", server="tickets")
    assert (await bob.told("Only an admin can change this")).private
    await ann.use("tools test", server="tickets")
    assert (await ann.told("`tickets` works. 1 tool: `work`")).private
    await bob.use("tools list")
    assert (await bob.told("No servers bring tools here.")).private
    await ann.use("tools enable", server="tickets")
    await ann.told("`tickets` is on")
    await bob.use("tools list")
    told = await bob.told("tickets")
    assert "1 tool: `work`" in told.text
    assert told.private
    await ann.use("tools disable", server="tickets")
    await ann.told("`tickets` is off")


async def test_a_server_that_an_admin_adds(ann: Hand, bob: Hand) -> None:
    """By the form; it is tried, found dead, and removed. The token is never shown."""
    await bob.use("tools add")
    await bob.told("Only an admin can change this")
    await ann.use("tools add", server="wiki")
    assert (await ann.form())["name"] == "wiki"
    await ann.fill({"address": "https://wiki.example:9/mcp", "token": TOKEN})
    added = await ann.told("`wiki` is added")
    assert added.private
    await ann.use("tools test", server="wiki")
    tried = await ann.told("`wiki` cannot be used now. It cannot be reached.")
    await ann.use("tools list")
    listed = await ann.told("added here: `wiki.example`")
    await ann.use("tools remove", server="wiki")
    gone = await ann.told("`wiki` is gone")
    assert all(one.private and TOKEN not in one.text for one in (added, tried, listed, gone))


async def test_a_form_with_a_mistake(ann: Hand) -> None:
    """Says what was wrong, and nothing was added."""
    await ann.use("tools add")
    await ann.form()
    await ann.fill({"name": "wiki", "address": "http://wiki.example/mcp", "token": TOKEN})
    told = await ann.told("it begins with https://")
    assert told.private
    assert TOKEN not in told.text
