"""From an address of the web to the machine that may be asked.

A name is looked up once for each request, and the connection goes to exactly the addresses that were checked: a DNS
server that says something else a moment later is not asked again. One address that is not public condemns the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from adapters.addresses import Address, is_public
from adapters.web.hosts import HostPattern, NoHost, literal, plain
from core.tools.tool import ToolFailed

PORTS = {"http": 80, "https": 443}
NOT_PUBLIC = "That host is not on the public web, so I do not read it."


class Resolver(Protocol):
    """Looks names up."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The IP addresses of the host, best first. Raises OSError."""
        ...


class SystemResolver:
    """The resolver of this machine."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """As the system's own settings say."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address of the web and the machines it leads to."""

    url: httpx.URL
    host: str
    port: int
    machines: tuple[Address, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Decides where requests may go."""

    patterns: tuple[HostPattern, ...]
    resolver: Resolver
    permitted: Callable[[Address], bool] = is_public
    """Which machines may be asked. Tests, whose servers are on this machine, permit others; nothing else does."""

    async def route(self, url: httpx.URL) -> Route:
        """Where the request may go. Raises ToolFailed."""
        if url.scheme not in PORTS:
            raise ToolFailed("Only addresses that begin with https:// or http:// can be read.")
        if url.userinfo:
            raise ToolFailed("An address with a name or a password in it is not read. Leave them out.")
        try:
            host = plain(url.raw_host.decode())
        except NoHost:
            raise ToolFailed(
                "That is no host of the web. Name one as people write it, such as en.wikipedia.org."
            ) from None
        port = url.port or PORTS[url.scheme]
        if not any(pattern.allows(host, port) for pattern in self.patterns):
            raise ToolFailed(self._refusal(host, port))
        return Route(url=url, host=host, port=port, machines=await self._machines(host, port))

    def _refusal(self, host: str, port: int) -> str:
        allowed = ", ".join(pattern.host for pattern in self.patterns[:20])
        if any(pattern.allows(host, one) for pattern in self.patterns for one in PORTS.values()):
            return f"Port {port} of that host may not be read, only the usual ones of the web."
        return f"That host may not be read. My operator allows: {allowed}."

    async def _machines(self, host: str, port: int) -> tuple[Address, ...]:
        if (written := literal(host)) is not None:
            found = [written]
        else:
            found = await self._looked_up(host, port)
        if not all(self.permitted(address) for address in found):
            raise ToolFailed(NOT_PUBLIC)
        return tuple(found)

    async def _looked_up(self, host: str, port: int) -> list[Address]:
        try:
            texts = await self.resolver.addresses(host, port)
        except (OSError, UnicodeError):
            texts = ()
        found = [ipaddress.ip_address(text) for text in texts]
        if not found:
            raise ToolFailed("There is no such host: its name leads nowhere. Is it spelt right?")
        return found
