"""Carries the protocol's HTTP requests: to addresses that were checked, with answers that have an end.

The `mcp` library follows redirects within a server's own origin, and each of those requests comes through here too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

import httpx2

from adapters.addresses import Guard
from adapters.mcp.declarations import Site
from adapters.mcp.lines import MOST, TOO_LONG

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 300.0
"""A stream on which nothing has come for so long is given up."""
MOST_STREAMED = 4 * MOST
"""Bytes of one stream of events; each event has its own bound. A stream of news is opened again."""
MOST_TRIED = 3
"""Addresses of one name."""
_PORTS = {"http": 80, "https": 443}
_PLAIN = ("", "identity")


class Carrier(httpx2.AsyncBaseTransport):
    """One server's way out."""

    def __init__(self, guard: Guard | None) -> None:
        self._guard = guard
        self._way = httpx2.AsyncHTTPTransport(trust_env=False)
        self.status: int | None = None
        """The error that was answered last; none where the last answer was none."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises AddressRefused for an address that is none of ours to call."""
        if self._guard is None:
            return self._bounded(await self._way.handle_async_request(request))
        url = request.url
        *others, last = (await self._guard.resolved(url.host, url.port or _PORTS[url.scheme]))[:MOST_TRIED]
        for address in others:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return self._bounded(await self._way.handle_async_request(_to(request, address)))
        return self._bounded(await self._way.handle_async_request(_to(request, last)))

    def _bounded(self, response: httpx2.Response) -> httpx2.Response:
        self.status = response.status_code if response.status_code >= HTTPStatus.BAD_REQUEST else None
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        streamed = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        packed = response.headers.get("content-encoding", "").lower() not in _PLAIN
        return httpx2.Response(
            status_code=response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream, most=MOST_STREAMED if streamed else MOST, packed=packed),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """No connection is left."""
        await self._way.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """An answer up to its bound. Nothing packed: a few bytes could unpack to any number."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, most: int, packed: bool) -> None:
        self._stream = stream
        self._most = most
        self._packed = packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packed:
            raise httpx2.StreamError("the answer is packed")
        length = 0
        async for part in self._stream:
            length += len(part)
            if length > self._most:
                raise httpx2.StreamError(TOO_LONG)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _to(request: httpx2.Request, address: str) -> httpx2.Request:
    """The same request to that address; the server's certificate is still checked against its name."""
    return httpx2.Request(
        method=request.method,
        url=request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def client(site: Site, carrier: Carrier) -> httpx2.AsyncClient:
    """What the library calls the server with."""
    return httpx2.AsyncClient(
        transport=carrier,
        headers={**site.headers, "accept-encoding": "identity"},
        timeout=httpx2.Timeout(CONNECT_SECONDS, read=SILENT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )
