"""What becomes of an event about messages: its place is found, it is translated, and the receiver stores it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import structlog

from adapters.discord import translate, uploads
from adapters.discord.failures import Doing
from adapters.discord.intake import Event
from adapters.discord.names import Names, mentioned_ids
from adapters.discord.places import Place, Places
from adapters.discord.rest import Rest
from adapters.discord.statements import statements
from adapters.recency import Recent
from core.errors import SurfaceError
from core.incoming import Ignored, Incoming
from core.interaction import Answer
from core.ports import Clock, Receiver

log = structlog.get_logger()

SAID_EVERY = 10.0
"""Seconds between two words in one channel that a message was not taken in: everybody reads them."""


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
        self._said: Recent[str, float] = Recent()

    async def handle(self, event: Event) -> None:
        """The event has its effect. Raises StoreUnavailable, SurfaceUnavailable or SurfaceBusy: try again later."""
        match event.name:
            case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
                await self._written(event.payload, edited=event.name == "MESSAGE_UPDATE")
            case "MESSAGE_DELETE":
                await self._deleted(event.payload, [str(event.payload["id"])])
            case "MESSAGE_DELETE_BULK":
                await self._deleted(event.payload, [str(one) for one in event.payload["ids"]])
            case _:
                raise ValueError(f"nobody listens to {event.name}")

    async def _written(self, payload: dict[str, Any], *, edited: bool) -> None:
        incoming = await self._translated(payload, edited=edited)
        if isinstance(incoming, Ignored):
            log.debug("ignored", action="discord.ignored", reason=incoming.reason, message=payload.get("id"))
            return
        answer = await self._receiver.receive(incoming)
        if answer is not None and not self._said_lately(payload["channel_id"]):
            await self._say(payload["channel_id"], answer)

    def _said_lately(self, channel: str) -> bool:
        now, said = self._clock.monotonic(), self._said.get(channel)
        if said is not None and now - said < SAID_EVERY:
            return True
        self._said.put(channel, now)
        return False

    async def _translated(self, payload: dict[str, Any], *, edited: bool) -> Incoming | Ignored:
        silence = translate.silence(payload, self._bot)
        if silence is not None:
            return silence
        place = await self._places.place(payload)
        if place is None:
            return Ignored(reason="a place that I cannot see")
        around = self._surroundings(payload, place)
        if edited:
            return translate.edit(payload, around)
        unaddressed = translate.unaddressed(payload, around)
        if unaddressed is not None:
            return unaddressed
        if place.guild is not None:
            around = replace(around, settings=await self._receiver.settings(place.key().channel_key))
        return translate.message(payload, around)

    def _surroundings(self, payload: dict[str, Any], place: Place) -> translate.Surroundings:
        if place.guild is None:
            return translate.Surroundings(bot=self._bot, place=place)
        ids = mentioned_ids(payload.get("content") or "")
        return translate.Surroundings(
            bot=self._bot,
            place=place,
            names=self._directory.names(place.guild, ids) if ids else Names(),
            own_roles=self._directory.own_roles(place.guild) if payload.get("mention_roles") else frozenset(),
        )

    async def _deleted(self, payload: dict[str, Any], ids: list[str]) -> None:
        place = await self._places.place(payload)
        if place is None:
            return
        for message in ids:
            await self._receiver.receive(translate.deletion(message, place, self._clock.now()))

    async def _say(self, channel: str, answer: Answer) -> None:
        """Whoever reads the channel reads it: a message can be answered in no other way."""
        try:
            for one in statements(answer):
                body = one.body() | {"attachments": uploads.described(one.files)}
                await self._rest.send(channel, body, doing=Doing.SEND, files=one.files)
        except SurfaceError as error:
            log.warning("answer not shown", action="discord.answer_failed", detail=error.detail)
