"""The guilds that the bot is in: it is invited, removed, or a guild is out of reach for a while."""

from collections.abc import Iterable

from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.happenings import Happenings
from sandbox.discord.permissions import Overwrite
from sandbox.discord.wire import Wire
from sandbox.discord.world import Channel, Guild, World


class Memberships:
    """Changes of guilds and channels, with the events that tell of them."""

    def __init__(self, happenings: Happenings) -> None:
        self._happenings = happenings
        self._world: World = happenings.world
        self._wire: Wire = happenings.wire
        self._dispatcher: Dispatcher = happenings.dispatcher

    def found(self, name: str, *, owner: str, members: Iterable[str], id: str | int | None = None) -> Guild:
        """The guild exists, has a #general, and the bot has joined it."""
        guild = self._world.add_guild(name, owner=owner, members=members, id=id)
        self._world.add_channel(guild, "general")
        data = self._wire.guild_create(guild)
        del data["unavailable"]  # Only a guild that the bot knew before says whether it is there again.
        self._dispatcher.in_guild("GUILD_CREATE", data, guild.id)
        self._happenings.changes.tell({"type": "event", "kind": f"guild {name}"})
        return guild

    def add_channel(self, guild: Guild, name: str, overwrites: Iterable[Overwrite] = ()) -> Channel:
        """The channel exists, and the bot hears of it if it sees it."""
        channel = self._world.add_channel(guild, name, overwrites=list(overwrites))
        self._dispatcher.in_channel("CHANNEL_CREATE", self._wire.channel(channel), channel)
        self._happenings.changes.tell({"type": "event", "kind": f"channel {name}"})
        return channel

    def remove_bot(self, guild: Guild) -> None:
        """The bot is no member any more."""
        del guild.members[self._world.bot.id]
        self._dispatcher.in_guild("GUILD_DELETE", {"id": guild.id}, guild.id)
        self._happenings.changes.tell({"type": "event", "kind": f"left {guild.name}"})

    def outage(self, guild: Guild, *, over: bool = False) -> None:
        """Discord lost sight of the guild, or found it again; nobody's membership changed."""
        if over:
            self._dispatcher.in_guild("GUILD_CREATE", self._wire.guild_create(guild), guild.id)
        else:
            self._dispatcher.in_guild("GUILD_DELETE", {"id": guild.id, "unavailable": True}, guild.id)
