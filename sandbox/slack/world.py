"""Who and where: the people, bots and channels of one workspace.

Only facts; what people do is `acting`, what the app may do is `methods`. People and channels are found by id or by
the name one would type (`ann`, `#help`), and a person's direct messages with the bot by the word `dm`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sandbox.slack.identity import Ids
from sandbox.slack.values import SandboxError

ChannelKind = Literal["channel", "private", "dm"]
CHANNEL_TYPES: dict[ChannelKind, str] = {"channel": "channel", "private": "group", "dm": "im"}
EVENT_NAMES: dict[ChannelKind, str] = {
    "channel": "message.channels",
    "private": "message.groups",
    "dm": "message.im",
}
HISTORY_SCOPES: dict[ChannelKind, str] = {
    "channel": "channels:history",
    "private": "groups:history",
    "dm": "im:history",
}
READ_SCOPES: dict[ChannelKind, str] = {"channel": "channels:read", "private": "groups:read", "dm": "im:read"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the workspace; with a `bot_id` it is an app's bot user."""

    id: str
    name: str
    real_name: str
    admin: bool = False
    owner: bool = False
    guest: bool = False
    tz: str = "Europe/Berlin"
    bot_id: str | None = None
    app_id: str | None = None

    @property
    def is_bot(self) -> bool:
        return self.bot_id is not None


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel, or the direct messages of one person and the bot."""

    id: str
    name: str
    kind: ChannelKind
    members: set[str]
    archived: bool = False


class World:
    """One workspace: T… with its people and channels."""

    def __init__(self, *, ids: Ids, team_id: str, team_name: str, bot_name: str) -> None:
        self.ids = ids
        self.team_id = team_id
        self.team_name = team_name
        self.domain = team_name.lower().replace(" ", "-")
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.bot = self.add_bot(bot_name)

    def add_person(
        self, name: str, *, real_name: str = "", admin: bool = False, owner: bool = False, guest: bool = False
    ) -> Person:
        """The person exists, with direct messages open to the bot."""
        person = Person(
            id=self.ids.named("U", name),
            name=name,
            real_name=real_name or name.capitalize(),
            admin=admin,
            owner=owner,
            guest=guest,
        )
        self.people[person.id] = person
        dm = Channel(id=self.ids.named("D", name), name=name, kind="dm", members={person.id, self.bot.id})
        self.channels[dm.id] = dm
        return person

    def add_bot(self, name: str) -> Person:
        bot = Person(
            id=self.ids.named("U", name),
            name=name.lower(),
            real_name=name,
            bot_id=self.ids.named("B", name),
            app_id=self.ids.named("A", name),
        )
        self.people[bot.id] = bot
        return bot

    def add_channel(self, name: str, members: Iterable[str], *, private: bool = False) -> Channel:
        """The channel exists with these members, named as elsewhere; the bot's name counts as one."""
        channel = Channel(
            id=self.ids.named("C", name.removeprefix("#")),
            name=name.removeprefix("#"),
            kind="private" if private else "channel",
            members={self.person(member).id for member in members},
        )
        self.channels[channel.id] = channel
        return channel

    def person(self, ref: str) -> Person:
        """The person with this id or name. SandboxError for a stranger."""
        if found := self.people.get(ref):
            return found
        wanted = ref.removeprefix("@").lower()
        for person in self.people.values():
            if person.name.lower() == wanted:
                return person
        raise SandboxError(f"nobody here is called {ref!r}")

    def channel(self, ref: str, person: Person | None = None) -> Channel:
        """The channel with this id or name; `dm` is the person's direct messages with the bot."""
        if found := self.channels.get(ref):
            return found
        if ref == "dm" and person is not None:
            return self.dm(person)
        for channel in self.channels.values():
            if channel.kind != "dm" and channel.name == ref.removeprefix("#"):
                return channel
        raise SandboxError(f"no channel is called {ref!r}")

    def dm(self, person: Person) -> Channel:
        for channel in self.channels.values():
            if channel.kind == "dm" and person.id in channel.members and not person.is_bot:
                return channel
        raise SandboxError(f"{person.name} has no direct messages with the bot")


def preset(*, team_id: str, bot_name: str) -> World:
    """Ann (admin and owner), Bob, Cleo and the guest Dan; the bot is in #help and #general, not in #private."""
    world = World(ids=Ids(), team_id=team_id, team_name="Sandbox", bot_name=bot_name)
    for name in ("ann", "bob", "cleo", "dan"):
        world.add_person(name, admin=name == "ann", owner=name == "ann", guest=name == "dan")
    world.add_bot("Robo")
    world.add_channel("general", ["ann", "bob", "cleo", world.bot.id, "robo"])
    world.add_channel("help", ["ann", "bob", "cleo", "dan", world.bot.id, "robo"])
    world.add_channel("private", ["ann", "bob"], private=True)
    world.add_channel("random", ["ann", "bob", "cleo"])
    return world
