"""What can happen to messages and threads, each with all its effects: the record, the events, the waiters, the page.

Nobody's permission is asked here: `rest` does that for the bot, `talking` for people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.changes import Changes
from sandbox.discord import mentions, notices
from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.mentions import Rules
from sandbox.discord.messages import Flag, Message, MessageBook, MessageType, Reference
from sandbox.discord.permissions import Permission
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.values import Json
from sandbox.discord.wire import Wire
from sandbox.discord.world import Channel, Person, ThreadState, World

TYPING_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """Somebody began to type at `at`; it shows ten seconds, or until they post."""

    person_id: str
    channel_id: str
    at: float


@dataclass(slots=True)
class Happenings:
    """One world in motion."""

    world: World
    book: MessageBook
    wire: Wire
    snowflakes: Snowflakes
    dispatcher: Dispatcher
    changes: Changes
    now: Callable[[], float]
    typing: dict[tuple[str, str], Typing] = field(default_factory=dict)
    """By channel and person."""

    def post(
        self, author: Person, channel: Channel, content: str, *, rules: Rules | None = None, **details: Any
    ) -> Message:
        """The message stands in the channel; details are the other fields of Message."""
        self._unarchive(channel)
        at = self.now()
        message = Message(
            id=self.snowflakes.next(), channel_id=channel.id, author=author, content=content, at=at, **details
        )
        self.mention(message, rules or Rules())
        message.remember(at)
        self.book.add(message)
        self.typing.pop((channel.id, author.id), None)
        if channel.thread is not None:
            channel.thread.members |= {author.id, *message.mentions.users}
        self._tell("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, *, rules: Rules | None = None, silent: bool = False, **changed: Any) -> None:
        """The message has these new values; `silent` leaves no "(edited)", as where an answer replaces thinking."""
        for name, value in changed.items():
            setattr(message, name, value)
        self.mention(message, rules or Rules())
        at = self.now()
        if not silent:
            message.edited_at = at
            message.edited += 1
        message.remember(at)
        self._tell("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        self.book.remove(message)
        channel = self.world.channels[message.channel_id]
        data: Json = {"id": message.id, "channel_id": channel.id}
        if message.ephemeral_for is None:
            self.dispatcher.in_channel("MESSAGE_DELETE", data | _guild(channel), channel)
        self.changes.tell(notices.deleted(message))

    def delete_together(self, channel: Channel, messages: Sequence[Message]) -> None:
        """All of them are gone with one event."""
        for message in messages:
            self.book.remove(message)
            self.changes.tell(notices.deleted(message))
        data: Json = {"ids": [message.id for message in messages], "channel_id": channel.id} | _guild(channel)
        self.dispatcher.in_channel("MESSAGE_DELETE_BULK", data, channel)

    def touch(self, message: Message, **changed: Any) -> None:
        """The message is told anew with these values, though nobody edited it."""
        for name, value in changed.items():
            setattr(message, name, value)
        message.remember(self.now())
        self._tell("MESSAGE_UPDATE", message)

    def react(self, person: Person, message: Message, emoji: str) -> None:
        """The reaction is there; a second time it changes nothing."""
        who = message.reactions.setdefault(emoji, [])
        if person.id not in who:
            who.append(person.id)
            self._tell_reaction("MESSAGE_REACTION_ADD", person, message, emoji)

    def unreact(self, person: Person, message: Message, emoji: str) -> None:
        """The reaction is not there any more."""
        who = message.reactions.get(emoji, [])
        if person.id in who:
            who.remove(person.id)
            if not who:
                del message.reactions[emoji]
            self._tell_reaction("MESSAGE_REACTION_REMOVE", person, message, emoji)

    def type(self, person: Person, channel: Channel) -> None:
        """The person is shown as typing."""
        at = self.now()
        self.typing[channel.id, person.id] = Typing(person_id=person.id, channel_id=channel.id, at=at)
        data: Json = {"channel_id": channel.id, "user_id": person.id, "timestamp": int(at)} | _guild(channel)
        guild = self.world.guild_of(channel)
        if guild is not None:
            data["member"] = self.wire.member(guild.members[person.id])
        self.dispatcher.in_channel("TYPING_START", data, channel)
        self.changes.tell(notices.typing(channel, person))

    def open_thread(
        self, owner: Person, parent: Channel, name: str, *, starter: Message | None, minutes: int = 1440
    ) -> Channel:
        """The thread exists under its message, or on its own with a note of it in the channel."""
        at = self.now()
        thread = Channel(
            id=starter.id if starter else self.snowflakes.next(),
            kind="thread",
            name=name,
            guild_id=parent.guild_id,
            parent_id=parent.id,
            thread=ThreadState(
                owner_id=owner.id, created_at=at, archived_at=at, auto_archive_minutes=minutes, members={owner.id}
            ),
        )
        self.world.channels[thread.id] = thread
        data = self.wire.channel(thread) | {"newly_created": True}
        self.dispatcher.in_channel("THREAD_CREATE", data, thread)
        self.changes.tell(notices.opened(thread))
        self._announce(owner, parent, thread, starter)
        return thread

    def update_thread(self, thread: Channel) -> None:
        """Everyone hears how the thread is now."""
        self.dispatcher.in_channel("THREAD_UPDATE", self.wire.channel(thread), thread)
        self.changes.tell(notices.opened(thread))

    def archive(self, thread: Channel, *, archived: bool, locked: bool | None = None) -> None:
        """The thread is put away or taken out again; a locked one is not opened by a new message."""
        assert thread.thread is not None
        thread.thread.archived = archived
        thread.thread.archived_at = self.now()
        if locked is not None:
            thread.thread.locked = locked
        self.update_thread(thread)

    def mention(self, message: Message, rules: Rules) -> None:
        """The message mentions and pings whom its text names, as far as the rules and the author's rights go."""
        world, channel = self.world, self.world.channels[message.channel_id]
        guild = world.guild_of(channel)
        loud = world.may(message.author, channel, Permission.MENTION_EVERYONE) and guild is not None
        replied = self._replied(message)
        message.mentions = mentions.found(
            message.content, rules, world, guild, everyone=loud, replied=replied.author if replied else None
        )
        quiet = message.flags & Flag.SUPPRESS_NOTIFICATIONS
        message.pings = frozenset() if quiet else mentions.pinged(message.mentions, guild, roles=loud)

    def _replied(self, message: Message) -> Message | None:
        if message.type is not MessageType.REPLY or message.reference is None:
            return None
        return self.book.get(message.reference.channel_id, message.reference.message_id)

    def _announce(self, owner: Person, parent: Channel, thread: Channel, starter: Message | None) -> None:
        if starter is None:
            there = Reference(message_id=thread.id, channel_id=thread.id)
            self.post(owner, parent, thread.name, type=MessageType.THREAD_CREATED, reference=there)
            return
        starter.thread_id = thread.id
        starter.flags |= Flag.HAS_THREAD
        self._tell("MESSAGE_UPDATE", starter)
        there = Reference(message_id=starter.id, channel_id=parent.id)
        self.post(owner, thread, "", type=MessageType.THREAD_STARTER, reference=there)

    def _unarchive(self, channel: Channel) -> None:
        if channel.thread is not None and channel.thread.archived:
            self.archive(channel, archived=False)

    def _tell(self, event: str, message: Message) -> None:
        channel = self.world.channels[message.channel_id]
        if message.ephemeral_for is None:
            self.dispatcher.in_channel(event, self.wire.in_event(message), channel)
            if not message.author.bot:
                self.changes.tell({"type": "event", "kind": event})
        self.changes.tell(notices.message(self.world, message, self.wire))

    def _tell_reaction(self, event: str, person: Person, message: Message, emoji: str) -> None:
        channel = self.world.channels[message.channel_id]
        data: Json = {
            "user_id": person.id,
            "channel_id": channel.id,
            "message_id": message.id,
            "message_author_id": message.author.id,
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        } | _guild(channel)
        guild = self.world.guild_of(channel)
        if guild is not None and event == "MESSAGE_REACTION_ADD":
            data["member"] = self.wire.member(guild.members[person.id])
        self.dispatcher.in_channel(event, data, channel)
        self.changes.tell(notices.message(self.world, message, self.wire))


def _guild(channel: Channel) -> Json:
    return {"guild_id": channel.guild_id} if channel.guild_id else {}
