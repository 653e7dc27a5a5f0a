"""What people do on Slack, as the receiver gets it through the real bolt."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack import hearing
from adapters.slack.app import SlackApp
from adapters.slack.surface import SlackSurface
from core.channel import AnswerIn, ChannelSettings
from core.conversation import ConversationKey, Platform
from core.errors import StoreUnavailable
from core.incoming import IncomingKind
from core.interaction import Answer
from sandbox.slack.files import Upload
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import HeardReceiver, QuickClock


def key(slack: SlackSandbox, channel: str, thread: str) -> ConversationKey:
    return ConversationKey(
        platform=Platform.SLACK,
        workspace=slack.team_id,
        channel=slack.world.channel(channel, slack.world.person("ann")).id,
        thread=thread,
    )


@pytest.mark.parametrize("swapped", [False, True])
async def test_mention(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, swapped: bool) -> None:
    """A mention comes as two events in either order; both are the same thing, to be answered in its thread."""
    if swapped:
        slack.faults.swap_mention()
    ts = await slack.say("ann", "#help", "@Parley what does *a < b* mean, @bob?")
    first, second = await receiver.heard(2)
    assert first == second
    assert first.kind is IncomingKind.MENTION
    assert first.text == "what does **a < b** mean, @bob?"
    assert (first.event_id, first.message_id, first.key) == (ts, ts, key(slack, "#help", ts))
    assert (first.author.name, first.shared, first.continues) == ("ann", True, None)
    assert first.target.kind == "thread"


async def test_follow_up(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A message in a thread needs no mention, and continues what began there."""
    root = await slack.say("ann", "#help", "@Parley hello")
    await receiver.heard(2)
    await slack.say("bob", "#help", "and then?", thread_ts=root)
    (said,) = await receiver.heard(1, IncomingKind.FOLLOW_UP)
    assert (said.text, said.key, said.continues) == ("and then?", key(slack, "#help", root), root)
    assert (said.author.name, said.shared) == ("bob", True)


async def test_mention_needed(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Where the channel asks for mentions, a message in a thread without one is left alone."""
    channel = slack.world.channel("#help").id
    receiver.channel_settings[channel] = ChannelSettings(mention_needed=True)
    root = await slack.say("ann", "#help", "hello all")
    await slack.say("bob", "#help", "not you", thread_ts=root)
    await slack.say("bob", "#help", "@Parley you", thread_ts=root)
    heard = await receiver.heard(2)
    assert {one.text for one in heard} == {"you"}


async def test_answer_in_channel(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Where answers go to the channel, a mention keeps a conversation of its own and is answered there."""
    receiver.channel_settings[slack.world.channel("#help").id] = ChannelSettings(answer_in=AnswerIn.CHANNEL)
    ts = await slack.say("ann", "#help", "@Parley hello")
    said = (await receiver.heard(2))[0]
    assert (said.target.kind, said.key) == ("channel", key(slack, "#help", ts))


async def test_direct(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Each message to the bot itself opens a thread under it, and needs no mention."""
    ts = await slack.say("ann", "dm", "hello")
    (said,) = await receiver.heard()
    assert (said.kind, said.text, said.shared) == (IncomingKind.DIRECT, "hello", False)
    assert (said.key, said.target.kind) == (key(slack, "dm", ts), "dm")
    assert said.target.details["user"] == slack.world.person("ann").id


async def test_silence(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Talk among people, other bots, previews of links and unknown events are acknowledged and not heard."""
    talk = await slack.say("ann", "#help", "lunch?")
    await slack.say("robo", "#help", "@Parley I am a bot")
    await slack.unfurl("#help", talk)
    await slack.react("ann", "#help", talk, "tada")
    slack.emit({"type": "something_new", "event_ts": "1.2"})
    await slack.open_home("ann")
    await slack.say("ann", "dm", "last")
    assert [one.text for one in await receiver.heard()] == ["last"]
    await slack.settled()
    assert all(delivery.acked for delivery in slack.deliveries)


async def test_edit_and_delete(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A changed question and a message taken back are told with the message they are about."""
    ts = await slack.say("ann", "#help", "@Parley one")
    await receiver.heard(2)
    await slack.edit("ann", "#help", ts, "@Parley two")
    (edited,) = await receiver.heard(1, IncomingKind.EDIT)
    assert (edited.text, edited.message_id, edited.key) == ("two", ts, key(slack, "#help", ts))
    assert edited.event_id.startswith(f"{ts}:")
    await slack.delete("ann", "#help", ts)
    (deleted,) = await receiver.heard(1, IncomingKind.DELETE)
    assert (deleted.event_id, deleted.message_id, deleted.key) == (f"{ts}:deleted", ts, edited.key)


async def test_tombstone(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Deleting a message that has replies leaves a stone, and means the same."""
    ts = await slack.say("ann", "#help", "@Parley one")
    await slack.say("bob", "#help", "me too", thread_ts=ts)
    await slack.delete("ann", "#help", ts)
    (deleted,) = await receiver.heard(1, IncomingKind.DELETE)
    assert (deleted.message_id, deleted.key) == (ts, key(slack, "#help", ts))


async def test_odd_messages(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A bare mention, a very long text, control characters and a file alone all arrive."""
    await slack.say("ann", "#help", "@Parley")
    assert [one.text for one in await receiver.heard(2)] == ["", ""]
    await slack.say("ann", "dm", "a\x00b\x1b[0m" + "x" * 100_000)
    long = (await receiver.heard(3))[2]
    assert long.text.startswith("ab[0mxx")
    assert len(long.text) > 100_000
    await slack.say("ann", "dm", "", files=[Upload(name="a.txt", content=b"hello", mimetype="text/plain")])
    (file,) = (await receiver.heard(4))[3].attachments
    assert (file.name, file.media_type, file.size) == ("a.txt", "text/plain", 5)


async def test_order(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Quick messages of one thread are stored in the order in which they were written."""
    root = await slack.say("ann", "#help", "hi")
    for number in range(5):
        await slack.say(["ann", "bob", "cleo"][number % 3], "#help", str(number), thread_ts=root)
    assert [one.text for one in await receiver.heard(5)] == ["0", "1", "2", "3", "4"]


async def test_bang(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """In threads, where slash commands do not exist, `!ask` does what `/ask` does; `!help` is answered privately."""
    receiver.answers["help"] = Answer(text="I can **do** much")
    root = await slack.say("ann", "#help", "hi")
    await slack.say("ann", "#help", "!ask why?", thread_ts=root)
    (asked,) = await receiver.heard()
    assert (asked.kind, asked.command, asked.options) == (IncomingKind.COMMAND, "ask", {"question": "why?"})
    assert (asked.target.kind, asked.author.admin, asked.key) == ("thread", True, key(slack, "#help", root))
    await slack.say("bob", "#help", "@Parley !help", thread_ts=root)
    helped = (await receiver.heard(2))[1]
    assert (helped.command, helped.author.admin) == ("help", False)
    await slack.settled()
    await app.stop_receiving()
    (private,) = [m for m in slack.messages("#help") if m.ephemeral_for]
    assert (private.text, private.ephemeral_for) == ("I can *do* much", slack.world.person("bob").id)
    assert len(receiver.received) == 2


async def test_unstored(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """What could not be stored is not acknowledged, so that Slack delivers it again."""
    slack.sockets.ack_seconds = 0.3
    receiver.failures.append(StoreUnavailable("locked"))
    await slack.say("ann", "dm", "hello")
    (said,) = await receiver.heard()
    assert said.text == "hello"
    assert receiver.tries == 2


async def test_too_much_waits(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound an event is not acknowledged, so that Slack delivers it again; what waits can be seen."""
    monkeypatch.setattr(hearing, "WAITING_MOST", 2)
    slack.sockets.ack_seconds = 0.5
    receiver.gate = asyncio.Event()
    for text in ("one", "two", "three"):
        await slack.say("ann", "dm", text)
    await slack.wait_for(lambda: slack.deliveries[-1].retries > 0)
    assert app.waiting() == 2
    assert receiver.tries == 1
    receiver.gate.set()
    await slack.wait_for(lambda: {one.text for one in receiver.received} == {"one", "two", "three"})
    await slack.wait_for(lambda: app.waiting() == 0)


async def test_so_many_are_stored_at_once(
    slack: SlackSandbox,
    surface: SlackSurface,
    receiver: HeardReceiver,
    clock: QuickClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many channels are busy, no more events are in work; those of one channel do not take up all the room."""
    monkeypatch.setattr(hearing, "STORED_AT_ONCE", 2)
    app = SlackApp(surface=surface, receiver=receiver, clock=clock, app_token=slack.app_token)
    await app.start()
    receiver.gate = asyncio.Event()
    for text in ("one", "two", "three"):
        await slack.say("ann", "dm", text)
    await slack.say("bob", "dm", "four")
    await slack.say("cleo", "dm", "five")
    await slack.wait_for(lambda: app.waiting() == 5)
    await slack.wait_for(lambda: receiver.tries >= 2)
    for _ in range(3):
        await surface.web.read("auth.test")  # the third would ask Slack who wrote it, and come as far as the others
    assert receiver.tries == 2
    receiver.gate.set()
    assert {one.text for one in (await receiver.heard(5))[:2]} == {"one", "four"}
    await app.close()


@pytest.mark.parametrize(("at_once", "told"), [(200, 1), (0, 0)])
async def test_an_answer_to_a_message(
    slack: SlackSandbox,
    app: SlackApp,
    receiver: HeardReceiver,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
    told: int,
) -> None:
    """Whoever wrote a message that is not taken in reads why, alone; in a flood no more of that is begun."""
    monkeypatch.setattr(hearing, "TOLD_AT_ONCE", at_once)
    receiver.answers["too much"] = Answer(text="Later, please.")
    root = await slack.say("ann", "#help", "@Parley hello")
    await slack.say("ann", "#help", "too much", thread_ts=root)
    await receiver.heard(3)
    await slack.settled()
    await app.stop_receiving()
    whispers = [(m.text, m.ephemeral_for) for m in slack.messages("#help", root) if m.ephemeral_for]
    assert whispers == [("Later, please.", slack.world.person("ann").id)] * told


async def test_people_unknown(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Where Slack does not say who somebody is, they are heard all the same, and are no admin."""
    slack.faults.call("users.info", "status", times=2)
    await slack.say("ann", "dm", "hello")
    assert (await receiver.heard())[0].author.name == "someone"
    await slack.command("ann", "#help", "/settings")
    assert not (await receiver.heard(2))[1].author.admin
    await slack.command("ann", "#help", "/settings")
    assert (await receiver.heard(3))[2].author.admin


async def test_talk_costs_no_calls(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Nothing is asked of Slack for talk among people, and a person is asked for once."""
    for number in range(5):
        await slack.say("ann", "#help", f"talk {number}")
    await slack.settled()
    assert not slack.calls_of("users.info")
    for _ in range(3):
        await slack.say("ann", "#help", "@Parley hello")
    await receiver.heard(6)
    assert len(slack.calls_of("users.info")) == 1
