"""What workspaces and channels are called, and which time zone somebody lives in."""

from __future__ import annotations

from adapters.lookups import Lookups
from adapters.slack.people import People
from adapters.slack.places import Place
from adapters.slack.web import Web
from core.conversation import ConversationKey
from core.incoming import Author
from core.ports import Clock
from core.prompting import PlaceNames

DIRECT = "direct messages"


class Naming:
    """Implements core.ports.Namer."""

    def __init__(self, web: Web, people: People, clock: Clock) -> None:
        self._web = web
        self._people = people
        self._lookups = Lookups(clock)

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        """See core.ports.Namer. The workspace's name needs no scope; a channel's needs channels:read, a private one's
        groups:read (slack.md, section 7)."""
        place = Place(team=key.workspace, channel=key.channel)
        zone = await self._people.time_zone(person.id) if person else None
        return PlaceNames(
            workspace=await self._lookups.name(key.workspace, lambda: self._workspace(key.workspace)),
            channel=DIRECT if place.direct else await self._lookups.name(key.channel, lambda: self._channel(place)),
            time_zone=zone or "UTC",
        )

    async def _workspace(self, team: str) -> str | None:
        identity = await self._web.identity()
        return str(identity.get("team") or "") if identity.get("team_id") == team else None

    async def _channel(self, place: Place) -> str | None:
        answer = await self._web.read("conversations.info", channel=place.channel)
        return str((answer.get("channel") or {}).get("name") or "")
