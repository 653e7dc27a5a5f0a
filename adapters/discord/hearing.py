"""What becomes of an event about messages: its place is found, it is translated, and the receiver stores it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import structlog

from adapters.discord import payloads, translate
from adapters.discord.failures import Doing
from adapters.discord.intake import Event
from adapters.discord.names import Names, mentioned_ids
from adapters.discord.places import Place, Places
from adapters.discord.rest import Rest
from core.errors import SurfaceError
from core.incoming import Ignored, Incoming
from core.ports import Clock, Receiver

log = structlog.get_logger()


class Directory(Protocol):
    """What is known of guilds (the gateway's cache)."""

    def names(self, guild: str, ids: frozenset[str]) -> Names:
        """What those roles and channels are called."""
        ...

    def own_roles(self, guild: str) -> frozenset[str]:
        """The roles that belong to the bot alone."""
        ...


class Hearing:
    """Hands over what people write, change and delete."""

    def __init__(
        self, *, bot: str, rest: Rest, places: Places, directory: Directory, receiver: Receiver, clock: Clock
    ) -> None:
        self._bot = bot
        self._rest = rest
        self._places = places
        self._directory = directory
        self._receiver = receiver
        self._clock = clock

    async def handle(self, event: Event) -> None:
        """The event has its effect. Raises StoreUnavailable, SurfaceUnavailable or SurfaceBusy: try again later."""
        match event.name:
            case "MESSAGE_CREATE":
                await self._written(event.payload, translate.message)
            case "MESSAGE_UPDATE":
                await self._written(event.payload, translate.edit)
            case "MESSAGE_DELETE":
                await self._deleted(event.payload, [str(event.payload["id"])])
            case "MESSAGE_DELETE_BULK":
                await self._deleted(event.payload, [str(one) for one in event.payload["ids"]])
            case _:
                raise ValueError(f"nobody listens to {event.name}")

    async def _written(
        self,
        payload: dict[str, Any],
        translated: Callable[[translate.Payload, translate.Surroundings], Incoming | Ignored],
    ) -> None:
        silence = translate.silence(payload, self._bot)
        place = None if silence is not None else await self._places.place(payload)
        if place is None:
            self._ignored(payload, silence or Ignored(reason="a place that I cannot see"))
            return
        incoming = translated(payload, await self._surroundings(payload, place))
        if isinstance(incoming, Ignored):
            self._ignored(payload, incoming)
            return
        answer = await self._receiver.receive(incoming)
        if answer is not None:
            await self._say(place, answer.text)

    async def _surroundings(self, payload: dict[str, Any], place: Place) -> translate.Surroundings:
        if place.guild is None:
            return translate.Surroundings(bot=self._bot, place=place)
        ids = mentioned_ids(payload.get("content") or "")
        return translate.Surroundings(
            bot=self._bot,
            place=place,
            settings=await self._receiver.settings(place.key().channel_key),
            names=self._directory.names(place.guild, ids) if ids else Names(),
            own_roles=self._directory.own_roles(place.guild) if payload.get("mention_roles") else frozenset(),
        )

    async def _deleted(self, payload: dict[str, Any], ids: list[str]) -> None:
        place = await self._places.place(payload)
        if place is None:
            return
        for message in ids:
            await self._receiver.receive(translate.deletion(message, place, self._clock.now()))

    async def _say(self, place: Place, text: str) -> None:
        try:
            await self._rest.send(place.posts_in, payloads.sentence(text), doing=Doing.SEND)
        except SurfaceError as error:
            log.warning("answer not shown", action="discord.answer_failed", detail=error.detail)

    def _ignored(self, payload: dict[str, Any], why: Ignored) -> None:
        log.debug("ignored", action="discord.ignored", reason=why.reason, message=payload.get("id"))
