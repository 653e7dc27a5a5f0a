"""Fetching a page of the web, redirect by redirect, each checked like the first.

A request goes to an IP address that was checked and carries the host's name where it belongs: in the Host header, and
for TLS in the name that the certificate must be for. No connection is used again: one to the same machine may have been
made in another host's name. Nothing of ours is sent along: no cookies, no credentials, no proxy of the environment.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from adapters.addresses import Address, is_public
from adapters.web.bodies import ACCEPTED, Body, Undecodable
from adapters.web.contents import charset_of, kind_of, name_of, readable, recoded, title_of
from adapters.web.hosts import HostPattern
from adapters.web.route import Guard, Resolver, Route, SystemResolver
from core.tools.tool import ToolFailed
from core.tools.web import FetchedPage

AGENT = "Parley (a chat assistant; reads single pages when people ask)"
_MOVED = frozenset({301, 302, 303, 307, 308})
_TRIED = 3
"""Machines of one host, where the first cannot be reached."""
TOO_SLOW = "The page took too long. Try another, or answer without it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one page may take."""

    bytes_most: int = 5_000_000
    """Decompressed, and likewise as they come."""
    seconds: float = 15.0
    """In all, redirects and looking names up included."""
    quiet_seconds: float = 6.0
    """For a connection, and between two pieces."""
    redirects: int = 5


class WebPages:
    """The web, as far as it is allowed. Use it as a context, or close it."""

    def __init__(
        self,
        patterns: tuple[HostPattern, ...],
        *,
        resolver: Resolver | None = None,
        permitted: Callable[[Address], bool] = is_public,
        bounds: Bounds = Bounds(),
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`trust` says whose certificates count; unless told otherwise those that httpx comes with, or of the file that
        SSL_CERT_FILE names."""
        self._guard = Guard(patterns=patterns, resolver=resolver or SystemResolver(), permitted=permitted)
        self._bounds = bounds
        logging.getLogger("httpcore").setLevel(logging.INFO)  # its debug lines quote whatever servers send
        self._client = httpx.AsyncClient(
            verify=trust or httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(bounds.quiet_seconds),
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """No connection is left open."""
        await self._client.aclose()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The patterns of allowed hosts."""
        return tuple(
            pattern.host if pattern.port is None else f"{pattern.host}:{pattern.port}"
            for pattern in self._guard.patterns
        )

    async def fetch(self, address: str) -> FetchedPage:
        """What is there. Raises ToolFailed."""
        try:
            async with asyncio.timeout(self._bounds.seconds):
                return await self._followed(_parsed(address))
        except TimeoutError:
            raise ToolFailed(TOO_SLOW) from None

    async def _followed(self, url: httpx.URL) -> FetchedPage:
        for _ in range(1 + self._bounds.redirects):
            found = await self._asked(await self._guard.route(url))
            if isinstance(found, FetchedPage):
                return found
            url = found
        raise ToolFailed("The page leads from one address to the next without an end.")

    async def _asked(self, route: Route) -> FetchedPage | httpx.URL:
        """The page, or where it has moved to."""
        machines = route.machines[:_TRIED]
        for machine in machines:
            try:
                return await self._asked_of(route, machine)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if machine == machines[-1]:
                    raise ToolFailed("The host cannot be reached, or shows no valid certificate.") from None
            except httpx.TimeoutException:
                raise ToolFailed(TOO_SLOW) from None
            except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL):
                raise ToolFailed("The host did not answer as a web server does.") from None
            except Undecodable:
                raise ToolFailed("The host sent something that cannot be decompressed.") from None
        raise ToolFailed("The host cannot be reached.")

    async def _asked_of(self, route: Route, machine: Address) -> FetchedPage | httpx.URL:
        request = self._client.build_request(
            "GET",
            route.url.copy_with(host=str(machine), port=route.port, fragment=None),
            headers={
                "Host": _authority(route),
                "User-Agent": AGENT,
                "Accept": "text/html, application/xhtml+xml, text/*, application/pdf, application/json, */*;q=0.1",
                "Accept-Encoding": ACCEPTED,
                "Connection": "close",
            },
            extensions={"sni_hostname": route.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            if response.status_code in _MOVED and "location" in response.headers:
                return _joined(route.url, response.headers["location"])
            return await self._page(route, response)
        finally:
            await response.aclose()

    async def _page(self, route: Route, response: httpx.Response) -> FetchedPage:
        if response.status_code != HTTPStatus.OK:
            raise ToolFailed(f"The host answered {_status(response.status_code)} instead of a page.")
        said = response.headers.get("content-type", "")
        kind = kind_of(said)
        if not readable(kind):
            raise ToolFailed(f"It is {kind[:60]}, and only pages, text and PDF can be read.")
        content, cut = await self._content(response, kind)
        return FetchedPage(
            address=str(route.url.copy_with(fragment=None)),
            content=recoded(content, kind, charset_of(said)),
            media_type=kind,
            name=name_of(route.url.path, kind),
            title=title_of(recoded(content, kind, charset_of(said))) if "html" in kind else "",
            cut=cut,
        )

    async def _content(self, response: httpx.Response, kind: str) -> tuple[bytes, str]:
        most = self._bounds.bytes_most
        body, came = Body(response.headers.get("content-encoding", ""), most), 0
        async for piece in response.aiter_raw():
            came += len(piece)
            body.feed(piece)
            if body.full or came > most:
                break
        else:
            return body.content, ""
        if kind == "application/pdf":
            raise ToolFailed(f"The file is larger than {most // 1_000_000} MB, which is too large.")
        return body.content, f"only its first {most / 1_000_000:g} MB were read"


def _parsed(address: str) -> httpx.URL:
    if any(character <= " " or character == "\\" or character == "\x7f" for character in address):
        raise ToolFailed("An address has no spaces and no backslashes. Write it as a browser shows it.")
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise ToolFailed("That is no address of the web. Write it like https://example.org/page.") from None
    if not url.host:
        raise ToolFailed("That is no full address. Write it like https://example.org/page.")
    return url


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return url.join(location)
    except httpx.InvalidURL:
        raise ToolFailed("The page leads to something that is no address.") from None


def _authority(route: Route) -> str:
    host = f"[{route.host}]" if ":" in route.host else route.host
    return host if route.url.port is None else f"{host}:{route.port}"


def _status(code: int) -> str:
    try:
        return f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return str(code)
