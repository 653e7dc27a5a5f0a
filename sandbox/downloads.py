"""How a page gets the files of either platform: from its own address, and never as something that could act there.

A file may hold anything that somebody chose to upload, a web page with a script among it.
"""

from urllib.parse import quote

from aiohttp import web

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser shows; it runs nothing in them."""


def answer(name: str, mimetype: str, content: bytes) -> web.Response:
    """The bytes: a picture to be shown, anything else to be saved under its name."""
    shown = mimetype in PICTURES
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    kind = mimetype if shown else "application/octet-stream"
    return web.Response(body=content, content_type=kind, headers=headers)
