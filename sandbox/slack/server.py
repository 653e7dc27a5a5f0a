"""The sandbox as a whole: put together, and mounted or started.

Alone it listens on a port of its own; in a bigger server its application is mounted under a prefix and it is told
where it is. What people do comes from `Acting`, what the workspace shows from `Reading`.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from aiohttp import web

from sandbox.changes import Changes
from sandbox.slack import events
from sandbox.slack.acting import Acting
from sandbox.slack.control import Control
from sandbox.slack.delivery import QUEUE_SECONDS, RETRY_DELAYS, Deliveries, Delivery, Transport
from sandbox.slack.faults import Faults
from sandbox.slack.files import Files
from sandbox.slack.http_delivery import HttpDelivery
from sandbox.slack.manifest import Manifest
from sandbox.slack.methods.chat import Chat
from sandbox.slack.methods.conversations import Conversations
from sandbox.slack.methods.identities import Identities
from sandbox.slack.methods.method import Method
from sandbox.slack.methods.modals import Modals
from sandbox.slack.methods.reactions import Reactions
from sandbox.slack.methods.streaming import Streaming
from sandbox.slack.methods.threads import Threads
from sandbox.slack.rate_limits import RateLimits
from sandbox.slack.reading import Reading
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.streams import Streams
from sandbox.slack.triggers import Triggers
from sandbox.slack.uploads import Uploads
from sandbox.slack.values import Json
from sandbox.slack.views import Views
from sandbox.slack.web_api import Tokens, WebApi
from sandbox.slack.workspace import MentionOrder, Workspace
from sandbox.slack.world import World, preset

Found = TypeVar("Found")
SHUTDOWN_SECONDS = 1.0
MOST_UPLOADED = 64 * 1024 * 1024
"""Bytes of one file; Slack takes a gigabyte."""


class SlackSandbox(Acting, Reading):
    """One workspace with one app under test."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        rate_limits: float | None = 1.0,
        ack_seconds: float = 3.0,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        queue_seconds: float = QUEUE_SECONDS,
        mention_order: MentionOrder = "message_first",
        manifest: Manifest | None = None,
        team_id: str = "T00SANDBOX",
        bot_name: str = "Parley",
    ) -> None:
        self.now = now
        self.manifest = manifest or Manifest()
        self.world: World = preset(team_id=team_id, bot_name=bot_name)
        self.faults = Faults()
        self.changes = Changes()
        self.tokens = Tokens(bot=f"xoxb-sandbox-{team_id}", app=f"xapp-sandbox-{team_id}")
        self.signing_secret = f"sandbox-signing-secret-{team_id}"
        self.base_url = ""
        self.sockets = SocketMode(app_id=self._app_id, changes=self.changes, ack_seconds=ack_seconds)
        self.http = HttpDelivery(signing_secret=self.signing_secret, faults=self.faults, ack_seconds=ack_seconds)
        self._deliveries = Deliveries(
            now=now,
            changes=self.changes,
            faults=self.faults,
            transport=self._transport,
            retry_delays=retry_delays,
            queue_seconds=queue_seconds,
        )
        self.workspace = Workspace(
            world=self.world,
            manifest=self.manifest,
            now=now,
            changes=self.changes,
            faults=self.faults,
            deliveries=self._deliveries,
            mention_order=mention_order,
        )
        streams, views = Streams(self.workspace, now), Views(self.world, self.changes)
        Acting.__init__(
            self,
            workspace=self.workspace,
            streams=streams,
            views=views,
            triggers=Triggers(self.world.ids, now),
            responses=ResponseUrls(self.workspace, lambda: self.base_url),
            files=Files(self.workspace, lambda: self.base_url),
        )
        self._uploads = Uploads(self.workspace, self._files, lambda: self.base_url)
        self.rate_limits = RateLimits(now, rate_limits)
        self._closing = asyncio.Event()
        self._api = WebApi(
            workspace=self.workspace,
            tokens=self.tokens,
            limits=self.rate_limits,
            methods=self._methods(),
            hang_up=lambda: self._closing,
        )
        Reading.__init__(self, self.workspace, self.sockets, streams, views, self._api.log)
        self._runner: web.AppRunner | None = None

    def create_app(self) -> web.Application:
        """The application with all routes, relative to wherever it is mounted."""
        self._closing = asyncio.Event()
        control = Control(
            workspace=self.workspace,
            acting=self,
            views=self._views,
            files=self._files,
            sockets=self.sockets,
            limits=self.rate_limits,
            use_request_url=self.use_request_url,
        )
        app = web.Application(client_max_size=MOST_UPLOADED)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self._api.handle),
                web.get("/link/", self.sockets.accept),
                web.post("/response/{team}/{key}", self.responses.handle),
                web.post("/upload/v1/{ticket}", self._uploads.receive),
                web.get("/files-pri/{file}/{name}", self._file),
                web.get("/files-pri/{file}/download/{name}", self._file),
                *control.routes(),
            ]
        )
        app.on_shutdown.append(self._shut_down)
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """The sandbox listens there; port 0 takes a free one."""
        self._runner = web.AppRunner(self.create_app(), shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.mounted_at(f"http://{host}:{self._runner.addresses[0][1]}")

    async def stop(self) -> None:
        """Nothing of the sandbox runs any more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def mounted_at(self, base_url: str) -> None:
        """Addresses handed out from now on begin with this, such as `http://127.0.0.1:8000/slack`."""
        self.base_url = base_url.rstrip("/")

    async def use_request_url(self, url: str | None, *, challenge: bool = True) -> bool:
        """Events go there by HTTP instead of Socket Mode, if it answers the challenge; None goes back."""
        if url is not None and challenge and not await self.http.verify(url):
            return False
        self.http.request_url = url
        self.changes.tell()
        return True

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"

    @property
    def bot_token(self) -> str:
        return self.tokens.bot

    @property
    def app_token(self) -> str:
        return self.tokens.app

    @property
    def team_id(self) -> str:
        return self.world.team_id

    @property
    def bot_user_id(self) -> str:
        return self.world.bot.id

    @property
    def env(self) -> dict[str, str]:
        """The environment that points a bot here by Socket Mode."""
        return {
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": self.api_url,
        }

    def emit(self, event: Json) -> Delivery:
        """Any inner event, sent to the app as it is."""
        return self.workspace.emit(event)

    def revoke(self) -> None:
        """The bot's token is worth nothing any more, and the app is told."""
        self.tokens.revoked = True
        if self.manifest.hears("tokens_revoked"):
            self.emit(events.tokens_revoked(self.world, self.workspace.timestamps.next()))

    @property
    def _app_id(self) -> str:
        return self.world.bot.app_id or ""

    def _transport(self) -> Transport:
        return self.http if self.http.ready else self.sockets

    def _socket_url(self) -> str:
        host = self.base_url.replace("http", "ws", 1)
        return f"{host}/link/?ticket={self.sockets.ticket()}&app_id={self._app_id}"

    def _methods(self) -> list[Method]:
        groups = (
            Chat(self.workspace, self._streams),
            Streaming(self.workspace, self._streams),
            Conversations(self.workspace),
            Identities(self.workspace, self._socket_url),
            Modals(self.world, self._views, self.triggers),
            Threads(self.workspace),
            Reactions(self.workspace),
            self._files,
            self._uploads,
        )
        return [method for group in groups for method in group.methods()]

    async def _file(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        allowed = token == self.tokens.bot and "files:read" in self.manifest.scopes
        return self._files.serve(request.match_info["file"].partition("-")[2], allowed=allowed)

    async def _shut_down(self, _: web.Application) -> None:
        self._closing.set()
        self.changes.close()
        await self._deliveries.stop()
        await self.sockets.stop()
        await self.http.stop()
