"""Answers too long for the chat, through the real libraries: their beginning in messages, and all of them in a file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from core.enclosure import CAPTION, NAME
from core.page import IN_THE_FILE, TO_COME
from sandbox.chat_completions.script import Answer, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import opened_town
from tests.contract.places import DiscordPlace, Place, Shown, SlackPlace, Talk

MOST = 2


def paragraphs(number: int) -> str:
    """About 400 characters each."""
    return "\n\n".join(f"Paragraph {one}. " + f"Word{one} " * 60 for one in range(number)).strip()


TEXT, LONGER = paragraphs(32), paragraphs(100)
"""Too long where messages are edited, and where Slack streams."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of the bot's, and where it stands."""

    name: str
    content: str
    beside: bool
    """In the thread of the answer."""


def files(place: Place, talk: Talk) -> list[Sent]:
    """The files that people see in the conversation and around it."""
    match place:
        case SlackPlace(sandbox=slack):
            own = [m for m in slack.messages(talk.channel) if m.author.id == slack.bot_user_id]
            return [
                Sent(file["name"], slack._files._stored[file["id"]].upload.content.decode(), m.thread_ts == talk.first)
                for m in own
                for file in m.files
                if "name" in file
            ]
        case DiscordPlace(sandbox=discord):
            there = talk.channel if talk.direct else talk.first
            return [
                Sent(file.upload.name, file.upload.content.decode(), True)
                for m in discord.messages(there)
                for file in m.attachments
                if m.author.id == discord.bot_user_id
            ]
        case _:
            raise TypeError(place)


def refuse_files(place: Place) -> None:
    """The bot may not send files here."""
    match place:
        case SlackPlace(sandbox=slack):
            slack.faults.call("files.getUploadURLExternal", "error", error="missing_scope", times=9)
        case DiscordPlace(sandbox=discord):
            discord.faults.call(
                "POST",
                "create_message",
                status=403,
                code=50013,
                times=9,
                when=lambda body: bool(body.get("attachments")),
            )
        case _:
            raise TypeError(place)


def shown(place: Place, talk: Talk) -> list[Shown]:
    """The answer's messages, without the one that goes with a file."""
    return [one for one in place.replies(talk) if one.text.strip() and CAPTION not in one.text]


def scripted(model: ChatCompletionsSandbox, text: str) -> asyncio.Event:
    """The model writes most of the text, and goes on to its end at this event."""
    gate = asyncio.Event()
    middle = len(text) * 3 // 4
    model.script(Answer(deltas=(text[:middle], text[middle:]), stalls=(Stall(until=gate, after=1),)))
    return gate


@pytest.mark.parametrize(("direct", "text"), [(False, TEXT), (True, LONGER)], ids=["thread", "direct"])
async def test_the_rest_comes_as_a_file(
    place: Place,
    model: ChatCompletionsSandbox,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    direct: bool,
    text: str,
) -> None:
    """The chat shows as many messages as set, the last of which says that a file comes; the file holds the text to the
    letter, beside the answer, once. In direct messages too, where Slack streams."""
    going_on = scripted(model, text)
    async with opened_town(place, model, database_url, monkeypatch, PARLEY_MESSAGES_MOST=str(MOST)) as town:
        talk = await (place.direct("bob", "go on") if direct else place.mention("bob", "go on"))
        await place.wait_for(lambda: any(TO_COME in one.text for one in place.replies(talk)))
        assert len(shown(place, talk)) == MOST
        assert files(place, talk) == []
        going_on.set()
        await place.wait_for(lambda: any(IN_THE_FILE in one.text for one in place.replies(talk)))
        await town.recorded()
        *before, last = shown(place, talk)
        assert len(before) == MOST - 1
        assert IN_THE_FILE in last.text
        assert all(one.settled for one in (*before, last))
        assert files(place, talk) == [Sent(NAME, text, True)]


async def test_a_file_that_may_not_be_sent_is_posted_as_text(
    place: Place,
    model: ChatCompletionsSandbox,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is lost where the bot has no right to send files: all of the text stands in messages."""
    refuse_files(place)
    scripted(model, TEXT).set()
    async with opened_town(place, model, database_url, monkeypatch, PARLEY_MESSAGES_MOST=str(MOST)) as town:
        talk = await place.mention("bob", "go on")
        await place.wait_for(lambda: any("Word31 " in one.text for one in place.replies(talk)))
        await town.recorded()
        assert all(one.settled for one in shown(place, talk))
        assert " ".join(one.text for one in shown(place, talk)).split() == TEXT.split()
        assert files(place, talk) == []


async def test_an_answer_to_a_command_has_its_file_beside_it(
    model: ChatCompletionsSandbox,
    place: Place,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file stands where `/ask` was answered: on Slack in the thread that we made for it."""
    scripted(model, TEXT).set()
    async with opened_town(place, model, database_url, monkeypatch, PARLEY_MESSAGES_MOST=str(MOST)) as town:
        talk = await place.ask("bob", "go on")
        await place.wait_for(lambda: any(IN_THE_FILE in one.text for one in place.replies(talk)))
        await town.recorded()
        where = Talk(channel=talk.channel, first=talk.channel) if isinstance(place, DiscordPlace) else talk
        assert files(place, where) == [Sent(NAME, TEXT, True)]
