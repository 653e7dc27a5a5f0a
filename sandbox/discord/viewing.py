"""What there is to read: messages, threads, who types, commands, calls, interactions and sessions."""

from collections.abc import Sequence

from sandbox.discord.commands import Registry
from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.happenings import TYPING_SECONDS, Happenings, Typing
from sandbox.discord.interactions import Interaction, Interactions
from sandbox.discord.messages import Message
from sandbox.discord.rest.calls import CallLog, RestCall
from sandbox.discord.sessions import Session
from sandbox.discord.talking import Ref
from sandbox.discord.values import Json, SandboxError
from sandbox.discord.world import Channel


class Viewing:
    """Looks at everything, changes nothing. Values of messages and interactions are live: they go on changing."""

    happenings: Happenings
    _registry: Registry
    _log: CallLog
    _interactions: Interactions
    _dispatcher: Dispatcher

    def messages(self, channel: Ref, *, person: Ref | None = None) -> list[Message]:
        """What the channel shows now, oldest first; with `person`, `dm` is theirs and only what they see."""
        who = None if person is None else self.happenings.world.person(person)
        place = self.happenings.world.channel(channel, who)
        found = self.happenings.book.in_channel(place.id)
        return [one for one in found if who is None or one.ephemeral_for in (None, who.id)]

    def message(self, channel: Ref, message: Ref) -> Message:
        """One message by its id. SandboxError when it is not there."""
        place = self.happenings.world.channel(channel)
        found = self.happenings.book.get(place.id, str(message))
        if found is None:
            raise SandboxError(f"no message {message} in {place.name}")
        return found

    def threads(self, channel: Ref | None = None) -> list[Channel]:
        """Every thread, or those of one channel, oldest first."""
        parent = None if channel is None else self.happenings.world.channel(channel).id
        found = [one for one in self.happenings.world.channels.values() if one.kind == "thread"]
        return [one for one in found if parent in (None, one.parent_id)]

    def thread_of(self, message: Ref) -> Channel:
        """The thread that was opened from this message. SandboxError when there is none."""
        place = self.happenings.world.channels.get(str(message))
        if place is None or place.kind != "thread":
            raise SandboxError(f"no thread was opened from {message}")
        return place

    @property
    def typing(self) -> list[Typing]:
        """Who is shown as typing now."""
        oldest = self.happenings.now() - TYPING_SECONDS
        return [one for one in self.happenings.typing.values() if one.at > oldest]

    @property
    def commands(self) -> list[Json]:
        """Every registered command, global and of guilds."""
        return self._registry.everything()

    @property
    def calls(self) -> Sequence[RestCall]:
        """Every REST call, oldest first."""
        return tuple(self._log.entries)

    def calls_of(self, name: str) -> list[RestCall]:
        """The calls of one route by its name, such as `edit_message`."""
        return [call for call in self._log.entries if call.name == name]

    @property
    def rate_limited(self) -> int:
        """How many 429s were given."""
        return self._log.rate_limited

    @property
    def invalid_answers(self) -> int:
        """How many 401s, 403s and 429s were given; Discord bans an address after 10,000 in ten minutes."""
        return self._log.invalid

    @property
    def interactions(self) -> list[Interaction]:
        """Every interaction, oldest first."""
        return self._interactions.all()

    @property
    def sessions(self) -> list[Session]:
        """Every gateway session, connected or waiting to be resumed."""
        return list(self._dispatcher.sessions.values())
