"""One application on one port: the platforms and the model under their prefixes, the page at the root.

It also serves what the page needs beside the platforms' own control APIs: which model is in use, how the bot's process
stands, and buttons to restart or kill it. Only this machine's own pages may use those.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.bot import BotProcess
from sandbox.combined.model_choice import ModelChoice
from sandbox.combined.platforms import Platform
from sandbox.page import routes as page

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_HOST = "127.0.0.1"
_OWN_NAMES = ("127.0.0.1", "localhost", "::1")
_PORTS_TO_TRY = 100
_KEEP_ALIVE_SECONDS = 15.0


class CombinedServer:
    """The servers of the sandbox. `bot` and `model_choice` are set by whoever starts Parley, when they are known."""

    def __init__(self, *, platforms: tuple[Platform, ...], model: ChatCompletionsSandbox) -> None:
        self._platforms = platforms
        self._model = model
        self._runner: web.AppRunner | None = None
        self._news = asyncio.Event()
        self._closing = False
        self.bot: BotProcess | None = None
        self.model_choice: ModelChoice | None = None
        self.url = ""
        """Where the page is, once started; ends in a slash."""

    async def start(self, port: int) -> None:
        """It listens on that port, or on the next free one; 0 takes any. Every part knows its address."""
        self._runner = web.AppRunner(
            self.create_app(), handler_cancellation=True, access_log=None, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.SockSite(self._runner, _listening(port)).start()
        self.url = f"http://{_HOST}:{self._runner.addresses[0][1]}/"
        for platform in self._platforms:
            platform.mounted_at(self.url + platform.name)
        self._model.mounted_at(self.url + "model")

    async def stop(self) -> None:
        """It listens no more."""
        self._closing = True
        self.tell()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def tell(self) -> None:
        """Pages that watch get the state anew."""
        self._news.set()
        self._news = asyncio.Event()

    def create_app(self) -> web.Application:
        """The application with everything mounted."""
        app = web.Application(middlewares=[_own_pages_only, _carried_out])
        for platform in self._platforms:
            app.add_subapp(f"/{platform.name}", platform.create_app())
        app.add_subapp("/model", self._model.create_app())
        app.router.add_get("/_sandbox/state", self._state)
        app.router.add_get("/_sandbox/events", self._events)
        app.router.add_post("/_sandbox/restart-bot", self._restart)
        app.router.add_post("/_sandbox/kill-bot", self._kill)
        page.add_to(app)
        return app

    def state(self) -> dict[str, Any]:
        """What the page shows above the platforms. No key is in it."""
        choice = self.model_choice
        return {
            "platforms": [platform.name for platform in self._platforms],
            "model": None if choice is None else {"kind": choice.kind, "name": choice.name, "note": choice.note},
            "bot": None if self.bot is None else asdict(self.bot.status),
        }

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        try:
            while not self._closing:
                news = self._news
                await stream.write(f"data: {json.dumps(self.state())}\n\n".encode())
                await self._quiet_until(news, stream)
        except ConnectionResetError:
            return stream  # the page was closed
        return stream

    async def _quiet_until(self, news: asyncio.Event, stream: web.StreamResponse) -> None:
        while True:
            try:
                return await _within(news)
            except TimeoutError:
                await stream.write(b": still here\n\n")

    async def _restart(self, _: web.Request) -> web.Response:
        if self.bot is None:
            return _no_bot()
        await self.bot.restart()
        return web.json_response({"ok": True})

    async def _kill(self, _: web.Request) -> web.Response:
        if self.bot is None:
            return _no_bot()
        await self.bot.kill()
        return web.json_response({"ok": True})


async def _within(news: asyncio.Event) -> None:
    async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
        await news.wait()


def _no_bot() -> web.Response:
    return web.json_response({"ok": False, "error": "Parley was not started from here"}, status=409)


def _listening(port: int) -> socket.socket:
    """A socket that listens on the port or on the next free one. OSError when none of a hundred is free."""
    for candidate in range(port, port + (_PORTS_TO_TRY if port else 1)):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((_HOST, candidate))
            listening.listen(128)
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        return listening
    raise OSError(errno.EADDRINUSE, f"no free port from {port} to {port + _PORTS_TO_TRY - 1}")


@web.middleware
async def _own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Control is for pages of this server: no foreign page may act here through a person's browser."""
    if "/_sandbox/" in request.path:
        origin = request.headers.get("Origin")
        own_host = urlsplit(f"//{request.host}").hostname in _OWN_NAMES
        if not own_host or (origin is not None and urlsplit(origin).netloc != request.host):
            return web.json_response({"ok": False, "error": "only this sandbox's own page may do that"}, status=403)
    return await handler(request)


@web.middleware
async def _carried_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What has reached a platform is carried out there even when its sender has gone, as on the real ones.

    The server as a whole cancels the handler of a client that leaves, because the model must stop generating then.
    """
    if request.path.startswith("/model/") or request.path == "/_sandbox/events":
        return await handler(request)
    carried = asyncio.ensure_future(handler(request))
    try:
        return await asyncio.shield(carried)
    except asyncio.CancelledError:
        carried.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise
