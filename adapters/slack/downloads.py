"""Files that people gave us, read from Slack's own hosts and from nowhere else.

The bot's token goes only there, whatever address a message names. Slack answers whom it does not let in with 200 and a
sign-in page (slack.md, section 7), which is told from a file here.
"""

from __future__ import annotations

import asyncio

import aiohttp
import yarl

from adapters.slack import failures
from adapters.slack.web import Web
from core.errors import FileTooLarge, PostGone, SurfaceForbidden
from core.incoming import Attachment

MOST_REDIRECTS = 3
WITHIN = 60.0
"""Seconds for one file in all."""
QUIET_FOR = 20.0
"""Seconds without a byte."""
CHUNK = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_NOT_FOR_US = frozenset({401, 403})
_PAGE = "text/html"


class Downloads:
    """People's files."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """The file's bytes. Raises FileTooLarge, PostGone, SurfaceForbidden or another SurfaceError."""
        if attachment.size > most:
            raise FileTooLarge(f"{attachment.size} bytes")
        url = attachment.url or await self._address(attachment.id)
        with failures.translated("file"):
            async with asyncio.timeout(WITHIN):
                return await self._read(_parsed(url), attachment, most)

    async def _address(self, file: str) -> str:
        """Of a file from another company a message tells nothing but its id."""
        about = (await self._web.read("files.info", file=file)).get("file") or {}
        return str(about.get("url_private_download") or about.get("url_private") or "")

    async def _read(self, url: yarl.URL, attachment: Attachment, most: int) -> bytes:
        for _ in range(1 + MOST_REDIRECTS):
            if not trusted(url, self._web.api_url):
                raise SurfaceForbidden(f"not a host of Slack's: {url.host}")
            async with self._web.session.get(
                url,
                headers={"Authorization": f"Bearer {self._web.client.token}"},
                allow_redirects=False,
                proxy=self._web.client.proxy,
                timeout=aiohttp.ClientTimeout(total=WITHIN, sock_read=QUIET_FOR),
            ) as answer:
                if answer.status not in _MOVED:
                    return await _content(answer, attachment, most)
                url = url.join(_parsed(answer.headers.get("Location", "")))
        raise SurfaceForbidden("file: too many redirects")


def _parsed(url: str) -> yarl.URL:
    try:
        return yarl.URL(url)
    except ValueError:
        raise SurfaceForbidden("file: no address") from None


def trusted(url: yarl.URL, api_url: str) -> bool:
    """Whether the bot's token may go there: to a host of Slack's by https, or where the Web API itself is."""
    host = (url.host or "").lower().rstrip(".")
    if url.scheme == "https" and (host == "slack.com" or host.endswith((".slack.com", ".slack-gov.com"))):
        return not url.user and url.port == 443
    try:
        return url.origin() == yarl.URL(api_url).origin()
    except ValueError:  # no host at all
        return False


async def _content(answer: aiohttp.ClientResponse, attachment: Attachment, most: int) -> bytes:
    if answer.status in _GONE:
        raise PostGone(f"file: {answer.status}")
    if answer.status in _NOT_FOR_US:
        raise SurfaceForbidden(f"file: {answer.status}")
    if answer.status != 200:
        raise failures.by_code("file", "", answer.status, answer.headers)
    page = answer.content_type == _PAGE
    if page and attachment.media_type != _PAGE:
        raise SurfaceForbidden("file: a sign-in page came (needs files:read)")
    content = await _bounded(answer, most)
    if page and attachment.size and len(content) != attachment.size:
        raise SurfaceForbidden("file: a sign-in page came (needs files:read)")
    return content


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> bytes:
    if (answer.content_length or 0) > most:
        raise FileTooLarge(f"{answer.content_length} bytes")
    content = bytearray()
    async for piece in answer.content.iter_chunked(CHUNK):
        content += piece
        if len(content) > most:
            raise FileTooLarge(f"more than {most} bytes")
    return bytes(content)
