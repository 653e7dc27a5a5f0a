"""How servers on the network are asked: with their headers, bounded answers, and only where they may stand.

A server that came from a chat may stand on the public web alone. Its name is looked up for each request, the machine is
checked, and the request goes to exactly that machine: a DNS that changes its mind cannot lead it elsewhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2

from adapters.addresses import Address, is_public
from adapters.mcp.declared import Server

MOST_BYTES = 8_000_000
"""Of one answer that is not a stream of events."""
CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0


class NotPublic(Exception):
    """The server stands where it may not."""


class AnswerTooLong(Exception):
    """The server sent more than is read."""


def http_client(server: Server, *, permitted: Callable[[Address], bool] = is_public) -> httpx2.AsyncClient:
    """Connections to that server. `permitted` decides where one may stand that came from a chat."""
    inner: httpx2.AsyncBaseTransport = httpx2.AsyncHTTPTransport()
    if not server.anywhere:
        inner = _Public(inner, permitted)
    timeout = httpx2.Timeout(CONNECT_SECONDS, read=READ_SECONDS)
    return httpx2.AsyncClient(
        headers=dict(server.headers), timeout=timeout, transport=_Bounded(inner), trust_env=server.anywhere
    )


class _Wrapped(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(_Wrapped):
    """Cuts answers off that are no streams of events and too long."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = _Cut(response.stream)
        return response


class _Cut(httpx2.AsyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for piece in self._inner:
            left -= len(piece)
            if left < 0:
                raise AnswerTooLong
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Public(_Wrapped):
    """Sends each request to a machine that was checked."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, permitted: Callable[[Address], bool]) -> None:
        super().__init__(inner)
        self._permitted = permitted

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        machine = await self._machine(host, port)
        request.headers.setdefault("Host", request.url.netloc.decode("ascii"))
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=str(machine))
        return await self._inner.handle_async_request(request)

    async def _machine(self, host: str, port: int) -> Address:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        machines = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
        if not machines or not all(map(self._permitted, machines)):
            raise NotPublic
        return machines[0]
