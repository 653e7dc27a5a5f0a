"""Messages of our own that are no replies, on the local Slack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.slack.surface import SlackSurface
from adapters.slack.targets import BySlash, InChannel, InThread, target
from core.conversation import ConversationKey, Platform
from core.errors import PostGone, PostTooLong, SurfaceForbidden, SurfaceUnavailable
from core.incoming import Author, ReplyTarget
from core.interaction import Button, Choice, File, Select
from core.ports import Messenger
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import Observations

SHEET = File(name="plan.csv", media_type="text/csv", content=b"a,b\n", alt_text="the plan")
PICTURE = File(name="mole.png", media_type="image/png", content=b"\x89PNG")
BUTTONS = (Button(label="Next", action="tutor.next", value="3"),)
SELECTS = (Select(action="tutor.level", placeholder="Level", choices=(Choice(value="a1", label="A1"),)),)


@pytest.fixture
async def thread(slack: SlackSandbox) -> ReplyTarget:
    """The thread under a message of Ann's in #help."""
    ts = await slack.say("ann", "#help", "hello")
    place = slack.world.channel("#help").id
    key = ConversationKey(platform=Platform.SLACK, workspace=slack.team_id, channel=place, thread=ts)
    return target(key, InThread(channel=place, thread=ts, user=slack.world.person("ann").id))


@pytest.fixture
def channel(thread: ReplyTarget) -> ReplyTarget:
    """#help itself."""
    return target(thread.key.channel_key, InChannel(channel=thread.key.channel, user="U1"))


def _texts(slack: SlackSandbox) -> list[str]:
    return [message.text for message in slack.messages("#help")]


def _files(slack: SlackSandbox) -> list[list[str]]:
    shown = [[file.get("name", "gone") for file in message.files] for message in slack.messages("#help")]
    return [names for names in shown if names]


def _other(slack: SlackSandbox, surface: SlackSurface, observations: Observations) -> SlackSurface:
    """Another process."""
    return SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=observations, clock=surface.clock)


def test_is_a_messenger(surface: SlackSurface) -> None:
    """Whatever has the port gets this adapter."""
    messenger: Messenger = surface
    assert messenger is surface


async def test_sent(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """A message stands in its thread with lists, buttons and files under it, and unfurls nothing."""
    ref = await surface.send(thread, "**Quiz**", key="k", buttons=BUTTONS, selects=SELECTS, files=(SHEET, PICTURE))
    message = slack.message("#help", ref.message)
    assert (message.text, message.thread_ts, message.unfurl) == ("*Quiz*", thread.key.thread, False)
    assert [block["type"] for block in message.blocks] == ["markdown", "actions", "actions"]
    (given,) = [one for one in slack.messages("#help") if one.files]
    assert (given.thread_ts, given.files[0]["alt_txt"]) == (thread.key.thread, "the plan")
    assert _files(slack) == [["plan.csv", "mole.png"]]


async def test_by_slash(slack: SlackSandbox, surface: SlackSurface, channel: ReplyTarget) -> None:
    """Where a command was used, a message stands in the channel itself."""
    way = BySlash(
        channel=channel.key.channel,
        user="U1",
        name="ann",
        question="q",
        trigger="t",
        response_url="http://127.0.0.1:9/",
    )
    ref = await surface.send(target(channel.key, way), "Hi", key="k")
    assert slack.message("#help", ref.message).thread_ts is None


async def test_beside_an_answer_to_a_command(
    slack: SlackSandbox, surface: SlackSurface, channel: ReplyTarget, thread: ReplyTarget
) -> None:
    """In the thread that we made for the answer; nowhere while the answer is for the asker alone."""
    way = BySlash(
        channel=channel.key.channel,
        user="U1",
        name="ann",
        question="q",
        trigger="t",
        response_url="http://127.0.0.1:9/",
    )
    ref = await surface.send(target(thread.key, way), "Hi", key="k", files=(SHEET,))
    assert slack.message("#help", ref.message).thread_ts == thread.key.thread
    before = len(slack.messages("#help"))
    with pytest.raises(SurfaceForbidden):
        await surface.send(target(replace(thread.key, thread="ask-1"), way), "Hi", key="l", files=(SHEET,))
    assert len(slack.messages("#help")) == before


@pytest.mark.parametrize("fresh", [False, True], ids=["same process", "another process"])
@pytest.mark.parametrize("where", ["thread", "channel"])
async def test_once(
    slack: SlackSandbox,
    surface: SlackSurface,
    thread: ReplyTarget,
    channel: ReplyTarget,
    observations: Observations,
    fresh: bool,
    where: str,
) -> None:
    """The same key posts once, whichever process tries and whatever answer was lost, files included."""
    place = thread if where == "thread" else channel
    slack.faults.call("chat.postMessage", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.send(place, "One", key="k", files=(SHEET,))
    writer = _other(slack, surface, observations) if fresh else surface
    first = await writer.send(place, "One", key="k", files=(SHEET,))
    again = await surface.send(place, "One, again", key="k", files=(SHEET,))
    assert first == again
    assert _texts(slack) == ["hello", "One, again", ""]
    assert _files(slack) == [["plan.csv"]]
    if fresh:
        await writer.close()


async def test_files_whose_answer_was_lost(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """Files that were shared although nobody heard of it are not shared again; those that were not are."""
    slack.faults.call("files.completeUploadExternal", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.send(thread, "One", key="k", files=(SHEET,))
    await surface.send(thread, "One", key="k", files=(SHEET,))
    assert _files(slack) == [["plan.csv"]]
    slack.faults.call("files.completeUploadExternal", "cut")
    with pytest.raises(SurfaceUnavailable):
        await surface.send(thread, "Two", key="k2", files=(PICTURE,))
    await surface.send(thread, "Two", key="k2", files=(PICTURE,))
    assert _files(slack) == [["plan.csv"], ["mole.png"]]


@pytest.mark.parametrize("fresh", [False, True], ids=["same process", "another process"])
async def test_resent(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget, observations: Observations, fresh: bool
) -> None:
    """A message shows something else in place, its buttons and files are the new ones, and its key still holds."""
    ref = await surface.send(thread, "One", key="k", buttons=BUTTONS, files=(SHEET,))
    writer = _other(slack, surface, observations) if fresh else surface
    await writer.resend(thread, ref, "Two", selects=SELECTS, files=(PICTURE,))
    message = slack.message("#help", ref.message)
    assert (message.text, len(message.blocks)) == ("Two", 2)
    assert message.blocks[1]["elements"][0]["type"] == "static_select"
    assert _files(slack) == [["mole.png"]]
    await writer.resend(thread, ref, "Three")
    assert _files(slack) == []
    assert [block["type"] for block in slack.message("#help", ref.message).blocks] == ["markdown"]
    assert await surface.send(thread, "Four", key="k") == ref
    assert _texts(slack) == ["hello", "Four"]
    if fresh:
        await writer.close()


async def test_refusals(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget, channel: ReplyTarget) -> None:
    """A message that is gone, a text for several messages, and a place not ours are errors that say so."""
    ref = await surface.send(thread, "One", key="k")
    with pytest.raises(PostTooLong):
        await surface.resend(thread, ref, "word " * 3_000)
    await slack.delete("ann", "#help", ref.message)
    with pytest.raises(PostGone):
        await surface.resend(thread, ref, "Two")
    random = slack.world.channel("#random").id
    there = target(channel.key, InChannel(channel=random, user="U1"))
    with pytest.raises(SurfaceForbidden):
        await surface.send(there, "Hi", key="k3")


async def test_direct(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """What is sent directly is read by that person alone, who can answer; nobody is written to who takes nothing."""
    bob = slack.world.person("bob")
    place = await surface.direct(thread.key, Author(id=bob.id, name="bob"))
    await surface.send(place, "Psst", key="k", files=(SHEET,))
    told, given = slack.messages("dm", person="bob")
    assert (told.text, len(given.files), told.channel) == ("Psst", 1, place.key.channel)
    assert place.key.workspace == slack.team_id
    for stranger in ("U0NOBODY", slack.world.person("robo").id):
        with pytest.raises(SurfaceForbidden):
            await surface.direct(thread.key, Author(id=stranger, name="x"))
