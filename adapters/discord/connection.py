"""Keeps the gateway connected: starts discord.py's client, watches it, and starts another when it ends.

discord.py resumes by itself after most losses. What it does not survive (a refused first handshake, resumes that fail
again and again without a pause, a frame it cannot read; discord.md, section 8) ends one client here, and after a
growing pause the next one begins. Only what no waiting mends ends the connection for good.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Mapping
from typing import Any

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket

from adapters.discord import failures
from adapters.discord.gateway import GatewayClient, Heard
from adapters.discord.rest import Rest
from core.errors import SurfaceUnavailable
from core.ports import Clock

log = structlog.get_logger()

READY_WITHIN = 45.0
READY_PER_SHARD = 10.0
"""Seconds that a client has to connect all its shards; discord.py itself waits 5 between two of them."""
CLOSE_WITHIN = 5.0
PAUSE_LEAST, PAUSE_MOST = 1.0, 120.0
"""Seconds between two clients. 1,000 sessions may be begun a day (discord.md, section 1)."""
STEADY = 60.0
"""Seconds after which a connection counts as a good one, and the next pause is short again."""
STORM_SPAN, STORM_LOSSES, STORM_FAILURES = 60.0, 30, 6
"""A storm is so many losses of one shard in so many seconds, or so many in a row without coming back in between.
Ending a client also ends its session, and with it what it could still resume, so mere flapping is left alone."""
UNREACHABLE = (
    "Discord cannot be reached. Check the network, and DISCORD_API_URL and DISCORD_GATEWAY_URL where they are set."
)
CONTENT_OFF = (
    "The message content intent is switched off, so I only read messages that mention me, direct messages and "
    "commands; people cannot go on in a thread without mentioning me. To change that: Discord developer portal, "
    "your application, Bot, Privileged Gateway Intents, Message Content Intent; then restart me."
)

_REFUSALS: Mapping[int, type[failures.DiscordNotStarted]] = {
    4004: failures.TokenRefused,
    4010: failures.ShardsRefused,
    4011: failures.ShardsRefused,
    4012: failures.IntentsRefused,
    4013: failures.IntentsRefused,
}


class GatewayLost(Exception):
    """A client ended, or was ended, without saying why."""


class Connection:
    """The gateway connection of this process."""

    def __init__(
        self,
        *,
        rest: Rest,
        heard: Heard,
        clock: Clock,
        gateway_url: str | None,
        shard_ids: tuple[int, ...],
        shard_count: int | None,
    ) -> None:
        self._rest = rest
        self._heard = heard
        self._clock = clock
        self._gateway_url = gateway_url
        self._shard_ids = shard_ids
        self._shard_count = shard_count
        self._shards: tuple[int, ...] = shard_ids or (0,)
        self.message_content = True
        """Whether messages that do not name the bot can be read."""
        self.client: GatewayClient | None = None
        """The client of the moment."""
        self._up: set[int] = set()
        self._all_up = asyncio.Event()
        self._losses: deque[float] = deque()
        self._failures = 0
        self._storm = asyncio.Event()
        self._refusal: failures.DiscordNotStarted | None = None
        self._ended = asyncio.Event()
        self._outcome: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        """Whether every shard is connected."""
        return self._all_up.is_set()

    @property
    def down(self) -> tuple[int, ...]:
        """The shards that are not connected."""
        return tuple(shard for shard in self._shards if shard not in self._up)

    @property
    def first(self) -> bool:
        """Whether shard 0 is this process's: direct messages come here, and what is done once for all is done here."""
        return not self._shard_ids or 0 in self._shard_ids

    async def start(self, patience: float) -> None:
        """Every shard is connected. Raises DiscordNotStarted where waiting does not help, and SurfaceUnavailable when
        that many seconds did not."""
        self._outcome = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep(), name="discord-gateway")
        try:
            async with asyncio.timeout(patience):
                await asyncio.shield(self._outcome)
        except TimeoutError:
            await self.stop()
            raise SurfaceUnavailable(UNREACHABLE) from None
        except failures.DiscordNotStarted:
            await self.stop()
            raise

    async def refused(self) -> failures.DiscordNotStarted:
        """Returns when Discord refuses the bot for good, with the reason."""
        await self._ended.wait()
        assert self._refusal is not None
        return self._refusal

    async def stop(self) -> None:
        """The connection is closed, and no further event comes."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._outcome is not None:
            self._outcome.cancel()

    # ── one client after the other ──

    async def _keep(self) -> None:
        pause = PAUSE_LEAST
        while True:
            began = self._clock.monotonic()
            try:
                await self._one_client()
            except failures.DiscordNotStarted as refusal:
                self._refused(refusal)
                return
            except _ContentRefused:
                continue
            # Whatever ended it, known or not, the bot must come back.
            except Exception as error:
                log.warning("gateway lost", action="discord.gateway_lost", error=type(error).__name__, pause=pause)
            if self._clock.monotonic() - began > STEADY:
                pause = PAUSE_LEAST
            await self._clock.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, PAUSE_MOST)

    def _refused(self, refusal: failures.DiscordNotStarted) -> None:
        log.error("gateway refused", action="discord.gateway_refused", reason=refusal.sentence)
        self._refusal = refusal
        self._ended.set()
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_exception(refusal)

    async def _one_client(self) -> None:
        """Runs until the client ends. Raises DiscordNotStarted, _ContentRefused, or whatever ended it."""
        client = await self._made()
        running = asyncio.create_task(client.start(self._rest.token), name="discord-client")
        self.client = client
        try:
            await self._watched(running)
        except discord.LoginFailure:
            raise failures.TokenRefused from None
        except discord.PrivilegedIntentsRequired:
            self._without_content()
        except discord.ConnectionClosed as error:
            if error.code in _REFUSALS:
                raise _REFUSALS[error.code] from None
            raise
        finally:
            self._up.clear()
            self._all_up.clear()
            await self._closed(client, running)

    async def _made(self) -> GatewayClient:
        told = await self._rest.gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._gateway_url or str(told["url"]))
        count = self._shard_count or int(told.get("shards") or 1)
        self._shards = self._shard_ids or tuple(range(count))
        await self._await_allowance(told.get("session_start_limit") or {})
        self._up.clear()
        self._losses.clear()
        self._failures = 0
        self._storm.clear()
        return GatewayClient(
            message_content=self.message_content,
            shard_ids=self._shard_ids,
            shard_count=count,
            heard=self._heard,
            watch=self,
        )

    async def _await_allowance(self, limit: Mapping[str, Any]) -> None:
        """Beyond its daily number of sessions Discord would reset the bot's token."""
        remaining, seconds = limit.get("remaining"), float(limit.get("reset_after") or 0) / 1000
        if isinstance(remaining, int) and remaining < len(self._shards) and seconds > 0:
            log.error("no session left today", action="discord.no_sessions", seconds=seconds)
            await self._clock.sleep(seconds)

    async def _watched(self, running: asyncio.Task[None]) -> None:
        """Waits until the client has ended, or must be ended."""
        within = READY_WITHIN + READY_PER_SHARD * len(self._shards)
        if not await _first(running, self._all_up, self._storm, timeout_seconds=within):
            raise GatewayLost("not connected in time")
        if not running.done() and not self._storm.is_set():
            if self._outcome is not None and not self._outcome.done():
                self._outcome.set_result(None)
            log.info("gateway connected", action="discord.connected", shards=list(self._shards))
            await _first(running, self._storm)
        if not running.done():
            raise GatewayLost("disconnected again and again")
        running.result()
        raise GatewayLost("the client ended")

    def _without_content(self) -> None:
        if not self.message_content:
            raise failures.IntentsRefused from None
        self.message_content = False
        log.warning(CONTENT_OFF, action="discord.no_message_content")
        raise _ContentRefused from None

    async def _closed(self, client: GatewayClient, running: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await client.close()
        # A client that could not start cannot be closed in order either; nothing is left to do for it.
        except Exception as error:
            log.info("client not closed", action="discord.not_closed", error=type(error).__name__)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    # ── what the client says ──

    def shard_up(self, shard: int) -> None:
        """See ShardWatch."""
        self._failures = 0
        self._up.add(shard)
        if not self.down:
            self._all_up.set()

    def shard_down(self, shard: int) -> None:
        """See ShardWatch."""
        self._up.discard(shard)
        self._all_up.clear()
        now = self._clock.monotonic()
        self._losses.append(now)
        while self._losses and self._losses[0] < now - STORM_SPAN:
            self._losses.popleft()
        self._failures += 1
        count = len(self._shards)
        log.info("shard lost", action="discord.shard_lost", shard=shard)
        if self._failures >= STORM_FAILURES * count or len(self._losses) >= STORM_LOSSES * count:
            self._storm.set()


class _ContentRefused(Exception):
    """Discord does not let the bot read all messages; it goes on without."""


async def _first(task: asyncio.Task[None], *events: asyncio.Event, timeout_seconds: float | None = None) -> bool:
    """Returns when the task has ended or one of the events is set; false when neither came in time."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait({task, *waits}, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    return bool(done)
