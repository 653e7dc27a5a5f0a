"""Who may do what: Discord's adding up of roles and overwrites, and what the bot is told where it may not."""

import discord
import pytest

from sandbox.discord.permissions import ALL, NOTHING, Overwrite, Permission, computed
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.sandbox.discord_tests.clients import Api, Bot

P = Permission


def permissions(
    *overwrites: Overwrite, granted: Permission = P.VIEW_CHANNEL | P.SEND_MESSAGES, owner: bool = False
) -> Permission:
    """What member 1 with role 2 may do in guild 0."""
    return computed(everyone_id="0", member_id="1", role_ids=["2"], granted=granted, overwrites=overwrites, owner=owner)


def test_overwrites_are_applied_from_everyone_to_member() -> None:
    """The member's own overwrite beats the role's, which beats everyone's; allow beats deny among roles."""
    everyone = Overwrite("0", "role", deny=P.SEND_MESSAGES)
    role = Overwrite("2", "role", allow=P.SEND_MESSAGES)
    member = Overwrite("1", "member", deny=P.SEND_MESSAGES)
    assert not permissions(everyone) & P.SEND_MESSAGES
    assert permissions(everyone, role) & P.SEND_MESSAGES
    assert not permissions(member, role, everyone) & P.SEND_MESSAGES
    assert permissions(Overwrite("3", "role", deny=P.SEND_MESSAGES)) & P.SEND_MESSAGES


def test_who_does_not_see_a_channel_may_do_nothing_there() -> None:
    """Without VIEW_CHANNEL every other right is gone; owners and administrators are above all rules."""
    hidden = Overwrite("0", "role", deny=P.VIEW_CHANNEL)
    assert permissions(hidden) == NOTHING
    assert permissions(hidden, owner=True) == ALL
    assert permissions(hidden, granted=P.ADMINISTRATOR) == ALL


async def test_bot_is_refused_where_it_may_not_write(sandbox: DiscordSandbox, bot: Bot, api: Api) -> None:
    """#locked is read but not written (50013); people write there, and the bot hears them."""
    await sandbox.say("ann", "locked", "@Parley can you?")
    message = await bot.next_message()
    with pytest.raises(discord.Forbidden) as refused:
        await message.reply("no")
    assert refused.value.code == 50013
    path = f"/channels/{sandbox.world.channel('locked').id}"
    assert await api.refused("POST", f"{path}/typing") == 50013
    assert await api.refused("POST", f"{path}/threads", {"name": "x"}) == 50013


async def test_bot_does_not_see_hidden_channels(sandbox: DiscordSandbox, bot: Bot, api: Api) -> None:
    """#hidden answers 50001 and sends no events; plain members do not see it either."""
    await sandbox.say("ann", "hidden", "@Parley psst")
    await sandbox.say("ann", "general", "@Parley hi")
    assert (await bot.next_message()).content.endswith("hi")
    assert await api.refused("GET", f"/channels/{sandbox.world.channel('hidden').id}") == 50001
    with pytest.raises(SandboxError, match="does not see"):
        await sandbox.say("bob", "hidden", "me?")


async def test_library_and_sandbox_agree_on_permissions(sandbox: DiscordSandbox, bot: Bot) -> None:
    """discord.py computes the same rights from the guild it was given."""
    await bot.wait_until_ready()
    guild = bot.get_guild(int(sandbox.guild_id))
    assert guild is not None
    for name in ("general", "locked", "hidden"):
        place = sandbox.world.channel(name)
        channel = guild.get_channel(int(place.id))
        assert channel is not None
        mine = channel.permissions_for(guild.me).value
        ours = int(sandbox.world.permissions(sandbox.world.bot, place))
        looked_at = int(P.VIEW_CHANNEL | P.SEND_MESSAGES | P.SEND_MESSAGES_IN_THREADS | P.MANAGE_MESSAGES)
        assert mine & looked_at == ours & looked_at, name


async def test_taking_a_right_away_counts_at_once(sandbox: DiscordSandbox, api: Api) -> None:
    """A channel added with rules keeps them: no embeds and no files there."""
    deny = Overwrite(sandbox.bot_user_id, "member", deny=P.EMBED_LINKS | P.READ_MESSAGE_HISTORY)
    place = sandbox.add_channel("plain", overwrites=[deny])
    path = f"/channels/{place.id}/messages"
    assert await api.refused("POST", path, {"embeds": [{"title": "x"}]}) == 50013
    first = await sandbox.say("ann", "plain", "hello")
    assert await api.refused("POST", path, {"content": "x", "message_reference": {"message_id": first}}) == 160002
    assert (await api("GET", path))[1] == []
