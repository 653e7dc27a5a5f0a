"""The guild that everyone finds at the start: small, and with every case a bot must cope with."""

from sandbox.discord import permissions
from sandbox.discord.permissions import Overwrite, Permission
from sandbox.discord.world import Guild, World


def preset(*, bot_name: str, at: float) -> tuple[World, Guild]:
    """Ann has Manage Server; Bob and Cleo are plain members; Olga owns it; Robo is another bot.

    The bot may read and write in #general and #help, only read in #locked, and does not see #hidden.
    """
    world = World(bot_name=bot_name, at=at)
    for name in ("ann", "bob", "cleo", "olga"):
        world.add_person(name)
    world.add_person("Robo", bot=True)
    guild = world.add_guild("Sandbox", owner="olga", members=["ann", "bob", "cleo", "robo"])
    admins = world.add_role(guild, "Admins", permissions.MODERATOR, ["ann"])
    world.add_channel(guild, "general")
    world.add_channel(guild, "help")
    no_writing = Overwrite(world.bot.id, "member", deny=permissions.WRITING)
    world.add_channel(guild, "locked", overwrites=[no_writing])
    seen_by_admins = Overwrite(admins.id, "role", allow=Permission.VIEW_CHANNEL)
    seen_by_nobody = Overwrite(guild.id, "role", deny=Permission.VIEW_CHANNEL)
    world.add_channel(guild, "hidden", overwrites=[seen_by_nobody, seen_by_admins])
    return world, guild
