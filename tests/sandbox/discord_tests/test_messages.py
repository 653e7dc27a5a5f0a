"""Messages through the real discord.py: what people write arrives, what the bot writes stands there."""

import asyncio
import io

import discord
import pytest

from sandbox.clock import ManualClock
from sandbox.discord.attachments import Upload
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.sandbox.discord_tests.clients import Api, Bot, soon

NO_PINGS = discord.AllowedMentions.none()


async def test_mention_is_answered_by_a_reply(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A typed @Parley is a real mention for discord.py, and its answer is a reply in the channel."""
    asked = await sandbox.say("ann", "general", "@Parley what is 2 + 2?")
    message = await bot.next_message()
    assert bot.user is not None
    assert bot.user.mentioned_in(message)
    assert message.content == f"<@{sandbox.bot_user_id}> what is 2 + 2?"
    assert message.author.display_name == "Ann"
    answer = await message.reply("4", allowed_mentions=NO_PINGS)
    shown = sandbox.message("general", answer.id)
    assert (shown.content, shown.reply_to, shown.pings) == ("4", asked, frozenset())


async def test_direct_message_and_answer(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A direct message has no guild, and the answer is in the same place, seen by that person only."""
    await sandbox.say("bob", "dm", "hello")
    message = await bot.next_message()
    assert message.guild is None
    await message.channel.send("hello Bob")
    assert [one.content for one in sandbox.messages("@bob")] == ["hello", "hello Bob"]
    assert sandbox.messages("@cleo") == []
    with pytest.raises(SandboxError, match="does not see"):
        await sandbox.say("cleo", sandbox.messages("@bob")[0].channel_id, "me too")


async def test_bot_opens_a_direct_message(sandbox: DiscordSandbox, bot: Bot) -> None:
    """`User.send` reaches the person's own channel; who takes no direct messages gives 50007."""
    user = await bot.fetch_user(int(sandbox.world.person("cleo").id))
    await user.send("psst")
    assert sandbox.messages("dm", person="cleo")[0].content == "psst"
    sandbox.world.closed_dms.add(str(user.id))
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("psst again")
    assert refused.value.code == 50007


@pytest.mark.parametrize(("ping", "mentioned"), [(True, True), (False, False)])
async def test_reply_to_the_bot(sandbox: DiscordSandbox, bot: Bot, ping: bool, mentioned: bool) -> None:
    """A reply mentions the bot unless the person switched the ping off, and carries the answered message."""
    await sandbox.say("ann", "help", "@Parley hi")
    answer = await (await bot.next_message()).reply("hello")
    await sandbox.say("ann", "help", "and now?", reply_to=answer.id, ping=ping)
    followed = await bot.next_message()
    assert bot.user is not None
    assert (bot.user in followed.mentions) is mentioned
    assert followed.reference is not None
    assert isinstance(followed.reference.resolved, discord.Message)
    assert followed.reference.resolved.content == "hello"


async def test_edit_and_delete_by_a_person(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Edits carry the new text, deletions only ids."""
    asked = await sandbox.say("ann", "general", "@Parley won?")
    await bot.next_message()
    await sandbox.edit("ann", "general", asked, "@Parley one?")
    edited = await soon(bot.edits)
    assert edited.message.content.endswith("one?")
    assert edited.message.edited_at is not None
    await sandbox.delete("ann", "general", asked)
    assert (await soon(bot.deletions)).message_id == int(asked)
    assert sandbox.messages("general") == []
    with pytest.raises(SandboxError, match="did not write"):
        await sandbox.edit("bob", "general", await sandbox.say("ann", "general", "mine"), "yours")


async def test_update_that_nobody_made(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A resolved link comes as an update with the same text and no time of edit."""
    asked = await sandbox.say("ann", "general", "@Parley https://example.com")
    await sandbox.unfurl("general", asked, {"type": "link", "title": "Example", "url": "https://example.com"})
    update = (await soon(bot.edits)).message
    assert (update.edited_at, update.embeds[0].title) == (None, "Example")


async def test_purge_is_one_event(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A moderator's purge names all ids at once; a plain member cannot."""
    ids = [await sandbox.say("bob", "general", text) for text in ("one", "two")]
    purged: asyncio.Queue[discord.RawBulkMessageDeleteEvent] = asyncio.Queue()

    async def on_raw_bulk_message_delete(event: discord.RawBulkMessageDeleteEvent) -> None:
        purged.put_nowait(event)

    bot.event(on_raw_bulk_message_delete)
    with pytest.raises(SandboxError):
        await sandbox.purge("cleo", "general", ids)
    await sandbox.purge("ann", "general", ids)
    assert (await soon(purged)).message_ids == {int(one) for one in ids}
    assert sandbox.messages("general") == []


async def test_growing_answer_keeps_its_history(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Each edit of the bot is shown, counted and remembered with its time."""
    await sandbox.say("ann", "general", "@Parley count")
    answer = await (await bot.next_message()).reply("1")
    for text in ("1 2", "1 2 3"):
        await answer.edit(content=text)
    shown = sandbox.message("general", answer.id)
    assert (shown.content, shown.edited) == ("1 2 3", 2)
    assert [version.content for version in shown.history] == ["1", "1 2", "1 2 3"]
    assert sorted(version.at for version in shown.history) == [version.at for version in shown.history]


async def test_the_bot_hears_its_own_writes(sandbox: DiscordSandbox, bot: Bot) -> None:
    """What the bot writes, edits and deletes comes back to it as events, as on Discord."""
    sent = await bot.place(sandbox.world.channel("general").id).send("echo")
    await sent.edit(content="echo echo")
    assert (await soon(bot.edits)).message.content == "echo echo"
    await sent.delete()
    assert (await soon(bot.deletions)).message_id == sent.id


async def test_reactions_both_ways(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A person's reaction names the message's author; the bot's own stands under the message."""
    message_id = await sandbox.say("ann", "general", "vote")
    message = await bot.next_message()
    await sandbox.react("bob", "general", message_id, "👍")
    event = await soon(bot.reactions)
    assert (str(event.emoji), event.message_author_id) == ("👍", message.author.id)
    await message.add_reaction("🎉")
    assert set(sandbox.message("general", message_id).reactions) == {"👍", "🎉"}
    await message.remove_reaction("🎉", bot.user or message.author)
    assert set(sandbox.message("general", message_id).reactions) == {"👍"}


async def test_history_is_read_newest_first_and_in_pages(sandbox: DiscordSandbox, bot: Bot) -> None:
    """discord.py walks a channel of 130 messages through pages of 100, and after one, and around one."""
    ids = [await sandbox.say("ann", "general", f"message {number}") for number in range(130)]
    place = bot.place(sandbox.world.channel("general").id)
    assert [str(one.id) async for one in place.history(limit=None)] == ids[::-1]
    after = [str(one.id) async for one in place.history(after=discord.Object(int(ids[120])))]
    assert after == ids[121:]
    around = [str(one.id) async for one in place.history(around=discord.Object(int(ids[50])), limit=5)]
    assert set(around) == set(ids[48:53])


async def test_attachment_from_a_person(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A person's file is described in the message and read from the CDN without a token."""
    await sandbox.say("ann", "general", "@Parley read", attachments=[Upload(name="notes.txt", content=b"42")])
    message = await bot.next_message()
    assert message.attachments[0].filename == "notes.txt"
    assert await message.attachments[0].read() == b"42"


async def test_attachment_from_the_bot(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A file of the bot comes as a form; an edit without it takes it away."""
    place = bot.place(sandbox.world.channel("general").id)
    sent = await place.send("see", file=discord.File(io.BytesIO(b"x" * 9), filename="x.bin"))
    assert (sent.attachments[0].size, await sent.attachments[0].read()) == (9, b"x" * 9)
    await sent.edit(attachments=[])
    assert sandbox.message("general", sent.id).attachments == ()


async def test_attachment_addresses_expire(timed: DiscordSandbox, timed_api: Api, clock: ManualClock) -> None:
    """A day later the old address is dead, and the message read again carries a fresh one."""
    upload = Upload(name="a b.txt", content=b"42")
    message = await timed.say("ann", "general", "file", attachments=[upload])
    path = f"/channels/{timed.world.channel('general').id}/messages/{message}"

    async def address() -> str:
        return str((await timed_api("GET", path))[1]["attachments"][0]["url"])

    old = await address()
    clock.advance(25 * 3600)
    fresh = await address()
    assert await timed_api.fetched(old) == 404
    assert await timed_api.fetched(fresh) == 200
    assert await timed_api.fetched(fresh.replace("hm=", "hm=0")) == 404


async def test_same_nonce_posts_once(timed: DiscordSandbox, timed_api: Api, clock: ManualClock) -> None:
    """A second create with the nonce gives the first message back, for some minutes; without enforcing it does not."""
    path = f"/channels/{timed.world.channel('general').id}/messages"
    body = {"content": "once", "nonce": "turn-1", "enforce_nonce": True}
    first, again = [(await timed_api("POST", path, body))[1]["id"] for _ in range(2)]
    assert first == again
    assert (await timed_api("POST", path, body | {"enforce_nonce": False}))[1]["id"] != first
    clock.advance(600)
    assert (await timed_api("POST", path, body))[1]["id"] != first
    assert len(timed.messages("general")) == 3


async def test_allowed_mentions_decide_who_is_pinged(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Without them a name pings; with none() nobody is; the bot has no right to ping everyone."""
    ann = sandbox.world.person("ann")
    place = bot.place(sandbox.world.channel("general").id)
    text = f"<@{ann.id}> @everyone `<@{sandbox.world.person('bob').id}>`"
    loud = await place.send(text)
    assert sandbox.message("general", loud.id).pings == {ann.id}
    quiet = await place.send(text, allowed_mentions=NO_PINGS)
    shown = sandbox.message("general", quiet.id)
    assert (shown.pings, shown.allowed_mentions) == (frozenset(), {"parse": []})
    await quiet.edit(content=text + "!", allowed_mentions=discord.AllowedMentions(users=True))
    assert sandbox.message("general", quiet.id).pings == {ann.id}


async def test_typing_shows_until_the_answer(sandbox: DiscordSandbox, bot: Bot) -> None:
    """The indicator is there while the bot works and gone with its message."""
    place = bot.place(sandbox.world.channel("general").id)
    async with place.typing():
        await sandbox.wait_for(lambda: [one.channel_id for one in sandbox.typing])
    await place.send("done")
    assert sandbox.typing == []


async def test_wait_for_shows_the_state_when_it_gives_up(sandbox: DiscordSandbox) -> None:
    """A condition that never comes true ends with an error that shows what there was instead."""
    await sandbox.say("ann", "general", "is anybody here?")
    with pytest.raises(TimeoutError, match="is anybody here"):
        await sandbox.wait_for(lambda: len(sandbox.messages("general")) > 1, timeout=0.01)


async def test_wait_for_is_woken_by_a_change(sandbox: DiscordSandbox) -> None:
    """A waiter gets the first true value as soon as somebody changes something."""
    waiting = asyncio.create_task(sandbox.wait_for(lambda: sandbox.messages("help")))
    await asyncio.sleep(0)
    await sandbox.say("bob", "help", "here I am")
    assert (await waiting)[0].content == "here I am"
