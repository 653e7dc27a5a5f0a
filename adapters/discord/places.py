"""Where something happened: which guild, which channel, and which thread of it.

Discord names only the channel, and a thread is a channel. The gateway's cache knows active threads and their parents;
for others (archived ones, and everything before the guild has been received) Discord is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.discord.rest import Rest
from adapters.recency import Recent
from core.conversation import ConversationKey, Platform
from core.errors import PostGone, SurfaceForbidden

THREADS = frozenset({10, 11, 12})
"""Channel types: announcement, public and private threads."""
GROUP = 3
DIRECT = "@me"
"""What stands for the workspace in direct messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel of a guild, a thread in one, or direct messages."""

    guild: str | None
    channel: str
    """In a thread, the channel around it."""
    thread: str | None = None

    @property
    def shared(self) -> bool:
        """Whether several people read and write there."""
        return self.guild is not None

    @property
    def posts_in(self) -> str:
        """The channel as Discord's calls name it."""
        return self.thread or self.channel

    def key(self, thread: str | None = None) -> ConversationKey:
        """The conversation of the thread, or in a channel the one that begins with that message."""
        return ConversationKey(
            platform=Platform.DISCORD,
            workspace=self.guild or DIRECT,
            channel=self.channel,
            thread=(self.thread or thread) if self.guild is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What the cache knows of a channel: the channel around it, or none where it is no thread."""

    channel: str | None


Cache = Callable[[str, str], Parent | None]
"""From guild and channel to what is known of it, or none."""


class Places:
    """Finds the place of an event."""

    def __init__(self, rest: Rest, cache: Cache) -> None:
        self._rest = rest
        self._cache = cache
        self._asked: Recent[str, Parent] = Recent()
        self._unseen: Recent[str, None] = Recent()
        """Channels that Discord does not show us: asking again and again would get our address banned."""

    async def place(self, payload: Mapping[str, Any]) -> Place | None:
        """Where the message or interaction is; none for a place that the bot cannot see, or a group of strangers.
        Raises SurfaceUnavailable or SurfaceBusy where Discord had to be asked and did not answer."""
        channel, guild = str(payload["channel_id"]), payload.get("guild_id")
        if guild is None:
            is_group = channel_type(payload) == GROUP
            return None if is_group else Place(guild=None, channel=channel)
        parent = _told(payload) or self._cache(str(guild), channel) or await self._parent(channel)
        if parent is None:
            return None
        if parent.channel is None:
            return Place(guild=str(guild), channel=channel)
        return Place(guild=str(guild), channel=parent.channel, thread=channel)

    async def _parent(self, channel: str) -> Parent | None:
        known = self._asked.get(channel)
        if known is None and channel not in self._unseen:
            try:
                known = _parent_of(await self._rest.channel(channel))
            except (PostGone, SurfaceForbidden):
                self._unseen.put(channel, None)
                return None
            self._asked.put(channel, known)
        return known


def channel_type(payload: Mapping[str, Any]) -> int | None:
    """The channel's type, where the event says it."""
    told = payload.get("channel_type", (payload.get("channel") or {}).get("type"))
    return told if isinstance(told, int) else None


def _told(payload: Mapping[str, Any]) -> Parent | None:
    """What the event itself says. A thread's parent stands in interactions only."""
    kind = channel_type(payload)
    if kind is None:
        return None
    if kind not in THREADS:
        return Parent(channel=None)
    parent = (payload.get("channel") or {}).get("parent_id")
    return Parent(channel=str(parent)) if parent else None


def _parent_of(channel: Mapping[str, Any]) -> Parent:
    threaded = channel.get("type") in THREADS and channel.get("parent_id")
    return Parent(channel=str(channel["parent_id"]) if threaded else None)
