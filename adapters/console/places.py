"""Where somebody is in the terminal, a channel with its conversations or direct messages, and how replies get there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.conversation import ConversationKey, Platform
from core.incoming import ReplyTarget

WORKSPACE = "local"
CHANNEL = "terminal"
_DIRECT = "dm-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place, and the conversation in it that goes on; none where the next line begins one."""

    person: str
    channel: str = CHANNEL
    direct: bool = False
    thread: str | None = None
    began_at: datetime | None = None

    @property
    def label(self) -> str:
        """For the prompt."""
        return "direct message" if self.direct else f"#{self.channel}"

    def key(self, message: str) -> ConversationKey:
        """The conversation that a message with this id is part of."""
        if self.direct:
            return direct_key(self.person)
        return ConversationKey(
            platform=Platform.CONSOLE, workspace=WORKSPACE, channel=self.channel, thread=self.thread or message
        )

    @property
    def channel_key(self) -> ConversationKey:
        """The place itself, where commands are used."""
        if self.direct:
            return direct_key(self.person)
        return ConversationKey(platform=Platform.CONSOLE, workspace=WORKSPACE, channel=self.channel)

    def begun(self, message: str, at: datetime) -> Spot:
        """The conversation that this message began goes on."""
        return self if self.direct or self.thread else replace(self, thread=message, began_at=at)

    def anew(self) -> Spot:
        """The next line begins a conversation."""
        return replace(self, thread=None, began_at=None)


def direct_key(person: str) -> ConversationKey:
    """The direct messages of that person."""
    return ConversationKey(platform=Platform.CONSOLE, workspace=WORKSPACE, channel=f"{_DIRECT}{person}")


def is_direct(key: ConversationKey) -> bool:
    """Whether only one person reads there."""
    return key.channel.startswith(_DIRECT)


def target(key: ConversationKey) -> ReplyTarget:
    """The way back: there is one terminal."""
    return ReplyTarget(key=key, kind="console")
