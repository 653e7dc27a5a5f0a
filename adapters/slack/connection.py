"""Keeps Socket Mode connected: starts slack_sdk's client, watches it, and starts another when it stays away.

slack_sdk renews a connection by itself when Slack asks for it. What it does not survive (an address that leads nowhere
is tried for ever, a refused token too; slack.md, section 14) ends one client here, and after a growing pause the next
one begins. Only a refused token at the start ends it for good.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack import failures
from adapters.slack.web import SDK_LOG, Web
from core.errors import SurfaceError, SurfaceUnavailable
from core.ports import Clock

log = structlog.get_logger()

HELLO_WITHIN = 15.0
"""Seconds that a new connection has to be greeted."""
AWAY_FOR = 20.0
"""Seconds that slack_sdk has to mend a lost connection by itself."""
LOOK_EVERY = 1.0
PAUSE_LEAST, PAUSE_MOST = 1.0, 60.0
"""Seconds between two clients; Slack gives out few addresses in a minute."""
STEADY = 60.0
"""Seconds after which a connection counts as a good one, and the next pause is short again."""
PING_EVERY = 5.0

Handler = Callable[[AsyncBaseSocketModeClient, SocketModeRequest], Awaitable[None]]


class _Client(SocketModeClient):
    """slack_sdk's client, telling what it otherwise only logs."""

    def __init__(self, app_token: str, web: Web, handler: Handler) -> None:
        super().__init__(app_token=app_token, logger=SDK_LOG, web_client=web.client, ping_interval=PING_EVERY)
        if web.local:
            self.proxy = None
        self.refusal: failures.AppTokenRefused | None = None
        self.news = asyncio.Event()
        """Greeted or refused."""
        self.greeted = False
        self.socket_mode_request_listeners.append(handler)
        self.on_message_listeners.append(self._seen)

    @property
    def up(self) -> bool:
        return self.greeted and self.current_session is not None and not self.current_session.closed

    async def issue_new_wss_url(self) -> str:
        try:
            return await super().issue_new_wss_url()
        except SlackApiError as error:
            known = failures.surface_error(error, "apps.connections.open")
            if isinstance(known, (failures.Refused, failures.Rejected)):
                self.refusal = failures.AppTokenRefused(known.detail)
                self.news.set()
            raise

    async def _seen(self, message: WSMessage) -> None:
        if '"hello"' in str(message.data)[:200]:
            self.greeted = True
            self.news.set()


class Connection:
    """The Socket Mode connection of this process."""

    def __init__(self, *, app: AsyncApp, app_token: str, web: Web, clock: Clock) -> None:
        self._app = app
        self._app_token = app_token
        self._web = web
        self._clock = clock
        self._client: _Client | None = None
        self._outcome: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._handling: set[asyncio.Task[None] | None] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False

    @property
    def healthy(self) -> bool:
        """Whether events come in."""
        return self._client is not None and self._client.up

    async def start(self, patience: float) -> None:
        """Events come in. Raises AppTokenRefused, and SurfaceUnavailable after that many seconds."""
        self._outcome = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep(), name="slack-socket")
        try:
            async with asyncio.timeout(patience):
                await asyncio.shield(self._outcome)
        except TimeoutError:
            await self.stop(0)
            raise SurfaceUnavailable("Socket Mode cannot be reached") from None
        except failures.AppTokenRefused:
            await self.stop(0)
            raise

    async def stop(self, patience: float) -> None:
        """The connection is closed. What came before is acknowledged first, as far as that many seconds allow; what
        comes meanwhile is not, so that Slack gives it to another process."""
        self._draining = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), patience)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # ── one client after another ──

    async def _keep(self) -> None:
        pause = PAUSE_LEAST
        while True:
            begun = self._clock.monotonic()
            try:
                await self._run_one()
            except failures.AppTokenRefused as error:
                if self._outcome is not None and not self._outcome.done():
                    self._outcome.set_exception(error)
                    return
                log.error(error.sentence, action="slack.app_token_refused")
            except Exception:  # whatever breaks one client, the next one is tried
                log.exception("connection fault", action="slack.connection_fault")
            if self._clock.monotonic() - begun >= STEADY:
                pause = PAUSE_LEAST
            log.warning("reconnecting", action="slack.reconnecting", pause=pause)
            await self._clock.sleep(pause * random.uniform(0.75, 1.25))
            pause = min(pause * 2, PAUSE_MOST)

    async def _run_one(self) -> None:
        """Returns when the client has been away for too long."""
        client = _Client(self._app_token, self._web, self._handle)
        self._client = client
        connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]  # slack_sdk gives it no types
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(client.news.wait(), HELLO_WITHIN)
            if client.refusal is not None:
                raise client.refusal
            if not client.greeted:
                log.warning("not greeted", action="slack.no_hello")
                return
            log.info("connected", action="slack.connected")
            if self._outcome is not None and not self._outcome.done():
                self._outcome.set_result(None)
            await self._watch(client)
        finally:
            self._client = None
            connecting.cancel()
            await client.close()  # type: ignore[no-untyped-call]  # as above
            await asyncio.gather(connecting, return_exceptions=True)

    async def _watch(self, client: _Client) -> None:
        seen, hastened = self._clock.monotonic(), False
        while self._clock.monotonic() - seen < AWAY_FOR:
            if await client.is_connected():
                seen, hastened = self._clock.monotonic(), False
            elif not hastened:
                hastened = True
                await self._hasten(client)
            await self._clock.sleep(LOOK_EVERY)
        log.warning("connection lost", action="slack.connection_lost")

    async def _hasten(self, client: _Client) -> None:
        """slack_sdk itself looks only now and then whether its connection is still there."""
        with suppress(SurfaceError, TimeoutError), failures.translated("apps.connections.open"):
            async with asyncio.timeout(HELLO_WITHIN):
                await client.connect_to_new_endpoint()

    # ── envelopes ──

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if self._draining:
            return
        task = asyncio.current_task()
        self._handling.add(task)
        self._idle.clear()
        try:
            began = self._clock.monotonic()
            response = await run_async_bolt_app(self._app, request)
            await send_async_response(client, request, response, began)
        finally:
            self._handling.discard(task)
            if not self._handling:
                self._idle.set()
