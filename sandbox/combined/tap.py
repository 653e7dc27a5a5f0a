"""Between Parley and its model: what was asked and how the answer came, told to the page; and mischief on request.

Everything is passed on as it is, to whichever server answers at the moment. Only requests for an answer are recorded,
without their headers: a key that passes here is seen by nobody.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from sandbox.combined.asked import Asked, Ending, Json, PieceCounter
from sandbox.combined.model_choice import Endpoint

BASE = "/tap"
SLOW_SECONDS = 0.35
"""Before each piece of an answer, while the model is made slow."""
CUT_AFTER = 25
"""Pieces that still come of an answer that is to be cut."""
_BODY_LIMIT = 64 * 1024 * 1024
_OWN = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "expect"})
_PASSED = ("content-type", "retry-after", "x-request-id", "x-ratelimit")
_ASKING = "chat/completions"


@dataclass(slots=True)
class Mischief:
    """How the model misbehaves. `slow` lasts; the others are used up by the next request for an answer."""

    slow: bool = False
    cut_next: bool = False
    refuse_next: int = 0
    """The HTTP status of the refusal; 0 for none."""

    def told(self) -> Json:
        """As the page shows it."""
        return {"slow": self.slow, "cut_next": self.cut_next, "refuse_next": self.refuse_next}


class ModelTap:
    """An OpenAI-compatible address that passes on to `upstream`."""

    def __init__(
        self,
        *,
        tell: Callable[[Json], None],
        changed: Callable[[], None],
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._tell = tell
        self._changed = changed
        self._now = now
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None
        self._last = 0
        self.mischief = Mischief()
        self.upstream: Endpoint | None = None
        """Who answers; none before a model was chosen."""

    def create_app(self) -> web.Application:
        """To be mounted at BASE, under a runner with `handler_cancellation=True`: who leaves stops the model."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/v1/{path:.*}", self._pass)
        app.on_shutdown.append(self._close)
        return app

    async def _close(self, _: web.Application) -> None:
        if self._session is not None:
            await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        if self.upstream is None:
            return web.json_response({"error": {"message": "no model was chosen yet"}}, status=503)
        body = await request.read()
        asked = self._record(request, body)
        if asked is not None and self.mischief.refuse_next:
            return self._refused(asked)
        try:
            return await self._forwarded(request, body, asked, self.upstream)
        except aiohttp.ClientError as error:
            if request.transport is None or request.transport.is_closing():  # not the model: Parley hung up
                self._ended(asked, Ending.LEFT)
                raise
            self._ended(asked, Ending.FAILED, error=type(error).__name__)
            if asked is not None and asked.pieces:
                request.transport.abort()  # the answer had begun: it breaks off here as it broke off there
            return web.json_response({"error": {"message": f"the model cannot be reached: {error}"}}, status=502)
        except asyncio.CancelledError:
            self._ended(asked, Ending.LEFT)
            raise

    def _record(self, request: web.Request, body: bytes) -> Asked | None:
        if not request.path.endswith(_ASKING):
            return None
        try:
            parsed = json.loads(body)
        except ValueError:
            return None
        self._last += 1
        asked = Asked.of(self._last, parsed if isinstance(parsed, dict) else {}, self._now())
        self._tell(asked.told())
        return asked

    def _refused(self, asked: Asked) -> web.Response:
        status, self.mischief.refuse_next = self.mischief.refuse_next, 0
        self._changed()
        self._ended(asked, Ending.REFUSED, status=status)
        said = {"error": {"message": "The sandbox was asked to refuse this.", "type": "sandbox", "code": "refused"}}
        return web.json_response(said, status=status, headers={"Retry-After": "2"} if status == 429 else {})

    async def _forwarded(
        self, request: web.Request, body: bytes, asked: Asked | None, upstream: Endpoint
    ) -> web.StreamResponse:
        cut = asked is not None and self._takes_cut()
        address = f"{upstream.base_url.rstrip('/')}/{request.match_info['path']}"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        headers["Accept-Encoding"] = "identity"
        client = self._client()
        async with client.request(
            request.method, address, params=request.query, data=body or None, headers=headers
        ) as answer:
            if asked is None or not answer.content_type.startswith("text/event-stream"):
                whole = await answer.read()
                self._read_whole(asked, answer.status, whole)
                return web.Response(status=answer.status, body=whole, headers=_passed(answer.headers))
            stream = web.StreamResponse(status=answer.status, headers=_passed(answer.headers))
            await stream.prepare(request)
            return await self._streamed(stream, answer, asked, request, cut=cut)

    async def _streamed(
        self,
        stream: web.StreamResponse,
        answer: aiohttp.ClientResponse,
        asked: Asked,
        request: web.Request,
        *,
        cut: bool,
    ) -> web.StreamResponse:
        counter = PieceCounter(asked, now=self._now)
        async for line in answer.content:
            if self.mischief.slow and line.startswith(b"data:"):
                await self._sleep(SLOW_SECONDS)
            await stream.write(line)
            if counter.read(line):
                self._tell(asked.progress())
            if cut and asked.pieces >= CUT_AFTER:
                self._ended(asked, Ending.CUT)
                if request.transport is not None:
                    request.transport.abort()
                return stream
        self._ended(asked, Ending.FINISHED if answer.status < 400 else Ending.REFUSED, status=answer.status)
        await stream.write_eof()
        return stream

    def _takes_cut(self) -> bool:
        taken, self.mischief.cut_next = self.mischief.cut_next, False
        if taken:
            self._changed()
        return taken

    def _read_whole(self, asked: Asked | None, status: int, whole: bytes) -> None:
        if asked is None:
            return
        with suppress(ValueError):
            asked.read_usage(json.loads(whole))
        self._ended(asked, Ending.FINISHED if status < 400 else Ending.REFUSED, status=status)

    def _ended(self, asked: Asked | None, ending: Ending, *, status: int = 0, error: str = "") -> None:
        if asked is None or asked.ending is not Ending.OPEN:
            return
        asked.ending, asked.status, asked.error = ending, status, error
        asked.seconds = self._now() - asked.at
        self._tell(asked.progress())

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            # An answer may take as long as it likes; who waits for it decides.
            self._session = aiohttp.ClientSession(trust_env=False, timeout=aiohttp.ClientTimeout(total=None))
        return self._session


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the answer that are about its content, not about the connection."""
    return {name: value for name, value in headers.items() if name.lower().startswith(_PASSED)}
