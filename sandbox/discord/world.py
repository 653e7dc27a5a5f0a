"""Who and where: people, bots, guilds with their roles and members, channels, threads and direct messages.

Only facts; what happens is in `happenings`, what people do in `talking` and `interacting`, what the bot may do in
`rest`. People and channels are found by id or by the name one would type (`ann`, `#help`), and a person's direct
messages with the bot by the word `dm` or by `@ann`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sandbox.discord import permissions
from sandbox.discord.permissions import Overwrite, Permission
from sandbox.discord.snowflakes import named
from sandbox.discord.values import SandboxError

ChannelKind = Literal["text", "dm", "thread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account: a person, or a bot."""

    id: str
    name: str
    display: str
    bot: bool = False


@dataclass(slots=True, kw_only=True)
class Role:
    id: str
    name: str
    permissions: Permission
    managed: bool = False
    """It belongs to a bot and came with it."""


@dataclass(slots=True, kw_only=True)
class Member:
    person_id: str
    joined_at: float
    roles: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Guild:
    """One server. The role for everyone has the guild's own id."""

    id: str
    name: str
    owner_id: str
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ThreadState:
    """What a thread has and another channel has not."""

    owner_id: str
    created_at: float
    archived_at: float
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    members: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Channel:
    """A text channel, a thread in one, or the direct messages of one person and the bot."""

    id: str
    kind: ChannelKind
    name: str
    guild_id: str | None = None
    parent_id: str | None = None
    recipient_id: str | None = None
    overwrites: list[Overwrite] = field(default_factory=list)
    thread: ThreadState | None = None
    position: int = 0
    topic: str | None = None


class World:
    """Everyone and every place, and the one application under test."""

    def __init__(self, *, bot_name: str, at: float) -> None:
        self._at = at
        self.people: dict[str, Person] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.closed_dms: set[str] = set()
        """People who take no direct messages from the bot."""
        self.application_id = named("application", bot_name)
        self.bot = self.add_person(bot_name, bot=True)

    def add_person(self, name: str, *, display: str = "", bot: bool = False) -> Person:
        """The account exists; a person's direct messages with the bot are open."""
        shown = display or (name if bot else name.capitalize())
        person = Person(id=named("user", name), name=name.lower(), display=shown, bot=bot)
        self.people[person.id] = person
        if not bot:
            dm = Channel(id=named("dm", name), kind="dm", name=name, recipient_id=person.id)
            self.channels[dm.id] = dm
        return person

    def add_guild(self, name: str, *, owner: str, members: Iterable[str] = (), id: str | int | None = None) -> Guild:
        """The guild exists with its owner, these members and the bot, which has a role of its own."""
        guild_id = str(id or named("guild", name))
        guild = Guild(id=guild_id, name=name, owner_id=self.person(owner).id)
        guild.roles[guild_id] = Role(id=guild_id, name="@everyone", permissions=permissions.EVERYONE)
        self.guilds[guild_id] = guild
        for member in (owner, *members, self.bot.id):
            self.join(guild, member)
        self.add_role(guild, self.bot.display, permissions.BOT, [self.bot.id], managed=True)
        return guild

    def join(self, guild: Guild, person: str) -> Member:
        member = Member(person_id=self.person(person).id, joined_at=self._at)
        return guild.members.setdefault(member.person_id, member)

    def add_role(
        self, guild: Guild, name: str, granted: Permission, members: Iterable[str], *, managed: bool = False
    ) -> Role:
        """The role exists in the guild, and these people have it."""
        role = Role(id=named("role", f"{guild.id}:{name}"), name=name, permissions=granted, managed=managed)
        guild.roles[role.id] = role
        for member in members:
            guild.members[self.person(member).id].roles.add(role.id)
        return role

    def add_channel(self, guild: Guild, name: str, *, overwrites: Sequence[Overwrite] = ()) -> Channel:
        name = name.removeprefix("#")
        channel = Channel(
            id=named("channel", f"{guild.id}:{name}"),
            kind="text",
            name=name,
            guild_id=guild.id,
            overwrites=list(overwrites),
            position=sum(1 for other in self.channels.values() if other.guild_id == guild.id),
        )
        self.channels[channel.id] = channel
        return channel

    def person(self, ref: str | int) -> Person:
        """The person with this id or name. SandboxError for a stranger."""
        if found := self.people.get(str(ref)):
            return found
        wanted = str(ref).removeprefix("@").lower()
        for person in self.people.values():
            if wanted in (person.name.lower(), person.display.lower()):
                return person
        raise SandboxError(f"nobody here is called {ref!r}")

    def channel(self, ref: str | int, person: Person | None = None) -> Channel:
        """The channel or thread with this id or name; `dm` is the person's with the bot, `@ann` is Ann's."""
        wanted = str(ref)
        if found := self.channels.get(wanted):
            return found
        if wanted == "dm" and person is not None:
            return self.dm(person)
        if wanted.startswith("@"):
            return self.dm(self.person(wanted))
        for channel in self.channels.values():
            if channel.kind != "dm" and channel.name == wanted.removeprefix("#"):
                return channel
        raise SandboxError(f"no channel is called {ref!r}")

    def dm(self, person: Person) -> Channel:
        for channel in self.channels.values():
            if channel.kind == "dm" and channel.recipient_id == person.id:
                return channel
        raise SandboxError(f"{person.display} has no direct messages with the bot")

    def guild_of(self, channel: Channel) -> Guild | None:
        return self.guilds.get(channel.guild_id or "")

    def threads(self, guild_id: str) -> list[Channel]:
        return [one for one in self.channels.values() if one.kind == "thread" and one.guild_id == guild_id]

    def permissions(self, person: Person, channel: Channel) -> Permission:
        """What the person may do there; a thread takes its parent's rules."""
        guild = self.guild_of(channel)
        if guild is None:
            mine = person.id in (channel.recipient_id, self.bot.id)
            return permissions.IN_DIRECT_MESSAGES if mine else permissions.NOTHING
        member = guild.members.get(person.id)
        if member is None:
            return permissions.NOTHING
        ruled = self.channels[channel.parent_id] if channel.parent_id else channel
        return permissions.computed(
            everyone_id=guild.id,
            member_id=person.id,
            role_ids=member.roles,
            granted=self.granted(guild, member),
            overwrites=ruled.overwrites,
            owner=guild.owner_id == person.id,
        )

    def granted(self, guild: Guild, member: Member) -> Permission:
        """What the member's roles grant in the guild as a whole."""
        granted = guild.roles[guild.id].permissions
        for role_id in member.roles:
            granted |= guild.roles[role_id].permissions
        return granted

    def may(self, person: Person, channel: Channel, needed: Permission) -> bool:
        return self.permissions(person, channel) & needed == needed

    def may_write(self, person: Person, channel: Channel) -> bool:
        threaded = channel.kind == "thread"
        return self.may(person, channel, Permission.SEND_MESSAGES_IN_THREADS if threaded else Permission.SEND_MESSAGES)
