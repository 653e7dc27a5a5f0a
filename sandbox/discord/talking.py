"""What people do with messages: they write, reply, edit, delete, react and open threads, as far as they may.

Each act has the effects it has in Discord and nothing more. Pressing and commanding is `interacting`.
"""

from collections.abc import Sequence

from sandbox.discord import mentions
from sandbox.discord.attachments import Attachments, Upload
from sandbox.discord.happenings import Happenings
from sandbox.discord.mentions import BY_MESSAGES, Rules
from sandbox.discord.messages import Message, MessageType, Reference
from sandbox.discord.permissions import Permission
from sandbox.discord.values import Json, SandboxError
from sandbox.discord.world import Channel, Person

Ref = str | int


class Talking:
    """The mouths and hands of everyone but the bot."""

    def __init__(self, happenings: Happenings, attachments: Attachments) -> None:
        self._happenings = happenings
        self._attachments = attachments

    async def say(
        self,
        person: Ref,
        channel: Ref,
        text: str,
        *,
        reply_to: Ref | None = None,
        ping: bool = True,
        attachments: Sequence[Upload] = (),
        encoded: bool = False,
    ) -> str:
        """The message stands in the channel; its id.

        `ping` is the switch beside a reply that notifies its author. `encoded` takes the text as the wire carries it,
        without turning typed names into mentions.
        """
        who, place = self._at(person, channel)
        self._need_to_write(who, place)
        parent = None if reply_to is None else self.find(place, reply_to)
        content = text if encoded else self._encode(text, place)
        message = self._happenings.post(
            who,
            place,
            content.strip(),
            type=MessageType.REPLY if parent else MessageType.DEFAULT,
            reference=Reference(message_id=parent.id, channel_id=place.id) if parent else None,
            rules=Rules(parse=BY_MESSAGES, replied_user=ping),
            attachments=tuple(self._attachments.add(upload, place.id) for upload in attachments),
        )
        return message.id

    async def edit(self, person: Ref, channel: Ref, message: Ref, text: str) -> None:
        """The person's own message reads so now. SandboxError for somebody else's."""
        who, place = self._at(person, channel)
        found = self.find(place, message)
        if found.author.id != who.id:
            raise SandboxError(f"{who.display} did not write {message}")
        rules = Rules(replied_user=self._pinged_parent(found))
        self._happenings.edit(found, content=self._encode(text, place).strip(), rules=rules)

    async def delete(self, person: Ref, channel: Ref, message: Ref) -> None:
        """The message is gone: one's own, or anybody's for whom may manage messages."""
        who, place = self._at(person, channel)
        found = self.find(place, message)
        if found.author.id != who.id and not self._happenings.world.may(who, place, Permission.MANAGE_MESSAGES):
            raise SandboxError(f"{who.display} may not delete {message}")
        self._happenings.delete(found)

    async def purge(self, person: Ref, channel: Ref, messages: Sequence[Ref]) -> None:
        """A moderator removed all of these at once."""
        who, place = self._at(person, channel)
        if not self._happenings.world.may(who, place, Permission.MANAGE_MESSAGES):
            raise SandboxError(f"{who.display} may not delete others' messages")
        self._happenings.delete_together(place, [self.find(place, one) for one in messages])

    async def unfurl(self, channel: Ref, message: Ref, embed: Json) -> None:
        """Discord found out what a link in the message leads to: an update that nobody made."""
        found = self.find(self._happenings.world.channel(channel), message)
        self._happenings.touch(found, embeds=(*found.embeds, embed))

    async def react(self, person: Ref, channel: Ref, message: Ref, emoji: str) -> None:
        who, place = self._at(person, channel)
        self._happenings.react(who, self.find(place, message), emoji)

    async def unreact(self, person: Ref, channel: Ref, message: Ref, emoji: str) -> None:
        who, place = self._at(person, channel)
        self._happenings.unreact(who, self.find(place, message), emoji)

    async def type(self, person: Ref, channel: Ref) -> None:
        """The person is seen typing."""
        self._happenings.type(*self._at(person, channel))

    async def start_thread(self, person: Ref, channel: Ref, name: str, *, message: Ref | None = None) -> str:
        """The person opened a thread, under the message if one is named; its id."""
        who, place = self._at(person, channel)
        starter = None if message is None else self.find(place, message)
        return self._happenings.open_thread(who, place, name, starter=starter).id

    async def archive(self, thread: Ref, *, archived: bool = True, locked: bool = False) -> None:
        """The thread was put away by a moderator or by time, or taken out again."""
        place = self._happenings.world.channel(thread)
        if place.thread is None:
            raise SandboxError(f"{place.name} is no thread")
        self._happenings.archive(place, archived=archived, locked=locked)

    def find(self, place: Channel, message: Ref) -> Message:
        """The channel's message with this id. SandboxError when it is not there."""
        found = self._happenings.book.get(place.id, str(message))
        if found is None:
            raise SandboxError(f"no message {message} in {place.name}")
        return found

    def _need_to_write(self, who: Person, place: Channel) -> None:
        world, state = self._happenings.world, place.thread
        shut = state is not None and state.locked and not world.may(who, place, Permission.MANAGE_THREADS)
        if shut or not world.may_write(who, place):
            raise SandboxError(f"{who.display} may not write in {place.name}")

    def _pinged_parent(self, message: Message) -> bool:
        if message.reply_to is None:
            return False
        parent = self._happenings.book.get(message.channel_id, message.reply_to)
        return parent is not None and parent.author.id in message.mentions.users

    def _at(self, person: Ref, channel: Ref) -> tuple[Person, Channel]:
        world = self._happenings.world
        who = world.person(person)
        place = world.channel(channel, who)
        if not world.may(who, place, Permission.VIEW_CHANNEL):
            raise SandboxError(f"{who.display} does not see {place.name}")
        return who, place

    def _encode(self, text: str, place: Channel) -> str:
        world = self._happenings.world
        return mentions.encode(text, world, world.guild_of(place))
