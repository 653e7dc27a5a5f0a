"""What a reply looks like on Discord, and that it stays one message whatever happens on the way."""

from __future__ import annotations

import pytest

from adapters.discord.surface import DiscordSurface
from adapters.discord.targets import AsReply, InChannel, InThread, Way, target, way_of
from core.conversation import ConversationKey, Platform
from core.errors import LeaseLost, PostGone, PostSealed, PostTooLong, SurfaceForbidden, SurfaceUnavailable
from core.fencing import fenced
from core.incoming import Author, ReplyTarget
from core.ports import Call, Control, Draft
from core.turn import MessageRef
from sandbox.discord.messages import Flag, MessageType
from sandbox.discord.permissions import Overwrite, Permission
from sandbox.discord.rate_limits import Limit
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Observations, Surfaces


def aim(discord: DiscordSandbox, way: Way) -> ReplyTarget:
    """A target of that way."""
    key = ConversationKey(platform=Platform.DISCORD, workspace=discord.guild_id, channel=way.channel)
    return target(key, way)


def channel_of(discord: DiscordSandbox, name: str) -> str:
    return discord.world.channel(name).id


async def asked(discord: DiscordSandbox, channel: str = "#general") -> tuple[str, ReplyTarget]:
    """A question, and the target of its answer in a thread."""
    question = await discord.say("ann", channel, "@Parley why?")
    way = InThread(channel=channel_of(discord, channel), message=question, name="why?")
    return question, aim(discord, way)


def contents(discord: DiscordSandbox, channel: str) -> list[str]:
    """What the bot's messages in a channel show; Discord's own note at the start of a thread is none."""
    own = [one for one in discord.messages(channel) if one.author.id == discord.bot_user_id]
    return [one.content for one in own if one.type is not MessageType.THREAD_STARTER]


def without(discord: DiscordSandbox, permission: Permission) -> str:
    """A channel in which the bot lacks that permission; its name."""
    rule = Overwrite(discord.bot_user_id, "member", deny=permission)
    return f"#{discord.add_channel('strict', overwrites=[rule]).name}"


async def test_answer_grows_in_a_thread(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """The thread is made from the question; the answer is edited in place, and its last edit takes the button away."""
    question, aimed = await asked(discord)
    growing = Draft(text="Because", controls=(Control.STOP,), turn=7)
    ref = await surface.open(aimed, growing, key="7-0")
    await surface.edit(aimed, ref, Draft(text="Because **it**", controls=(Control.STOP,), turn=7))
    button = discord.message(question, ref.message).components[0]["components"][0]
    assert (button["custom_id"], button["label"]) == ("parley:stop:7", "Stop")
    await surface.finish(aimed, ref, Draft(text="Because **it** is."))
    shown = discord.messages(question)[-1]
    assert contents(discord, question) == [shown.content]
    assert discord.thread_of(question).name == "why?"
    assert ref == MessageRef(channel=question, message=shown.id)
    assert (shown.content, shown.components) == ("Because **it** is.", ())


async def test_nothing_goes_out_beyond_the_lease(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """The fence is asked as the request leaves, on a new connection and on one that is used again; others go on."""

    def lost() -> None:
        raise LeaseLost("turn 7")

    aimed = aim(discord, InChannel(channel=channel_of(discord, "@ann")))
    with fenced(lost), pytest.raises(LeaseLost):
        await surface.open(aimed, Draft(text="One"), key="k")
    ref = await surface.open(aimed, Draft(text="One"), key="k")
    with fenced(lost), pytest.raises(LeaseLost):
        await surface.edit(aimed, ref, Draft(text="Two"))
    assert contents(discord, "@ann") == ["One"]
    await surface.finish(aimed, ref, Draft(text="Three"))
    assert contents(discord, "@ann") == ["Three"]


async def test_thread_that_somebody_made_already(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Where the question has a thread, the answer goes there."""
    question, aimed = await asked(discord)
    await discord.start_thread("bob", "#general", "mine", message=question)
    await surface.open(aimed, Draft(text="Here"), key="k")
    assert contents(discord, question) == ["Here"]


async def test_notice_is_set_apart(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A sentence of ours stands under the text as subtext, or alone as the whole message."""
    aimed = aim(discord, InChannel(channel=channel_of(discord, "@ann")))
    ref = await surface.open(aimed, Draft(text="", notice="Thinking…"), key="k")
    assert contents(discord, "@ann") == ["Thinking…"]
    await surface.finish(aimed, ref, Draft(text="Half an", notice="Stopped."))
    assert contents(discord, "@ann") == ["Half an\n-# Stopped."]


async def test_reply_in_the_channel(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """The answer is a reply to the question and notifies nobody; a deleted question does not stop it."""
    question = await discord.say("ann", "#general", "@Parley why?")
    aimed = aim(discord, AsReply(channel=channel_of(discord, "#general"), message=question))
    await surface.open(aimed, Draft(text="one"), key="a")
    answer = discord.messages("#general")[-1]
    assert (answer.reply_to, answer.pings) == (question, frozenset())
    await discord.delete("ann", "#general", question)
    await surface.open(aimed, Draft(text="two"), key="b")
    assert contents(discord, "#general") == ["one", "two"]


async def test_foreign_text_pings_nobody(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Neither posting nor editing mentions anybody or unfurls anything, whatever the model wrote."""
    ann = discord.world.person("ann").id
    aimed = aim(discord, InChannel(channel=channel_of(discord, "#general")))
    evil = Draft(text=f"@everyone @here <@{ann}> [x](https://a.b) `<@{ann}>`")
    ref = await surface.open(aimed, evil, key="k")
    await surface.edit(aimed, ref, evil)
    shown = discord.messages("#general")[-1]
    assert shown.pings == frozenset()
    assert not shown.mentions.everyone
    assert shown.flags & Flag.SUPPRESS_EMBEDS
    bodies = [call.body for call in discord.calls if call.name in ("create_message", "edit_message")]
    assert [body["allowed_mentions"]["parse"] for body in bodies] == [[], []]


async def test_same_key_posts_once(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A message whose answer was lost is found by its key, and shows the newer text."""
    aimed = aim(discord, InChannel(channel=channel_of(discord, "#general")))
    discord.faults.call("POST", "create_message", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.open(aimed, Draft(text="first"), key="turn-1-0")
    ref = await surface.open(aimed, Draft(text="first and more"), key="turn-1-0", seek=True)
    assert contents(discord, "#general") == ["first and more"]
    assert discord.message("#general", ref.message).content == "first and more"


async def test_another_process_finds_the_message(surface_on: Surfaces, timed: DiscordSandbox) -> None:
    """After a restart the message is found among the channel's last, when Discord itself has forgotten the key."""
    aimed = aim(timed, InChannel(channel=channel_of(timed, "#general")))
    first = await surface_on(timed).open(aimed, Draft(text="first"), key="turn-1-0")
    timed.now.advance(3_600)  # type: ignore[attr-defined]  # the fixture's clock
    other = surface_on(timed)
    second = await other.open(aimed, Draft(text="second"), key="turn-1-0", seek=True)
    assert second == first
    await other.edit(aimed, first, Draft(text="third"))
    assert contents(timed, "#general") == ["third"]


async def test_without_the_permission_to_make_threads(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """The answer is a reply in the channel then, and the owner is told once, not on every message."""
    channel = without(discord, Permission.CREATE_PUBLIC_THREADS)
    for number in range(2):
        question, aimed = await asked(discord, channel)
        ref = await surface.open(aimed, Draft(text=f"answer {number}"), key=f"k{number}")
        await surface.edit(aimed, ref, Draft(text=f"answer {number}."))
        assert discord.message(channel, ref.message).reply_to == question
        assert surface.budget(Call.EDIT, aimed).name == f"discord:{channel_of(discord, channel)}:edit"
    await discord.wait_for(lambda: contents(discord, "@olga"))
    [told] = contents(discord, "@olga")
    assert "Create Public Threads" in told
    assert "#strict" in told


async def test_without_the_permission_to_write(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A channel that is closed to the bot says which permission is missing."""
    aimed = aim(discord, InChannel(channel=channel_of(discord, "#locked")))
    with pytest.raises(SurfaceForbidden, match="Send Messages"):
        await surface.open(aimed, Draft(text="hello"), key="k")
    with pytest.raises(SurfaceForbidden):
        await surface.open(aimed, Draft(text="hello"), key="k")
    await discord.wait_for(lambda: contents(discord, "@olga"))
    assert len(contents(discord, "@olga")) == 1


async def test_too_many_threads(surface_on: Surfaces, limited: DiscordSandbox) -> None:
    """When Discord wants minutes before the next thread, the answer does not wait for one."""
    limited.limits.limits["thread"] = Limit(calls=1, seconds=300)
    surface = surface_on(limited)
    for number in range(2):
        _, aimed = await asked(limited)
        await surface.open(aimed, Draft(text=f"answer {number}"), key=f"k{number}")
    assert contents(limited, "#general") == ["answer 1"]
    assert limited.rate_limited == 0


async def test_thread_closed_to_the_bot(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Where threads may be made but not written in, the answer goes to the channel."""
    channel = without(discord, Permission.SEND_MESSAGES_IN_THREADS)
    question, aimed = await asked(discord, channel)
    ref = await surface.open(aimed, Draft(text="here"), key="k")
    assert discord.message(channel, ref.message).reply_to == question


async def test_question_deleted_meanwhile(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """An answer whose question is gone still comes, in the channel."""
    question, aimed = await asked(discord)
    await discord.delete("ann", "#general", question)
    await surface.open(aimed, Draft(text="still"), key="k")
    assert contents(discord, "#general") == ["still"]


async def test_thread_deleted_by_somebody(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Who deletes the thread wants no answer: it ends, and nobody is told of a missing permission."""
    question, aimed = await asked(discord)
    ref = await surface.open(aimed, Draft(text="one"), key="k")
    del discord.world.channels[question]
    with pytest.raises(PostGone):
        await surface.edit(aimed, ref, Draft(text="two"))
    with pytest.raises(SurfaceForbidden):
        await surface.open(aimed, Draft(text="two"), key="k2")
    assert not surface.complaints._tasks


async def test_archived_thread(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """A thread that was put away meanwhile is opened again for the edit; a locked one takes no more text."""
    question, aimed = await asked(discord)
    ref = await surface.open(aimed, Draft(text="one"), key="k")
    await discord.archive(question)
    await surface.edit(aimed, ref, Draft(text="two"))
    assert contents(discord, question) == ["two"]
    await discord.archive(question, locked=True)
    discord.faults.call("PATCH", "edit_channel", status=403, code=50013)
    with pytest.raises(PostSealed):
        await surface.edit(aimed, ref, Draft(text="three"))


async def test_message_deleted_by_somebody(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Editing a message that is gone says so; deleting it is as good as done."""
    aimed = aim(discord, InChannel(channel=channel_of(discord, "#general")))
    ref = await surface.open(aimed, Draft(text="one"), key="k")
    await discord.delete("ann", "#general", ref.message)
    with pytest.raises(PostGone):
        await surface.edit(aimed, ref, Draft(text="two"))
    await surface.delete(aimed, ref)


async def test_too_long(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Discord's own count decides."""
    aimed = aim(discord, InChannel(channel=channel_of(discord, "#general")))
    with pytest.raises(PostTooLong):
        await surface.open(aimed, Draft(text="x" * 2_001), key="k")
    longest = surface.limits(aimed).length
    text = "x" * longest
    assert surface.measure(text) == longest
    await surface.open(aimed, Draft(text=text, notice="y" * 240), key="k2")


async def test_typing(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """While the model thinks the bot is seen typing, where the question stands and then in its thread."""
    question, aimed = await asked(discord)
    await surface.working(aimed)
    assert [one.channel_id for one in discord.typing] == [channel_of(discord, "#general")]
    await surface.open(aimed, Draft(text="one"), key="k")
    await surface.working(aimed)
    assert question in [one.channel_id for one in discord.typing]


async def test_whisper(surface: DiscordSurface, discord: DiscordSandbox) -> None:
    """Private words come as a direct message, and nobody reads them where the person takes none."""
    _, aimed = await asked(discord)
    ann, bob = discord.world.person("ann"), discord.world.person("bob")
    discord.world.closed_dms.add(bob.id)
    await surface.whisper(aimed, Author(id=ann.id, name="Ann"), "Only for you")
    await surface.whisper(aimed, Author(id=bob.id, name="Bob"), "Only for you")
    assert contents(discord, "@ann") == ["Only for you"]
    assert contents(discord, "@bob") == []


async def test_targets_survive_storing() -> None:
    """A way becomes strings and the same way again."""
    key = ConversationKey(platform=Platform.DISCORD, workspace="1", channel="2")
    ways: list[Way] = [
        InThread(channel="2", message="3", name="n"),
        AsReply(channel="2", message="3"),
        InChannel(channel="2"),
    ]
    assert [way_of(target(key, way)) for way in ways] == ways


async def test_what_answers_say_of_budgets(
    surface_on: Surfaces, limited: DiscordSandbox, observer: Observations
) -> None:
    """Each answer's headers reach the observer under the name of the budget that the call drew on."""
    surface = surface_on(limited)
    aimed = aim(limited, InChannel(channel=channel_of(limited, "#general")))
    ref = await surface.open(aimed, Draft(text="one"), key="k")
    await surface.edit(aimed, ref, Draft(text="two"))
    [opened] = observer.of(surface.budget(Call.OPEN, aimed).name)
    [edited] = observer.of(surface.budget(Call.EDIT, aimed).name)
    assert (opened.burst, opened.remaining) == (5, 4)
    assert (edited.burst, edited.remaining) == (5, 4)
    assert edited.reset_after is not None
    assert 0 < edited.reset_after <= 5
