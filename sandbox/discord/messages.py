"""The messages of every channel, each with all that it has ever shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from sandbox.discord.attachments import Attachment
from sandbox.discord.mentions import Mentions
from sandbox.discord.values import Json
from sandbox.discord.world import Person


class MessageType(IntEnum):
    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


class Flag(IntFlag):
    """Message flags with Discord's values."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a message showed from `at` on, in seconds since 1970."""

    content: str
    embeds: tuple[Json, ...]
    components: tuple[Json, ...]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The message that a reply, or the start of a thread, points to."""

    message_id: str
    channel_id: str


@dataclass(slots=True, kw_only=True)
class Message:
    """One message as it is now."""

    id: str
    channel_id: str
    author: Person
    content: str
    at: float
    type: MessageType = MessageType.DEFAULT
    flags: Flag = Flag(0)
    embeds: tuple[Json, ...] = ()
    components: tuple[Json, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    reference: Reference | None = None
    mentions: Mentions = field(default_factory=Mentions)
    pings: frozenset[str] = frozenset()
    """The ids of all whom it notified."""
    allowed_mentions: Json | None = None
    """As the last write gave it."""
    nonce: str | None = None
    ephemeral_for: str | None = None
    """The one person who sees it."""
    interaction: Json | None = None
    """`interaction_metadata` of an answer to an interaction."""
    webhook: bool = False
    """Written with an interaction's token instead of the bot's."""
    thread_id: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited_at: float | None = None
    edited: int = 0
    """How often it was changed since it was written."""
    history: list[Shown] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & Flag.EPHEMERAL)

    @property
    def loading(self) -> bool:
        """It says that the bot is thinking."""
        return bool(self.flags & Flag.LOADING)

    @property
    def reply_to(self) -> str | None:
        return self.reference.message_id if self.reference and self.type is MessageType.REPLY else None

    def remember(self, at: float) -> None:
        """What it shows now is part of its history."""
        shown = Shown(content=self.content, embeds=self.embeds, components=self.components, at=at)
        self.history.append(shown)


class MessageBook:
    """All messages, by channel and id."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, Message]] = {}
        self.deleted: list[Message] = []

    def add(self, message: Message) -> None:
        self._channels.setdefault(message.channel_id, {})[message.id] = message

    def remove(self, message: Message) -> None:
        del self._channels[message.channel_id][message.id]
        self.deleted.append(message)

    def get(self, channel_id: str, message_id: str) -> Message | None:
        return self._channels.get(channel_id, {}).get(message_id)

    def in_channel(self, channel_id: str) -> list[Message]:
        """Oldest first."""
        return list(self._channels.get(channel_id, {}).values())

    def newest(self, channel_id: str) -> str | None:
        """The id of the channel's last message."""
        return next(reversed(self._channels.get(channel_id, {})), None)

    def count(self, channel_id: str) -> int:
        return len(self._channels.get(channel_id, {}))

    def everything(self) -> Iterator[Message]:
        for messages in self._channels.values():
            yield from messages.values()
