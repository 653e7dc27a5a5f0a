"""Where something happened on Slack, as a conversation's key. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.conversation import ConversationKey, Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel of a workspace."""

    team: str
    channel: str

    @property
    def direct(self) -> bool:
        """Whether it is one person's direct messages with the bot; those have ids of their own kind."""
        return self.channel.startswith("D")

    def key(self, thread: str | None = None) -> ConversationKey:
        """The conversation in that thread, or the channel's own key."""
        return ConversationKey(platform=Platform.SLACK, workspace=self.team, channel=self.channel, thread=thread)


def said_at(ts: str) -> datetime:
    """The time in a message's id. Only ever for showing and ordering: as an id it stays text."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
