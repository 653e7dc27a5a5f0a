"""Files in messages: kept here, served by the CDN under signed addresses that expire.

Discord's CDN needs no token; its addresses carry `ex` (expiry), `is` (issue) and `hm` (signature), hex, and hold for
about a day. A message read again carries fresh ones.
"""

import hashlib
import hmac
import re
import secrets
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.values import Json, SandboxError

HOLDS_SECONDS = 24 * 3600.0
LARGEST_FILE = 10 * 1024 * 1024
_ADDRESS = re.compile(r"/attachments/(?P<channel>\d+)/(?P<id>\d+)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as somebody picks it."""

    name: str
    content: bytes
    mimetype: str = "text/plain"

    @classmethod
    def of(cls, given: object) -> "Upload":
        """The file itself, or an object that names it: `name`, `content` (text, or base64 where `encoding` says so),
        `mimetype`."""
        if isinstance(given, Upload):
            return given
        if not isinstance(given, Mapping) or not given.get("name"):
            raise SandboxError(f"{given!r} is no file")
        content = str(given.get("content") or "").encode()
        if given.get("encoding") == "base64":
            content = b64decode(content, validate=True)
        return cls(name=str(given["name"]), content=content, mimetype=str(given.get("mimetype") or "text/plain"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A stored file; its address is made anew each time it is shown."""

    id: str
    channel_id: str
    upload: Upload
    description: str | None = None
    ephemeral: bool = False


class Attachments:
    """The file store and the CDN in front of it."""

    def __init__(self, snowflakes: Snowflakes, now: Callable[[], float], base_url: Callable[[], str]) -> None:
        self._snowflakes = snowflakes
        self._now = now
        self._base_url = base_url
        self._key = secrets.token_bytes(16)
        self._stored: dict[str, Attachment] = {}

    def add(
        self, upload: Upload, channel_id: str, *, description: str | None = None, ephemeral: bool = False
    ) -> Attachment:
        """The file is on the CDN."""
        stored = Attachment(
            id=self._snowflakes.next(),
            channel_id=channel_id,
            upload=upload,
            description=description,
            ephemeral=ephemeral,
        )
        self._stored[stored.id] = stored
        return stored

    def upload(self, attachment_id: str) -> Upload | None:
        """The file as it was picked, where there is one."""
        stored = self._stored.get(attachment_id)
        return None if stored is None else stored.upload

    def describe(self, attachment: Attachment) -> Json:
        """What a message says of the file, with an address that holds from now on."""
        url = self.url(attachment)
        about: Json = {
            "id": attachment.id,
            "filename": attachment.upload.name,
            "size": len(attachment.upload.content),
            "url": url,
            "proxy_url": url,
            "content_type": attachment.upload.mimetype,
        }
        about |= {"description": attachment.description} if attachment.description else {}
        return about | ({"ephemeral": True} if attachment.ephemeral else {})

    def url(self, attachment: Attachment) -> str:
        path = f"{attachment.channel_id}/{attachment.id}/{quote(attachment.upload.name)}"
        issued = int(self._now())
        expires = f"{issued + int(HOLDS_SECONDS):x}"
        signature = self._signature(attachment.id, expires)
        return f"{self._base_url()}/cdn/attachments/{path}?ex={expires}&is={issued:x}&hm={signature}&"

    def refreshed(self, url: str) -> str | None:
        """An address of the same file that holds from now on; None for one that leads to no file."""
        found = _ADDRESS.search(url)
        stored = self._stored.get(found["id"]) if found else None
        if found is None or stored is None or stored.channel_id != found["channel"]:
            return None
        return self.url(stored)

    async def serve(self, request: web.Request) -> web.Response:
        """The bytes, or 404 when the address is forged, expired or of no file."""
        stored = self._stored.get(request.match_info["attachment"])
        expires = request.query.get("ex", "0")
        if stored is None or not hmac.compare_digest(request.query.get("hm", ""), self._signature(stored.id, expires)):
            return web.Response(status=404, text="This content is no longer available.")
        if int(expires, 16) < self._now():
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=stored.upload.content, content_type=stored.upload.mimetype)

    def _signature(self, attachment_id: str, expires: str) -> str:
        return hmac.new(self._key, f"{attachment_id}:{expires}".encode(), hashlib.sha256).hexdigest()
