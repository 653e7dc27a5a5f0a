"""Slack's requests by HTTP: one address for events, commands and presses, served by aiohttp and checked by bolt."""

from __future__ import annotations

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from adapters.slack.failures import PortTaken

PATH = "/slack/events"
LARGEST = 4 * 1024 * 1024
"""Bytes of a request."""
TIMESTAMP = "X-Slack-Request-Timestamp"


class Site:
    """The address that Slack calls."""

    def __init__(self, *, app: AsyncApp, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def healthy(self) -> bool:
        """Whether requests are taken."""
        return self._runner is not None and bool(self._runner.addresses)

    @property
    def port(self) -> int:
        """Where it listens; a free port was taken for 0."""
        return int(self._runner.addresses[0][1]) if self._runner is not None and self._runner.addresses else self._port

    async def start(self, *, drain: float) -> None:
        """Requests are taken. Raises PortTaken."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(PATH, self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=drain, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.stop()
            raise PortTaken(f"{self._host}:{self._port}: {type(error).__name__}") from error

    async def stop(self) -> None:
        """No request is taken any more, and those that came are answered."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        stamp = request.headers.get(TIMESTAMP, "")
        if not stamp.isascii() or not stamp.isdigit():  # bolt's verifier raises on it (slack.md, section 4)
            return web.Response(status=401)
        try:
            asked = AsyncBoltRequest(
                body=await request.text(),
                query=request.query_string,
                headers=dict(request.headers),
            )
        except (ValueError, LookupError):  # no text, or in an alphabet that nobody knows
            return web.Response(status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))
