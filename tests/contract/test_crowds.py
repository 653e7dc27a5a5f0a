"""Somebody asks far more than can be answered: they are told so, and what waits is answered."""

from __future__ import annotations

import asyncio

import pytest

from core.store.shedding import Bounds
from sandbox.chat_completions.script import Answer, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.places import DiscordPlace, Place, SlackPlace

MOST = 100
WAITING = Bounds.of(MOST).of_person
TOLD = f"You have {WAITING} questions waiting already. Please ask again once some are answered."


def told(place: Place, talk: str) -> int:
    """How often somebody was told so, in the conversation."""
    match place:
        case SlackPlace(sandbox=slack):
            return sum(m.text == TOLD and bool(m.ephemeral_for) for m in slack.messages("general", person="bob"))
        case DiscordPlace(sandbox=discord):
            return sum(m.content == TOLD for m in discord.messages(talk))
        case _:
            raise TypeError(place)


async def test_a_question_too_many(
    place: Place, model: ChatCompletionsSandbox, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one answer is being written two people go on asking in turn. The sixth question of one of them is answered
    with a sentence, once though it is delivered twice, and the answers go on."""
    going_on = asyncio.Event()
    async with opened_town(place, model, database_url, monkeypatch, PARLEY_WAITING_MOST=str(MOST)) as town:
        await _asked_too_much(town, going_on)


async def _asked_too_much(town: Town, going_on: asyncio.Event) -> None:
    town.model.script(Answer(deltas=("One ", "moment."), stalls=(Stall(until=going_on, after=1),)))
    for _ in range(2 * WAITING):
        town.model.script(Answer(text="Yes."))
    talk = await town.place.mention("ann", "hello")
    await town.place.wait_for(lambda: bool(town.place.replies(talk)))
    for number in range(WAITING):
        await town.place.say(talk, "bob", f"bob {number}")
        await town.place.say(talk, "ann", f"ann {number}")
    await town.place.again()
    await town.place.say(talk, "bob", "one too many")
    await town.place.wait_for(lambda: told(town.place, talk.first) == 1)
    going_on.set()
    await town.place.wait_for(lambda: sum(one.settled and one.text != TOLD for one in town.place.replies(talk)) >= 2)
    assert told(town.place, talk.first) == 1
