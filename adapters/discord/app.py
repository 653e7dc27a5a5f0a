"""Parley on Discord, put together: the gateway's events go to the receiver, and the surface answers.

Made by the composition root around a `DiscordSurface`, which may have been writing replies before this starts and goes
on doing so after `stop_receiving`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog

from adapters.discord import commands, payloads
from adapters.discord.connection import UNREACHABLE, Connection
from adapters.discord.failures import DiscordNotStarted, Doing
from adapters.discord.hearing import Hearing
from adapters.discord.intake import Event, Intake
from adapters.discord.interactions import Interactions
from adapters.discord.names import Names
from adapters.discord.places import Parent, Places
from adapters.discord.surface import DiscordSurface
from adapters.recency import Recent
from core.commands.catalogue import CATALOGUE
from core.commands.declaration import Command
from core.errors import StoreUnavailable, SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.ports import Clock, Receiver

log = structlog.get_logger()

START_PATIENCE = 60.0
"""Seconds for which an unreachable Discord is tried before the start fails."""
DRAIN = 5.0
"""Seconds that events already received have to be stored when we stop."""
BUSY_EVERY = 60.0
"""Seconds between two words in one channel that we are busy."""
ENDPOINT_SET = (
    "Your application has an Interactions Endpoint URL, so Discord sends me no commands and no buttons. "
    "Clear it in the developer portal: your application, General Information."
)


class DiscordApp:
    """The bot of one process, on all of its shards."""

    def __init__(
        self,
        *,
        surface: DiscordSurface,
        receiver: Receiver,
        clock: Clock,
        gateway_url: str | None = None,
        shard_ids: tuple[int, ...] = (),
        shard_count: int | None = None,
        catalogue: Iterable[Command] = CATALOGUE,
    ) -> None:
        self._surface = surface
        self._rest = surface.rest
        self._receiver = receiver
        self._clock = clock
        self._catalogue = tuple(catalogue)
        self._connection = Connection(
            rest=self._rest,
            heard=self._heard,
            clock=clock,
            gateway_url=gateway_url,
            shard_ids=shard_ids,
            shard_count=shard_count,
        )
        self._places = Places(self._rest, self._parent)
        self._interactions = Interactions(
            rest=self._rest, places=self._places, receiver=receiver, responses=surface.responses
        )
        self._intake: Intake | None = None
        self._bot = ""
        self._busy_told: Recent[str, float] = Recent()
        self._tasks: set[asyncio.Task[None]] = set()

    # ── life ──

    async def start(self, *, patience: float = START_PATIENCE) -> None:
        """Commands are registered and events come in. Raises DiscordNotStarted with what to do, or SurfaceUnavailable
        when Discord could not be reached for `patience` seconds."""
        until = self._clock.monotonic() + patience
        self._bot = await self._prepared(until)
        hearing = Hearing(
            bot=self._bot,
            rest=self._rest,
            places=self._places,
            directory=self,
            receiver=self._receiver,
            clock=self._clock,
        )
        self._intake = Intake(handle=hearing.handle, overflow=self._overflow, clock=self._clock)
        await self._connection.start(max(1.0, until - self._clock.monotonic()))

    async def _prepared(self, until: float) -> str:
        pause = 1.0
        while True:
            try:
                bot = await self._rest.bot()
                if self._connection.first:
                    await self._register_commands()
                return bot
            except (SurfaceUnavailable, SurfaceBusy) as error:
                if self._clock.monotonic() + pause > until:
                    raise SurfaceUnavailable(UNREACHABLE) from error
            await self._clock.sleep(pause)
            pause = min(pause * 2, 10.0)

    async def _register_commands(self) -> None:
        application = await self._rest.application()
        if application.get("interactions_endpoint_url"):
            log.error(ENDPOINT_SET, action="discord.endpoint_set")
        await commands.register(self._rest, str(application["id"]), self._catalogue)

    async def stop_receiving(self) -> None:
        """No further event comes, and those that came are stored. Replies can still be written."""
        await self._connection.stop()
        await self._interactions.drained(DRAIN)
        if self._intake is not None:
            await self._intake.drained(DRAIN)

    async def close(self) -> None:
        """Nothing of Discord is left open, the surface included."""
        await self._connection.stop()
        await self._interactions.close()
        if self._intake is not None:
            await self._intake.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._surface.close()

    async def refused(self) -> DiscordNotStarted:
        """Returns when Discord refuses the running bot for good (a token that was reset), with the reason. Other
        losses are mended here and never end anything."""
        return await self._connection.refused()

    def healthy(self) -> bool:
        """Whether every shard of this process is connected."""
        return self._connection.healthy

    def shards_down(self) -> tuple[int, ...]:
        """Which of this process's shards are not connected."""
        return self._connection.down

    def waiting(self) -> int:
        """Events that are not stored yet."""
        return self._intake.waiting if self._intake is not None else 0

    @property
    def message_content(self) -> bool:
        """Whether the bot may read messages that do not name it."""
        return self._connection.message_content

    # ── events ──

    def _heard(self, name: str, payload: dict[str, Any]) -> None:
        if name == "INTERACTION_CREATE":
            self._interactions.put(payload)
        elif self._intake is not None:
            self._intake.put(Event(name=name, payload=payload))

    def _overflow(self, event: Event) -> None:
        """Too much waits already. Whoever spoke to the bot is told; once a minute is enough for a channel."""
        log.error("event refused", action="discord.event_refused", kind=event.name)
        called = any(user.get("id") == self._bot for user in event.payload.get("mentions") or ())
        own = (event.payload.get("author") or {}).get("id") == self._bot
        if event.name != "MESSAGE_CREATE" or own or not (called or "guild_id" not in event.payload):
            return
        now, told = self._clock.monotonic(), self._busy_told.get(event.channel)
        if told is None or now - told >= BUSY_EVERY:
            self._busy_told.put(event.channel, now)
            task = asyncio.create_task(self._say_busy(event.channel))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _say_busy(self, channel: str) -> None:
        try:
            await self._rest.send(channel, payloads.sentence(StoreUnavailable().sentence), doing=Doing.SEND)
        except SurfaceError as error:
            log.info("busy not said", action="discord.busy_not_said", detail=error.detail)

    # ── the gateway's cache, whichever client holds it ──

    def _parent(self, guild: str, channel: str) -> Parent | None:
        client = self._connection.client
        return client.parent(guild, channel) if client is not None else None

    def names(self, guild: str, ids: frozenset[str]) -> Names:
        """See hearing.Directory."""
        client = self._connection.client
        return client.names(guild, ids) if client is not None else Names()

    def own_roles(self, guild: str) -> frozenset[str]:
        """See hearing.Directory."""
        client = self._connection.client
        return client.own_roles(guild) if client is not None else frozenset()
