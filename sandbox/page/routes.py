"""Serves the page's files. They may load nothing from elsewhere and cannot be framed by another site."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

FILES = Path(__file__).parent / "static"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def add_to(app: web.Application) -> None:
    """The page is at `/`, its parts under `/page/`."""
    app.router.add_get("/", _index)
    app.router.add_get("/page/{name}", _part)


async def _index(_: web.Request) -> web.Response:
    return _served(FILES / "index.html")


async def _part(request: web.Request) -> web.Response:
    known = {file.name: file for file in FILES.iterdir() if file.suffix in _TYPES}
    file = known.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return _served(file)


def _served(file: Path) -> web.Response:
    body = file.read_text(encoding="utf-8")
    return web.Response(text=body, content_type=_TYPES[file.suffix], charset="utf-8", headers=_HEADERS)
