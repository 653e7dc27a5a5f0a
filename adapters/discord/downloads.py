"""Files that people gave us, read from Discord's own hosts and from nowhere else.

Discord's addresses are signed and hold for about a day (discord.md, section 2); one that is over is asked for anew.
They need no token, and none is sent there. Redirects are not followed: Discord's hosts make none.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import aiohttp
import yarl

from adapters.discord.failures import Doing, translated
from adapters.discord.rest import Rest
from core.errors import FileTooLarge, PostGone, SurfaceBusy, SurfaceError, SurfaceForbidden, SurfaceUnavailable
from core.incoming import Attachment
from core.ports import Clock

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
WITHIN = 60.0
"""Seconds for one file in all."""
QUIET_FOR = 20.0
"""Seconds without a byte."""
CHUNK = 64 * 1024
_GONE = frozenset({404, 410})


class _Over(Exception):
    """The address is over, or there is no such file any more."""


class Downloads:
    """People's files."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """No connection is left open."""
        if self._session is not None:
            await self._session.close()

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """The file's bytes. Raises FileTooLarge, PostGone, SurfaceForbidden or another SurfaceError."""
        if attachment.size > most:
            raise FileTooLarge(f"{attachment.size} bytes")
        url = self._trusted(attachment.url)
        try:
            if expired(url, self._clock.now()):
                raise _Over
            return await self._read(url, most)
        except _Over:
            pass
        try:
            return await self._read(await self._renewed(attachment.url), most)
        except _Over:
            raise PostGone("file: gone") from None

    async def _renewed(self, address: str) -> yarl.URL:
        found = await self._rest.refreshed(address)
        if found is None:
            raise PostGone("file: gone")
        return self._trusted(found)

    def _trusted(self, address: str) -> yarl.URL:
        try:
            url = yarl.URL(address, encoded=True)
            if trusted(url, self._rest.base):
                return url
        except ValueError:
            raise SurfaceForbidden("file: no address") from None
        raise SurfaceForbidden(f"not a host of Discord's: {url.host}")

    async def _read(self, url: yarl.URL, most: int) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        timeout = aiohttp.ClientTimeout(total=WITHIN, sock_read=QUIET_FOR)
        with translated(Doing.READ):
            async with (
                asyncio.timeout(WITHIN),
                self._session.get(url, allow_redirects=False, timeout=timeout) as answer,
            ):
                _judge(answer.status)
                return await _bounded(answer, most)


def trusted(url: yarl.URL, base: str) -> bool:
    """Whether a file may be read there: from Discord's hosts by https, or from where the REST interface itself is."""
    if url.scheme == "https" and (url.host or "").lower() in HOSTS:
        return not url.user and url.port == 443
    return url.scheme in ("http", "https") and url.origin() == yarl.URL(base).origin()


def expired(url: yarl.URL, now: datetime) -> bool:
    """Whether the signature is known to be over, or soon will be. An address without one may do."""
    try:
        return int(url.query.get("ex", ""), 16) < now.timestamp() + 10
    except ValueError:
        return False


def _judge(status: int) -> None:
    if status in _GONE:
        raise _Over
    if status in (401, 403):
        raise SurfaceForbidden(f"file: {status}")
    if status == 429:
        raise SurfaceBusy(f"file: {status}")
    if status >= 500:
        raise SurfaceUnavailable(f"file: {status}")
    if status != 200:
        raise SurfaceError(f"file: {status}")


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> bytes:
    if (answer.content_length or 0) > most:
        raise FileTooLarge(f"{answer.content_length} bytes")
    content = bytearray()
    async for piece in answer.content.iter_chunked(CHUNK):
        content += piece
        if len(content) > most:
            raise FileTooLarge(f"more than {most} bytes")
    return bytes(content)
