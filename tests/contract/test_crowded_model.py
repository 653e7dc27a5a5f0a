"""A provider that has no room: people wait in a fair line, see their places in it, and are answered or told so."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import ModelCrowded
from sandbox.chat_completions.failures import rate_limited
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.places import Place, SlackPlace, Talk


def sees(town: Town, talk: Talk, words: str) -> bool:
    """In the conversation, or on Slack in the line that says what the bot is doing there."""
    place = town.place
    if isinstance(place, SlackPlace) and any(words in shown for shown in place.statuses(talk)):
        return True
    return any(words in shown.text for shown in place.replies(talk))


async def test_they_wait_in_line(town: Town) -> None:
    """The first is refused and waits, the second waits behind it and reads so; both are answered, in turn."""
    room = asyncio.Event()

    def busy(_: Question) -> bool:
        return not room.is_set()

    town.model.script(*[rate_limited("0.3")] * 200, when=busy)
    first = await town.place.mention("ann", "one")
    await town.model.wait_for(lambda requests: len(requests) >= 1)
    second = await town.place.mention("bob", "two")
    await town.place.wait_for(lambda: sees(town, second, "2nd in line"))
    assert sees(town, first, "1st in line")
    town.model.script(Answer(text="For one."), when=lambda asked: "one" in asked.last_said)
    town.model.script(Answer(text="For two."), when=lambda asked: "two" in asked.last_said)
    room.set()
    for talk, text in ((first, "For one."), (second, "For two.")):
        (shown,) = await town.answered(talk)
        assert shown.text == text


async def test_giving_up(
    place: Place, model: ChatCompletionsSandbox, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the set time, in words that say so, with a button to try again."""
    async with opened_town(place, model, database_url, monkeypatch, PARLEY_LINE_SECONDS="1") as town:
        town.model.script(*[rate_limited("0.4")] * 200)
        (shown,) = await town.answered(await place.mention("ann", "one"))
        assert ModelCrowded().sentence in shown.text
        assert "Try again" in shown.buttons
        assert len(town.model.requests) >= 2
