"""What people write on Discord becomes what the engine is told."""

from __future__ import annotations

import pytest

from adapters.discord.app import DiscordApp
from core.channel import AnswerIn, ChannelSettings
from core.incoming import IncomingKind
from core.interaction import Answer
from sandbox.discord.attachments import Upload
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver


async def test_mention_in_a_channel(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A mention starts a conversation named by its message, to be answered in a thread of that message."""
    said = await discord.say("ann", "#general", "@Parley what is **new**, @Bob?")
    [heard] = await receiver.heard()
    general = discord.world.channel("#general").id
    assert heard.kind is IncomingKind.MENTION
    assert str(heard.key) == f"discord:{discord.guild_id}:{general}:{said}"
    assert heard.text == "what is **new**, @Bob?"
    assert (heard.author.name, heard.event_id, heard.message_id) == ("Ann", said, said)
    assert heard.target.kind == "thread"
    assert heard.target.details == {"channel": general, "message": said, "name": "what is new, @Bob?"}
    assert heard.shared
    assert heard.continues is None


async def test_the_bots_own_role_means_the_bot(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Discord makes a role for the bot, and people pick it from the list as often as the bot itself."""
    role = next(role.id for role in discord.guild.roles.values() if role.managed)
    await discord.say("ann", "#general", f"<@&{role}> are you there?", encoded=True)
    [heard] = await receiver.heard()
    assert (heard.kind, heard.text) == (IncomingKind.MENTION, "are you there?")


async def test_talk_among_people_is_ignored(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Nobody hears of messages that are not for the bot, of other bots, or of the bot itself."""
    await discord.say("ann", "#general", "hello all")
    await discord.say("robo", "#general", "@Parley beep")
    await discord.say("parley", "#general", "@Parley beep")
    await discord.say("ann", "#general", "@Parley now you")
    assert [one.text for one in await receiver.heard()] == ["now you"]


async def test_follow_up_in_a_thread(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """In a thread nobody needs to name the bot; the conversation is the thread's."""
    root = await discord.say("ann", "#general", "@Parley hello")
    thread = await discord.start_thread("ann", "#general", "hello", message=root)
    await discord.say("bob", thread, "and then?")
    first, second = await receiver.heard(2)
    assert second.kind is IncomingKind.FOLLOW_UP
    assert second.key == first.key
    assert second.target.details == {"channel": thread}


async def test_thread_where_a_mention_is_needed(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Where an admin wants it, only messages that name the bot count, in threads too."""
    general = discord.world.channel("#general").id
    receiver.channel_settings[general] = ChannelSettings(mention_needed=True)
    root = await discord.say("ann", "#general", "@Parley hello")
    thread = await discord.start_thread("ann", "#general", "hello", message=root)
    await discord.say("bob", thread, "not for you")
    await discord.say("bob", thread, "@Parley for you")
    assert [one.text for one in await receiver.heard(2)] == ["hello", "for you"]


async def test_thread_that_the_cache_does_not_know(
    start: Apps, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """What happens in a thread that was put away before the bot came belongs to its channel all the same."""
    root = await discord.say("ann", "#general", "hello")
    thread = await discord.start_thread("ann", "#general", "hello", message=root)
    said = await discord.say("bob", thread, "old")
    await discord.archive(thread)
    await start(discord)
    await discord.delete("bob", thread, said)
    [heard] = await receiver.heard()
    assert heard.key.channel == discord.world.channel("#general").id
    assert heard.key.thread == thread
    assert discord.calls_of("get_channel")


@pytest.mark.parametrize(("ping", "kind"), [(True, IncomingKind.MENTION), (False, IncomingKind.FOLLOW_UP)])
async def test_reply_to_the_bot(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, ping: bool, kind: IncomingKind
) -> None:
    """A reply to the bot's message goes on with the conversation of that message, in the channel."""
    answer = await discord.say("parley", "#general", "an answer")
    reply = await discord.say("ann", "#general", "why?", reply_to=answer, ping=ping)
    [heard] = await receiver.heard()
    assert (heard.kind, heard.continues, heard.text) == (kind, answer, "why?")
    assert heard.target.kind == "reply"
    assert heard.target.details["message"] == reply


async def test_reply_to_somebody_else(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A mention in a reply to another person begins a conversation of its own, which knows what is talked about."""
    other = await discord.say("bob", "#general", "the sky is green")
    await discord.say("ann", "#general", "@Parley is that so?", reply_to=other)
    [heard] = await receiver.heard()
    assert (heard.kind, heard.continues, heard.target.kind) == (IncomingKind.MENTION, None, "thread")
    assert heard.text == "> Bob: the sky is green\n\nis that so?"
    assert heard.target.details["name"] == "is that so?"


async def test_channel_that_answers_by_replies(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """By the channel's setting the answer is a reply instead of a thread."""
    general = discord.world.channel("#general").id
    receiver.channel_settings[general] = ChannelSettings(answer_in=AnswerIn.CHANNEL)
    said = await discord.say("ann", "#general", "@Parley hello")
    [heard] = await receiver.heard()
    assert heard.target.kind == "reply"
    assert heard.target.details == {"channel": general, "message": said}


async def test_direct_message(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Direct messages are one conversation of their own, and not shared."""
    await discord.say("ann", "dm", "hello")
    [heard] = await receiver.heard()
    dm = discord.world.channel("@ann").id
    assert heard.kind is IncomingKind.DIRECT
    assert str(heard.key) == f"discord:@me:{dm}"
    assert (heard.target.kind, heard.target.details) == ("channel", {"channel": dm})
    assert not heard.shared


async def test_edit_and_delete(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """An edit tells the new text, a deletion the message that went, both once."""
    said = await discord.say("ann", "#general", "@Parley red")
    await discord.edit("ann", "#general", said, "@Parley green")
    await discord.delete("ann", "#general", said)
    asked, edited, deleted = await receiver.heard(3)
    assert (asked.text, edited.text) == ("red", "green")
    assert (edited.kind, edited.message_id) == (IncomingKind.EDIT, said)
    assert edited.event_id.startswith(f"{said}:")
    assert edited.key == asked.key
    assert (deleted.kind, deleted.event_id, deleted.message_id) == (IncomingKind.DELETE, f"{said}:deleted", said)


async def test_edit_right_after_the_message(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """In one burst the message is heard as it was first, then its edit: nothing is changed in place."""
    for number in range(20):
        said = await discord.say("ann", "dm", f"first {number}")
        await discord.edit("ann", "dm", said, f"second {number}")
    heard = await receiver.heard(40)
    assert [one.text for one in heard] == [f"{word} {n}" for n in range(20) for word in ("first", "second")]


async def test_thread_opened_on_a_message_is_no_edit(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Discord sends an update of the message when a thread begins there; nobody edited it."""
    said = await discord.say("ann", "#general", "@Parley hello")
    await discord.start_thread("bob", "#general", "aside", message=said)
    await discord.say("ann", "dm", "last")
    heard = await receiver.heard(2)
    assert [one.kind for one in heard] == [IncomingKind.MENTION, IncomingKind.DIRECT]


async def test_only_a_file(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A message with nothing but a file is heard, with what is known of the file."""
    upload = Upload(name="notes.txt", content=b"hello", mimetype="text/plain")
    await discord.say("ann", "dm", "", attachments=[upload])
    [heard] = await receiver.heard()
    [file] = heard.attachments
    assert (heard.text, file.name, file.size) == ("", "notes.txt", 5)
    assert file.media_type.startswith("text/plain")
    assert file.url.startswith(discord.base_url)


async def test_mention_without_a_question(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Whoever only calls the bot is heard, so that it can ask what for."""
    await discord.say("ann", "#general", "@Parley")
    [heard] = await receiver.heard()
    assert (heard.kind, heard.text) == (IncomingKind.MENTION, "")


async def test_thread_that_somebody_opened_on_our_answer(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """What is said in a thread that began at a message of ours goes on with that message's conversation."""
    answer = await discord.say("parley", "#general", "an answer")
    thread = await discord.start_thread("ann", "#general", "more", message=answer)
    await discord.say("ann", thread, "go on")
    [heard] = await receiver.heard()
    assert heard.continues == answer


async def test_talk_among_people_costs_nothing(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """For the many messages that are not for the bot, neither the database nor Discord is asked anything."""
    before = len(discord.calls)
    await discord.say("ann", "#general", "hello all")
    await discord.say("ann", "dm", "done")
    await receiver.heard()
    assert receiver.settings_read == 0
    assert len(discord.calls) == before


async def test_place_that_the_bot_cannot_see(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Discord is asked once about a channel that it does not show, however much happens there."""
    for number in range(3):
        event = {"id": f"{number}", "channel_id": "404", "guild_id": discord.guild_id}
        discord.emit("MESSAGE_DELETE", event)
    await discord.say("ann", "dm", "done")
    [heard] = await receiver.heard()
    assert heard.text == "done"
    await app.stop_receiving()
    assert len(discord.calls_of("get_channel")) == 1


async def test_an_answer_to_a_message_is_said_once_in_a_while(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Everybody in the channel reads that nothing more is taken in now, so it is said once; elsewhere too."""
    receiver.answers["too much"] = Answer(text="Later, please.")
    for _ in range(3):
        await discord.say("ann", "#general", "@Parley too much")
    await discord.say("bob", "dm", "too much")
    await receiver.heard(4)
    await discord.wait_for(lambda: len(_words(discord, "#general")) == 1 and len(_words(discord, "@bob")) == 1)
    await discord.say("ann", "#general", "@Parley thanks")
    await receiver.heard(5)
    assert _words(discord, "#general") == ["Later, please."]


def _words(discord: DiscordSandbox, channel: str) -> list[str]:
    """What the bot has said there."""
    return [m.content for m in discord.messages(channel) if m.author.id == discord.bot_user_id]
