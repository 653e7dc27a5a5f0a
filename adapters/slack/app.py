"""Parley on Slack, put together: bolt hands events to the receiver, and the surface answers.

Made by the composition root around a `SlackSurface`, which may have been writing replies before this starts and goes
on doing so after `stop_receiving`.
"""

from __future__ import annotations

import asyncio
import re

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from adapters.slack.connection import Connection
from adapters.slack.failures import Refused, Rejected, SigningSecretMissing, TokenRefused
from adapters.slack.hearing import Hearing
from adapters.slack.site import Site
from adapters.slack.surface import SlackSurface
from adapters.slack.web import SDK_LOG, Json
from core.errors import StoreUnavailable, SurfaceBusy, SurfaceUnavailable
from core.ports import Clock, Receiver

log = structlog.get_logger()

START_PATIENCE = 60.0
"""Seconds for which an unreachable Slack is tried before the start fails."""
DRAIN = 5.0
"""Seconds that events already received have to be stored when we stop."""
ANY = re.compile(".*", re.DOTALL)


class SlackApp:
    """The bot of one process in one workspace: by Socket Mode with an app token, else by HTTP."""

    def __init__(
        self,
        *,
        surface: SlackSurface,
        receiver: Receiver,
        clock: Clock,
        app_token: str | None = None,
        signing_secret: str | None = None,
        host: str = "0.0.0.0",
        port: int = 3000,
    ) -> None:
        self._surface = surface
        self._receiver = receiver
        self._clock = clock
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._host = host
        self._port = port
        self._hearing: Hearing | None = None
        self._connection: Connection | None = None
        self._site: Site | None = None
        self._revoked = asyncio.Event()

    # ── life ──

    async def start(self, *, patience: float = START_PATIENCE) -> None:
        """Events come in. Raises SlackNotStarted with what to do, or SurfaceUnavailable when Slack could not be
        reached for `patience` seconds."""
        if not self._app_token and not self._signing_secret:
            raise SigningSecretMissing("neither app token nor signing secret")
        until = self._clock.monotonic() + patience
        identity = await self._identity(until)
        self._hearing = Hearing(
            team=str(identity["team_id"]),
            bot=str(identity["user_id"]),
            bot_name=str(identity.get("user") or "Parley"),
            surface=self._surface,
            receiver=self._receiver,
            clock=self._clock,
        )
        app = self._bolt(identity, self._hearing)
        if self._app_token:
            web = self._surface.web
            self._connection = Connection(app=app, app_token=self._app_token, web=web, clock=self._clock)
            await self._connection.start(max(1.0, until - self._clock.monotonic()))
        else:
            self._site = Site(app=app, host=self._host, port=self._port)
            await self._site.start(drain=DRAIN)

    async def _identity(self, until: float) -> Json:
        pause = 1.0
        while True:
            try:
                return await self._surface.web.identity()
            except (SurfaceUnavailable, SurfaceBusy):
                if self._clock.monotonic() + pause > until:
                    raise
            except (Refused, Rejected) as error:
                raise TokenRefused(error.detail) from error
            await self._clock.sleep(pause)
            pause = min(pause * 2, 10.0)

    async def stop_receiving(self) -> None:
        """No further event comes, and those that came are stored. Replies can still be written."""
        if self._connection is not None:
            await self._connection.stop(DRAIN)
        if self._site is not None:
            await self._site.stop()
        if self._hearing is not None:
            await self._hearing.drained(DRAIN)

    async def close(self) -> None:
        """Nothing of Slack is left open, the surface included."""
        if self._connection is not None:
            await self._connection.stop(0)
        if self._site is not None:
            await self._site.stop()
        if self._hearing is not None:
            await self._hearing.close()
        await self._surface.close()

    async def refused(self) -> TokenRefused:
        """Returns when Slack has taken the token back, or the app was removed from the workspace."""
        await self._revoked.wait()
        return TokenRefused("revoked")

    def healthy(self) -> bool:
        """Whether events can come in."""
        return any(way is not None and way.healthy for way in (self._connection, self._site))

    def waiting(self) -> int:
        """Events that are not stored yet."""
        return self._hearing.waiting if self._hearing is not None else 0

    @property
    def port(self) -> int:
        """Where HTTP requests are taken."""
        return self._site.port if self._site is not None else self._port

    # ── bolt ──

    def _bolt(self, identity: Json, hearing: Hearing) -> AsyncApp:
        """bolt with our own answer to who we are: it would otherwise read the environment, ask auth.test on the first
        event, and lose that event where the answer fails (slack.md, sections 12 and 14)."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=enterprise_id,
                team_id=team_id,
                bot_user_id=identity["user_id"],
                bot_id=identity.get("bot_id"),
                bot_token=self._surface.web.client.token,
            )

        app = AsyncApp(
            name="parley",
            logger=SDK_LOG,
            client=self._surface.web.client,
            authorize=authorize,
            signing_secret=self._signing_secret or "",
            process_before_response=True,
        )
        app.error(_failed)
        _listen_to_events(app, hearing, self._revoked)
        _listen_to_interactions(app, hearing)
        return app


def _listen_to_events(app: AsyncApp, hearing: Hearing, gone: asyncio.Event) -> None:
    async def said(event: Json) -> None:
        await hearing.message(event)

    async def stopped(event: Json) -> None:
        await hearing.session_stopped(event)

    async def revoked(event: Json) -> None:
        log.error("Slack has taken the token back: install the app anew", action="slack.revoked", kind=event["type"])
        if event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            gone.set()

    async def other(event: Json) -> None:
        log.debug("ignored", action="slack.ignored", reason="no interest", kind=event.get("type"))

    app.event("app_mention")(said)
    app.event("message")(said)
    app.event("agent_session_stopped")(stopped)
    app.event(re.compile("tokens_revoked|app_uninstalled"))(revoked)
    app.event(ANY)(other)


def _listen_to_interactions(app: AsyncApp, hearing: Hearing) -> None:
    async def used(ack: AsyncAck, body: Json) -> None:
        answer = await hearing.interactions.command(body)
        await (ack() if answer is None else ack(**answer))

    async def pressed(ack: AsyncAck, body: Json) -> None:
        await hearing.interactions.click(body)
        await ack()

    async def submitted(ack: AsyncAck, body: Json) -> None:
        answer = await hearing.interactions.submission(body)
        await (ack() if answer is None else ack(**answer))

    async def other(ack: AsyncAck) -> None:
        await ack()

    app.command(ANY)(used)
    app.action(ANY)(pressed)
    app.shortcut(ANY)(other)
    app.options(ANY)(other)
    app.view_submission(ANY)(submitted)
    app.view_closed(ANY)(other)


async def _failed(error: Exception) -> BoltResponse:
    """Without a 200 nothing is acknowledged, and Slack delivers it again."""
    if isinstance(error, StoreUnavailable):
        log.error("event not stored", action="slack.store_away", detail=error.detail)
        return BoltResponse(status=503)
    log.error("event fault", action="slack.event_fault", exc_info=error)
    return BoltResponse(status=500)
