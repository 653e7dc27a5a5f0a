"""The database is away for a while: nobody's message is lost or answered twice, and everything resumes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.chat_completions.script import Answer, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.places import Place
from tests.wires import Wire, wired

AWAY = 1.0
"""Seconds for which the database is away while something is written to it, at least."""


@pytest.fixture
async def wire(postgresql_url: str) -> AsyncIterator[tuple[Wire, str]]:
    """PostgreSQL behind a wire, and the URL that leads through it."""
    async with wired(postgresql_url) as found:
        yield found


@pytest.fixture
async def town(
    place: Place, model: ChatCompletionsSandbox, wire: tuple[Wire, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Parley is up on that place, on a database whose wire can be cut."""
    async with opened_town(place, model, wire[1], monkeypatch) as opened:
        yield opened


async def test_a_stream_goes_on(town: Town, wire: tuple[Wire, str]) -> None:
    """What was being written when the database went away is completed in the same message, without a notice."""
    further, to_the_end = asyncio.Event(), asyncio.Event()
    stalls = (Stall(until=further, after=1), Stall(until=to_the_end, after=2))
    town.model.script(Answer(deltas=("Lima is ", "the capital", " of Peru."), stalls=stalls))
    talk = await town.place.mention("ann", "What is the capital of Peru?")
    await town.place.wait_for(lambda: any("Lima" in shown.text for shown in town.place.replies(talk)))
    further.set()  # an edit follows, so the post has been recorded
    await town.place.wait_for(lambda: any("capital" in shown.text for shown in town.place.replies(talk)))
    begun = town.place.replies(talk)[0].id
    wire[0].cut()
    to_the_end.set()
    await town.place.wait_for(lambda: any("Peru." in shown.text for shown in town.place.replies(talk)))
    wire[0].mend()
    shown = await town.answered(talk)
    assert [(one.id, one.text.strip()) for one in shown] == [(begun, "Lima is the capital of Peru.")]
    await town.recorded()


async def test_a_post_that_could_not_be_recorded_is_recorded_later(town: Town, wire: tuple[Wire, str]) -> None:
    """The database goes away before the first words are shown: people see them, once, and the turn goes on."""
    going_on = asyncio.Event()
    town.model.script(Answer(deltas=("Lima is ", "the capital", " of Peru."), stalls=(Stall(until=going_on, after=0),)))
    asked = len(town.model.requests)
    talk = await town.place.mention("ann", "What is the capital of Peru?")
    await town.model.wait_for(lambda requests: len(requests) > asked)
    wire[0].cut()
    going_on.set()
    await town.place.wait_for(lambda: bool(town.place.replies(talk)))
    wire[0].mend()
    shown = await town.answered(talk)
    assert [one.text.strip() for one in shown] == ["Lima is the capital of Peru."]
    assert len(town.model.requests) == asked + 1
    await town.recorded()


async def test_what_is_said_meanwhile_is_answered_once(town: Town, wire: tuple[Wire, str]) -> None:
    """Slack is told nothing, so it delivers again; Discord's events wait in this process. Neither answers twice."""
    town.model.script(Answer(text="Here I am."))
    wire[0].cut()
    talk = await town.place.mention("ann", "Are you there?")
    await asyncio.sleep(AWAY)  # the outage itself
    assert town.place.replies(talk) == []
    wire[0].mend()
    shown = await town.answered(talk)
    assert [one.text.strip() for one in shown] == ["Here I am."]
    await town.recorded()


async def test_a_frozen_database_is_like_one_that_is_gone(town: Town, wire: tuple[Wire, str]) -> None:
    """Nobody is told that the connection is dead; when it lives again, everything goes on."""
    town.model.script(Answer(text="Here I am."))
    wire[0].freeze()
    talk = await town.place.mention("ann", "Are you there?")
    await asyncio.sleep(AWAY)  # the outage itself
    wire[0].thaw()
    assert [one.text.strip() for one in await town.answered(talk)] == ["Here I am."]
    await town.recorded()
