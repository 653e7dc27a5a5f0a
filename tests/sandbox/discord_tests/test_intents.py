"""What a bot hears with which intents, and what its messages lose without MESSAGE_CONTENT."""

import discord
import pytest

from sandbox.discord.attachments import Upload
from sandbox.discord.intents import needed
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Bot, Connect


@pytest.fixture
async def blind(sandbox: DiscordSandbox, connect: Connect) -> Bot:
    """Connected without MESSAGE_CONTENT."""
    bot: Bot = await connect(sandbox, Bot(intents=discord.Intents.default()))
    return bot


async def test_content_is_empty_unless_it_concerns_the_bot(sandbox: DiscordSandbox, blind: Bot) -> None:
    """Plain messages arrive emptied; mentions, replies to the bot and direct messages in full."""
    await sandbox.say("ann", "general", "plain", attachments=[Upload(name="a.txt", content=b"a")])
    plain = await blind.next_message()
    assert (plain.content, plain.attachments) == ("", [])
    await sandbox.say("ann", "general", "@Parley mention")
    assert (await blind.next_message()).content.endswith("mention")
    answer = await blind.place(sandbox.world.channel("general").id).send("answer")
    await sandbox.say("ann", "general", "reply", reply_to=answer.id)
    assert (await blind.next_message()).content == "reply"
    await sandbox.say("ann", "dm", "direct")
    assert (await blind.next_message()).content == "direct"


async def test_quoted_parent_is_emptied_too(sandbox: DiscordSandbox, blind: Bot) -> None:
    """A mention that replies to somebody else does not show what that person wrote."""
    first = await sandbox.say("bob", "general", "secret of Bob")
    await blind.next_message()
    await sandbox.say("ann", "general", "@Parley what does he mean?", reply_to=first)
    message = await blind.next_message()
    assert message.reference is not None
    assert isinstance(message.reference.resolved, discord.Message)
    assert message.reference.resolved.content == ""


async def test_without_direct_messages_intent(sandbox: DiscordSandbox, connect: Connect) -> None:
    """A kind of event without its intent is not sent at all."""
    intents = discord.Intents.default()
    intents.dm_messages = False
    bot = await connect(sandbox, Bot(intents=intents))
    await sandbox.say("ann", "dm", "@Parley direct")
    await sandbox.say("ann", "general", "@Parley in the guild")
    assert (await bot.next_message()).content.endswith("in the guild")


@pytest.mark.parametrize(
    ("event", "direct", "bit"),
    [
        ("MESSAGE_CREATE", False, 1 << 9),
        ("MESSAGE_DELETE_BULK", False, 1 << 9),
        ("MESSAGE_UPDATE", True, 1 << 12),
        ("MESSAGE_REACTION_ADD", False, 1 << 10),
        ("MESSAGE_REACTION_ADD", True, 1 << 13),
        ("THREAD_CREATE", False, 1),
        ("GUILD_MEMBER_ADD", False, 2),
        ("TYPING_START", True, 1 << 14),
        ("INTERACTION_CREATE", False, 0),
    ],
)
def test_needed_intent(event: str, direct: bool, bit: int) -> None:
    """Each event needs the intent that Discord's table names for it."""
    assert needed(event, direct=direct) == bit
