"""discord.py's client, kept to what Parley needs of it: the connection, sharding, and the cache of guilds.

Two things are changed. Messages and interactions are handed on as they came, instead of becoming objects that later
events change in place. And a fault in reading one event ends that event, where discord.py would end the client
(discord.md, section 8). Keeping the connection up is connection.py's part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import discord
import structlog

from adapters.discord.declarations import INTENTS
from adapters.discord.names import Names
from adapters.discord.places import Parent

log = structlog.get_logger()

HEARD = (
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
    "INTERACTION_CREATE",
)
"""Events that go to the listener."""

Heard = Callable[[str, dict[str, Any]], None]
"""Told the event's name and its payload, in order of arrival. Must not wait."""


class ShardWatch(Protocol):
    """Told of each shard's connection."""

    def shard_up(self, shard: int) -> None:
        """Its events come in."""
        ...

    def shard_down(self, shard: int) -> None:
        """It is disconnected, and discord.py tries to resume."""
        ...


def intents(*, message_content: bool) -> discord.Intents:
    """What Parley listens to. Only the content of messages that do not name the bot is privileged."""
    return discord.Intents(**{intent.name: message_content or not intent.portal for intent in INTENTS})


class GatewayClient(discord.AutoShardedClient):
    """One session of the gateway, over all shards of this process."""

    def __init__(
        self, *, message_content: bool, shard_ids: tuple[int, ...], shard_count: int, heard: Heard, watch: ShardWatch
    ) -> None:
        super().__init__(
            intents=intents(message_content=message_content),
            shard_ids=list(shard_ids),
            shard_count=shard_count,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            guild_ready_timeout=0,
        )
        self._watch = watch
        parsers = self._connection.parsers
        for name, parse in list(parsers.items()):
            parsers[name] = _guarded(name, parse)
        for name in HEARD:
            parsers[name] = _guarded(name, _handing_on(name, heard))

    async def on_shard_connect(self, shard_id: int) -> None:
        """discord.py calls this when a shard has identified itself."""
        self._watch.shard_up(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """discord.py calls this when a shard has resumed its session."""
        self._watch.shard_up(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """discord.py calls this when a shard has lost its connection."""
        self._watch.shard_down(shard_id)

    # ── what the cache knows ──

    def parent(self, guild: str, channel: str) -> Parent | None:
        """The channel around a thread; a Parent without one for any other channel; none for an unknown one."""
        server = self.get_guild(int(guild))
        found = server.get_channel_or_thread(int(channel)) if server is not None else None
        if found is None:
            return None
        return Parent(channel=str(found.parent_id) if isinstance(found, discord.Thread) else None)

    def names(self, guild: str, ids: Iterable[str]) -> Names:
        """What those roles and channels are called."""
        server = self.get_guild(int(guild))
        if server is None:
            return Names()
        ids = tuple(ids)
        roles = {one: role.name for one in ids if (role := server.get_role(int(one))) is not None}
        channels = {one: place.name for one in ids if (place := server.get_channel_or_thread(int(one))) is not None}
        return Names(roles=roles, channels=channels)

    def own_roles(self, guild: str) -> frozenset[str]:
        """The roles that belong to the bot alone: Discord made them when it was invited."""
        server = self.get_guild(int(guild))
        if server is None or server.me is None:
            return frozenset()
        return frozenset(str(role.id) for role in server.me.roles if role.managed)


def _handing_on(name: str, heard: Heard) -> Callable[[Any], None]:
    return lambda data: heard(name, data)


def _guarded(name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def guarded(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # whatever is wrong with one event, the ones after it are wanted
            log.error("event not understood", action="discord.event_fault", kind=name, error=type(error).__name__)

    return guarded
