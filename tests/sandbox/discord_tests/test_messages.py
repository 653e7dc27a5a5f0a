"""Messages through the real discord.py: what people write arrives, what the bot writes stands there."""

import discord

from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Bot


async def test_mention_arrives_and_is_answered(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A typed @Parley is a real mention for discord.py, and its answer is a reply in the channel."""
    asked = await sandbox.say("ann", "general", "@Parley what is 2 + 2?")
    message = await bot.next_message()
    assert bot.user is not None
    assert bot.user.mentioned_in(message)
    answer = await message.reply("4", allowed_mentions=discord.AllowedMentions.none())
    shown = sandbox.message("general", answer.id)
    assert shown.content == "4"
    assert shown.reply_to == asked
    assert shown.pings == frozenset()
