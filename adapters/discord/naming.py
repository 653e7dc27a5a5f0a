"""What servers and channels are called. Discord tells nobody's time zone."""

from __future__ import annotations

from adapters.discord.places import DIRECT
from adapters.discord.rest import Rest
from adapters.lookups import Lookups
from core.conversation import ConversationKey
from core.ports import Clock
from core.prompting import PlaceNames

IN_PRIVATE = PlaceNames(workspace="Discord", channel="direct messages")


class Naming:
    """Implements core.ports.Namer."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._lookups = Lookups(clock)

    async def names(self, key: ConversationKey) -> PlaceNames:
        """See core.ports.Namer."""
        if key.workspace == DIRECT:
            return IN_PRIVATE
        return PlaceNames(
            workspace=await self._lookups.name(key.workspace, lambda: self._guild(key.workspace)),
            channel=await self._lookups.name(key.channel, lambda: self._channel(key.channel)),
        )

    async def _guild(self, guild: str) -> str | None:
        return str((await self._rest.guild(guild)).get("name") or "")

    async def _channel(self, channel: str) -> str | None:
        return str((await self._rest.channel(channel)).get("name") or "")
