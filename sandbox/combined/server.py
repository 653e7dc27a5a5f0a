"""One application on one port: the platforms and the model under their prefixes, the page at the root.

It also serves what the page needs beside the platforms' own control APIs: which model is in use and another one, how
the bot's process stands, buttons to restart or kill it, and what happens inside. Only this machine's own pages may use
those.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.changes import Changes
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.bot import BotProcess
from sandbox.combined.doors import carried_out, own_pages_only
from sandbox.combined.model_choice import Startable
from sandbox.combined.platforms import Platform
from sandbox.combined.switching import ModelSwitch, SwitchRefused
from sandbox.combined.tap import BASE, ModelTap
from sandbox.combined.turns import TurnLog
from sandbox.local_model.process import LocalModel
from sandbox.page import routes as page

Json = dict[str, Any]
_HOST = "127.0.0.1"
_PORTS_TO_TRY = 100
_KEEP_ALIVE_SECONDS = 15.0
_ASKED_KEPT = 40
_REFUSALS = (0, 429, 500, 503)


class CombinedServer:
    """The servers of the sandbox. `bot` is set by whoever starts Parley, and `models` told of the model."""

    def __init__(
        self,
        *,
        platforms: tuple[Platform, ...],
        model: ChatCompletionsSandbox,
        make_local: Callable[[], Startable] = LocalModel,
    ) -> None:
        self._platforms = platforms
        self._model = model
        self._runner: web.AppRunner | None = None
        self._changes = Changes()
        self._asked: OrderedDict[int, Json] = OrderedDict()
        self.tap = ModelTap(tell=self._remember, changed=self.tell)
        self.models = ModelSwitch(demo=model, tap=self.tap, make_local=make_local, changed=self.tell)
        self.turns = TurnLog(self._changes.tell)
        self.bot: BotProcess | None = None
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
        self.models.tap_url = f"{self.url}{BASE.strip('/')}/v1"

    async def stop(self) -> None:
        """It listens no more."""
        self._changes.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def tell(self) -> None:
        """Pages that watch get the state anew."""
        self._changes.tell(self.state())

    def create_app(self) -> web.Application:
        """The application with everything mounted."""
        app = web.Application(middlewares=[own_pages_only, carried_out])
        for platform in self._platforms:
            app.add_subapp(f"/{platform.name}", platform.create_app())
        app.add_subapp("/model", self._model.create_app())
        app.add_subapp(BASE, self.tap.create_app())
        app.router.add_get("/_sandbox/state", self._state)
        app.router.add_get("/_sandbox/events", self._events)
        app.router.add_post("/_sandbox/restart-bot", self._restart)
        app.router.add_post("/_sandbox/kill-bot", self._kill)
        app.router.add_post("/_sandbox/model", self._choose)
        app.router.add_post("/_sandbox/mischief", self._misbehave)
        page.add_to(app)
        return app

    def state(self) -> Json:
        """What the page shows above the platforms. No key is in it."""
        return {
            "type": "state",
            "platforms": [platform.name for platform in self._platforms],
            "model": self.models.told(),
            "bot": None if self.bot is None else asdict(self.bot.status),
        }

    def _remember(self, told: Json) -> None:
        number = told["number"]
        if told["type"] == "asked" or number in self._asked:  # a very long answer may outlive the memory of its request
            self._asked[number] = self._asked.get(number, {}) | told | {"type": "asked"}
        while len(self._asked) > _ASKED_KEPT:
            self._asked.popitem(last=False)
        self._changes.tell(told)

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        with self._changes.feed() as feed:
            try:
                for told in (self.state(), *self._asked.values(), *self.turns.all()):
                    await stream.write(_event(told))
                while (news := await _next(feed)) is not None:
                    await stream.write(news)
            except ConnectionResetError:
                return stream  # the page was closed
        return stream

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

    async def _choose(self, request: web.Request) -> web.Response:
        async def choose(wish: Json) -> None:
            await self.models.to(wish)

        return await _answered(request, choose)

    async def _misbehave(self, request: web.Request) -> web.Response:
        async def misbehave(wish: Json) -> None:
            mischief = self.tap.mischief
            refuse = int(wish.get("refuse_next", mischief.refuse_next))
            if refuse not in _REFUSALS:
                raise SwitchRefused(f"The model can refuse with {', '.join(map(str, _REFUSALS[1:]))} only.")
            mischief.refuse_next = refuse
            mischief.slow = bool(wish.get("slow", mischief.slow))
            mischief.cut_next = bool(wish.get("cut_next", mischief.cut_next))
            self.tell()

        return await _answered(request, misbehave)


async def _answered(request: web.Request, act: Callable[[Json], Awaitable[None]]) -> web.Response:
    try:
        wish = await request.json()
        if not isinstance(wish, dict):
            raise TypeError("it is no object")
        await act(wish)
    except SwitchRefused as error:
        return web.json_response({"ok": False, "error": str(error)}, status=409)
    except (ValueError, TypeError) as error:
        return web.json_response({"ok": False, "error": f"cannot read this: {error}"}, status=400)
    return web.json_response({"ok": True})


async def _next(feed: asyncio.Queue[Json | None]) -> bytes | None:
    try:
        async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
            told = await feed.get()
    except TimeoutError:
        return b": still here\n\n"
    return None if told is None else _event(told)


def _event(told: Json) -> bytes:
    return f"data: {json.dumps(told)}\n\n".encode()


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
