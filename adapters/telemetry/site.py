"""Metrics and health over HTTP, for Prometheus and for whoever restarts processes. On this machine only, unless told
otherwise: there is no sign-in. What is said holds names of parts and states, no address, no id and no one's words.
"""

from __future__ import annotations

from aiohttp import web

from adapters.telemetry.health import Faults, SiteTaken, Subject


class Site:
    """`/live`, `/ready` and `/metrics` of one process."""

    def __init__(self, subject: Subject, *, host: str, port: int) -> None:
        self._subject = subject
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """Where it listens; a free port was taken for 0."""
        return int(self._runner.addresses[0][1]) if self._runner is not None else self._port

    async def start(self) -> None:
        """It answers. Raises SiteTaken."""
        app = web.Application()
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.stop()
            raise SiteTaken(f"{self._host}:{self._port}: {type(error).__name__}") from error

    async def stop(self) -> None:
        """It answers no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _live(self, _request: web.Request) -> web.Response:
        """That this is answered at all says that the event loop turns."""
        return _told("live", self._subject.dead())

    async def _ready(self, _request: web.Request) -> web.Response:
        return _told("ready", await self._subject.unready())

    async def _metrics(self, request: web.Request) -> web.Response:
        body, media_type = await self._subject.metrics(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": media_type})


def _told(word: str, faults: Faults) -> web.Response:
    body = {word: not faults, "faults": dict(faults)}
    return web.json_response(body, status=503 if faults else 200, headers={"Cache-Control": "no-store"})
