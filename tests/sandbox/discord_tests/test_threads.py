"""Threads: opened under messages and alone, talked in, archived."""

import asyncio

import discord
import pytest

from sandbox.discord.messages import Flag, MessageType
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.sandbox.discord_tests.clients import Api, Bot, soon


async def test_thread_from_a_message(sandbox: DiscordSandbox, bot: Bot) -> None:
    """It has the message's id; the answer is in it, and people go on there without a mention."""
    asked = await sandbox.say("ann", "help", "@Parley a long story")
    thread = await (await bot.next_message()).create_thread(name="A long story", auto_archive_duration=60)
    assert str(thread.id) == asked
    await thread.send("once upon a time")
    await sandbox.say("ann", thread.id, "and then?")
    followed = await bot.next_message()
    assert isinstance(followed.channel, discord.Thread)
    assert (followed.content, followed.channel.parent_id) == ("and then?", int(sandbox.world.channel("help").id))
    place = sandbox.thread_of(asked)
    assert place in sandbox.threads("help")
    assert [one.content for one in sandbox.messages(place.id)] == ["", "once upon a time", "and then?"]
    assert sandbox.messages(place.id)[0].type is MessageType.THREAD_STARTER
    assert sandbox.message("help", asked).flags & Flag.HAS_THREAD


async def test_second_thread_on_a_message_is_refused(sandbox: DiscordSandbox, api: Api) -> None:
    """160004, and a name that is too long or none is 50035."""
    asked = await sandbox.say("ann", "help", "story")
    path = f"/channels/{sandbox.world.channel('help').id}/messages/{asked}/threads"
    assert await api.refused("POST", path, {"name": "x" * 101}) == 50035
    assert (await api("POST", path, {"name": "story"}))[0] == 201
    assert await api.refused("POST", path, {"name": "story"}) == 160004


async def test_thread_without_a_message(sandbox: DiscordSandbox, bot: Bot) -> None:
    """The channel shows a note of it."""
    await bot.wait_until_ready()
    channel = bot.get_channel(int(sandbox.world.channel("general").id))
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="alone", type=discord.ChannelType.public_thread)
    note = sandbox.messages("general")[-1]
    assert (note.type, note.content) == (MessageType.THREAD_CREATED, "alone")
    assert sandbox.threads()[0].id == str(thread.id)


async def test_thread_opened_by_a_person(sandbox: DiscordSandbox, bot: Bot) -> None:
    """The bot hears of it and can write in it."""
    await bot.wait_until_ready()
    created: asyncio.Queue[discord.Thread] = asyncio.Queue()

    async def on_thread_create(thread: discord.Thread) -> None:
        created.put_nowait(thread)

    bot.event(on_thread_create)
    await sandbox.start_thread("bob", "general", "of Bob")
    thread = await soon(created)
    await thread.send("hello")
    assert sandbox.messages(thread.id)[-1].content == "hello"


async def test_archived_thread(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Editing and reacting there is 50083; a new message opens it again, unless it is locked."""
    asked = await sandbox.say("ann", "help", "@Parley story")
    thread = await (await bot.next_message()).create_thread(name="story")
    sent = await thread.send("text")
    await sandbox.archive(asked)
    for refused_call in (sent.edit(content="more"), sent.add_reaction("👍")):
        with pytest.raises(discord.HTTPException) as refused:
            await refused_call
        assert refused.value.code == 50083
    await bot.place(asked).send("opens it")
    state = sandbox.thread_of(asked).thread
    assert state is not None
    assert not state.archived
    await sandbox.archive(asked, locked=True)
    with pytest.raises(discord.HTTPException) as refused:
        await bot.place(asked).send("locked")
    assert refused.value.code == 50083


async def test_locked_thread_is_for_moderators(sandbox: DiscordSandbox) -> None:
    """People write in a locked thread only if they may manage threads."""
    thread = await sandbox.start_thread("bob", "general", "locked soon")
    await sandbox.archive(thread, archived=False, locked=True)
    with pytest.raises(SandboxError, match="may not write"):
        await sandbox.say("bob", thread, "me")
    assert await sandbox.say("ann", thread, "last word")


async def test_bot_archives_its_own_thread(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Its own it may put away and rename; a person's it may not."""
    await sandbox.say("ann", "help", "@Parley story")
    thread = await (await bot.next_message()).create_thread(name="story")
    await thread.edit(name="the end", archived=True)
    state = sandbox.thread_of(thread.id).thread
    assert state is not None
    assert state.archived
    assert sandbox.thread_of(thread.id).name == "the end"
    foreign = await sandbox.start_thread("bob", "general", "of Bob")
    with pytest.raises(discord.Forbidden):
        await bot.http.edit_channel(int(foreign), archived=True)


async def test_threads_come_with_the_guild(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Active threads are in GUILD_CREATE and in the list; archived ones are found by id."""
    active = await sandbox.start_thread("ann", "general", "active")
    old = await sandbox.start_thread("ann", "general", "old")
    await sandbox.archive(old)
    sandbox.gateway.invalidate(resumable=False)
    await sandbox.wait_for(lambda: sandbox.gateway.identified == 2)
    await bot.wait_until_ready()
    guild = await bot.fetch_guild(int(sandbox.guild_id))
    assert [str(one.id) for one in await guild.active_threads()] == [active]
    found = await bot.fetch_channel(int(old))
    assert isinstance(found, discord.Thread)
    assert found.archived
