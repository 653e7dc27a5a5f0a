"""Messages of our own that are no replies: sent once, found again, changed in place, sent to one person."""

from __future__ import annotations

import pytest

from adapters.discord.app import DiscordApp
from adapters.discord.surface import DiscordSurface
from adapters.discord.targets import AsReply, InChannel
from core.conversation import ConversationKey, Platform
from core.errors import PostGone, SurfaceForbidden, SurfaceUnavailable
from core.incoming import Author, Incoming, IncomingKind
from core.interaction import Answer, Button, Choice, File, Select
from core.ports import Draft
from sandbox.clock import ManualClock
from sandbox.discord.messages import Flag, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver, Surfaces
from tests.adapters.discord_tests.test_answers import ids
from tests.adapters.discord_tests.test_surface import aim, asked, channel_of, contents, without

A = File(name="a.png", media_type="image/png", content=b"\x89PNG", alt_text="a chart")
B = File(name="b.txt", media_type="text/plain", content=b"b")
NEXT = Button(label="Next", action="quiz.next", value="2")
SELECT = Select(action="quiz.pick", placeholder="?", choices=(Choice(value="1", label="One"),))


def general(discord: DiscordSandbox) -> InChannel:
    return InChannel(channel=channel_of(discord, "#general"))


def shown(discord: DiscordSandbox, channel: str = "#general") -> Message:
    return discord.messages(channel)[-1]


async def test_message_with_everything(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Words, files, buttons and lists stand in one message for all; it calls nobody and unfurls nothing."""
    ref = await surface.send(
        aim(discord, general(discord)), "@everyone **Q1**", key="q1", files=(A, B), buttons=(NEXT,), selects=(SELECT,)
    )
    message = shown(discord)
    assert (ref.channel, ref.message) == (message.channel_id, message.id)
    assert [one.upload.name for one in message.attachments] == ["a.png", "b.txt"]
    assert message.attachments[0].description == "a chart"
    assert len(ids(message)) == 2
    assert (message.pings, bool(message.flags & Flag.SUPPRESS_EMBEDS)) == (frozenset(), True)


async def test_same_key_is_one_message(surface: DiscordSurface, surface_on: Surfaces, discord: DiscordSandbox) -> None:
    """Sent again, by this process or another, it is found; also where the first answer was lost."""
    target = aim(discord, general(discord))
    discord.faults.call("POST", "create_message", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.send(target, "Q1", key="q1", files=(A,))
    first = await surface.send(target, "Q1", key="q1", files=(A,))
    second = await surface_on(discord).send(target, "Q1", key="q1", files=(A,))
    assert first == second
    await surface.send(target, "Q2", key="q2")
    assert contents(discord, "#general") == ["Q1", "Q2"]
    assert [len(one.attachments) for one in discord.messages("#general")] == [1, 0]


async def test_reply_and_message_have_keys_of_their_own(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A message never takes a reply of the same key for itself."""
    target = aim(discord, general(discord))
    await surface.open(target, Draft(text="reply"), key="k")
    await surface.send(target, "message", key="k")
    assert contents(discord, "#general") == ["reply", "message"]


async def test_sent_anew(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """The message shows the new words, files and buttons, and nothing of what it showed before."""
    target = aim(discord, general(discord))
    ref = await surface.send(target, "Q1", key="q1", files=(A,), buttons=(NEXT,), selects=(SELECT,))
    await surface.resend(target, ref, "Q2", files=(B,), buttons=(NEXT,))
    message = shown(discord)
    assert (message.content, [one.upload.name for one in message.attachments]) == ("Q2", ["b.txt"])
    assert len(ids(message)) == 1
    await surface.resend(target, ref, "The end")
    assert (message.content, message.attachments, message.components) == ("The end", (), ())
    await discord.delete("ann", "#general", ref.message)
    with pytest.raises(PostGone):
        await surface.resend(target, ref, "gone")


async def test_long_message_stays_one(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """What does not fit is in a file, and the file goes with the words."""
    target = aim(discord, general(discord))
    text = "\n\n".join(f"Paragraph {number} " + "x" * 90 for number in range(40))
    ref = await surface.send(target, text, key="q1")
    [file] = shown(discord).attachments
    assert file.upload.content.decode() == text
    await surface.resend(target, ref, "short")
    assert shown(discord).attachments == ()


async def test_where_it_stands(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """In the question's thread, or as a reply to it, as the target says."""
    question, in_thread = await asked(discord)
    await surface.send(in_thread, "thread", key="a")
    assert contents(discord, question) == ["thread"]
    reply = aim(discord, AsReply(channel=channel_of(discord, "#general"), message=question))
    await surface.send(reply, "reply", key="b")
    assert shown(discord).reply_to == question


async def test_archived_thread(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A message in a thread that was put away is changed all the same."""
    question, target = await asked(discord)
    ref = await surface.send(target, "one", key="a")
    await discord.archive(question)
    await surface.resend(target, ref, "two")
    assert contents(discord, question) == ["two"]


async def test_not_allowed(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Where we may not write that is an error, and the owner of the server is told what to do."""
    way = InChannel(channel=channel_of(discord, without(discord, Permission.SEND_MESSAGES)))
    with pytest.raises(SurfaceForbidden):
        await surface.send(aim(discord, way), "x", key="k")
    await discord.wait_for(lambda: "I need" in "".join(contents(discord, "@olga")))


async def test_directly(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A person is written to alone, and can answer there."""
    ann = Author(id=discord.world.person("ann").id, name="Ann")
    place = ConversationKey(platform=Platform.DISCORD, workspace=discord.guild_id, channel="1")
    target = await surface.direct(place, ann)
    await surface.send(target, "psst", key="k", buttons=(NEXT,))
    assert contents(discord, "@ann") == ["psst"]
    assert str(target.key) == f"discord:@me:{channel_of(discord, '@ann')}"
    discord.world.closed_dms.add(discord.world.person("bob").id)
    bob = Author(id=discord.world.person("bob").id, name="Bob")
    with pytest.raises(SurfaceForbidden):
        await surface.send(await surface.direct(place, bob), "psst", key="k")


async def test_where_a_command_was_used(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A message for all stands in the channel of the command, while the command itself is answered privately."""
    surface = app._surface

    async def tell(incoming: Incoming) -> None:
        await surface.send(incoming.target, "Quiz!", key="q", files=(A,))

    receiver.on_received, receiver.answers["help"] = tell, Answer(text="Begun.")
    await discord.command("ann", "#general", "help")
    assert [one.content for one in discord.messages("#general", person="ann")] == ["Quiz!", "Begun."]
    assert [one.content for one in discord.messages("#general", person="bob")] == ["Quiz!"]


async def test_where_a_command_was_used_and_we_are_no_reader(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """There the command's own token lets us write and change, once the command is answered; before, it is an error."""
    surface, failed = app._surface, []

    async def tell(incoming: Incoming) -> None:
        try:
            await surface.send(incoming.target, "too early", key="q")
        except SurfaceForbidden as error:
            failed.append(error)

    receiver.on_received, receiver.answers["help"] = tell, Answer(text="Begun.")
    await discord.command("ann", "#hidden", "help")
    [heard] = await receiver.heard(1, IncomingKind.COMMAND)
    assert len(failed) == 1
    await discord.wait_for(lambda: discord.interactions[-1].status == "answered")
    ref = await surface.send(heard.target, "Quiz!", key="q", files=(A,))
    await surface.resend(heard.target, ref, "Over.")
    assert [one.content for one in discord.messages("#hidden", person="olga")] == ["Over."]


async def test_command_long_ago(
    timed: DiscordSandbox, time_of_discord: ManualClock, start: Apps, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """When the token is over the message is still sent and changed, as the channel's."""
    await start(timed)
    receiver.answers["help"] = Answer(text="Begun.", private=False)
    await timed.command("ann", "#general", "help")
    [heard] = await receiver.heard(1, IncomingKind.COMMAND)
    time_of_discord.advance(3600)
    surface = surface_on(timed)
    ref = await surface.send(heard.target, "Quiz!", key="q")
    await surface.resend(heard.target, ref, "Over.")
    assert contents(timed, "#general") == ["Begun.", "Over."]
