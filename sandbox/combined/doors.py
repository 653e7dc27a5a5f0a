"""Who may come in, and what happens to a call whose sender has left: aiohttp middlewares of the combined server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.combined.tap import BASE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_OWN_NAMES = ("127.0.0.1", "localhost", "::1")
_CANCELLED = ("/model/", f"{BASE}/", "/_sandbox/events")
"""Where a sender's leaving ends the work: the model must stop generating then."""


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Control is for pages of this server: no foreign page may act here through a person's browser."""
    if "/_sandbox/" in request.path:
        origin = request.headers.get("Origin")
        own_host = urlsplit(f"//{request.host}").hostname in _OWN_NAMES
        if not own_host or (origin is not None and urlsplit(origin).netloc != request.host):
            return web.json_response({"ok": False, "error": "only this sandbox's own page may do that"}, status=403)
    return await handler(request)


@web.middleware
async def carried_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What has reached a platform is carried out there even when its sender has gone, as on the real ones.

    The server as a whole cancels the handler of a client that leaves.
    """
    if request.path.startswith(_CANCELLED):
        return await handler(request)
    carried = asyncio.ensure_future(handler(request))
    try:
        return await asyncio.shield(carried)
    except asyncio.CancelledError:
        carried.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise
