"""Which hosts an operator allows.

A pattern is a host (`docs.python.org`), all hosts below one (`*.wikipedia.org`, which is not wikipedia.org itself), or
`*` for every public host; with a port behind a colon it allows that port alone, otherwise those of the web, 80 and 443.
Pure.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Self

import httpx

USUAL_PORTS = frozenset({80, 443})
ANY = "*"
HELP = "Write hosts without a scheme and a path: a host, *.host for those below it, or * for all; perhaps with a :port"
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class NoHost(ValueError):
    """It is no name of a host."""


def plain(host: str) -> str:
    """The host as it is compared and looked up: in ASCII, small letters, without a dot at the end. Raises NoHost for
    what is none, also for an IP address that is not written in the usual way: 2130706433 and 0x7f.1 are 127.0.0.1 to a
    resolver."""
    host = host.removesuffix(".").lower()
    if (address := literal(host)) is not None:
        return str(address)
    try:
        host = host if host.isascii() else httpx.URL(f"http://{host}/").raw_host.decode()
    except httpx.InvalidURL:
        raise NoHost(host) from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        raise NoHost(host)
    return host


def literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that stands in the place of a host."""
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPattern:
    """Some hosts that are allowed."""

    host: str
    """`*`, `*.` and a host, or a host."""
    port: int | None = None
    """None for those of the web."""

    @classmethod
    def parse(cls, said: str) -> Self:
        """The pattern that is written so. Raises ValueError."""
        text = said.strip()
        host, port = _split(text)
        if host != ANY:
            below, name = ("*.", host[2:]) if host.startswith("*.") else ("", host)
            try:
                host = below + plain(name)
            except NoHost:
                raise ValueError(HELP) from None
        return cls(host=host, port=port)

    def allows(self, host: str, port: int) -> bool:
        """Whether that host (as `plain` writes it) may be asked at that port."""
        if port not in USUAL_PORTS if self.port is None else port != self.port:
            return False
        if self.host == ANY:
            return True
        if self.host.startswith("*."):
            return literal(host) is None and host.endswith(self.host[1:])
        return host == self.host


def _split(text: str) -> tuple[str, int | None]:
    if text.startswith("[") or text.count(":") != 1:
        bracket, _, rest = text.rpartition("]:")
        return (bracket + "]", _port(rest)) if bracket else (text, None)
    host, _, port = text.partition(":")
    return host, _port(port)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= 65_535):
        raise ValueError(HELP)
    return int(text)


def parse_patterns(said: str) -> tuple[HostPattern, ...]:
    """The patterns in a text, separated by commas or spaces. Raises ValueError."""
    return tuple(HostPattern.parse(one) for one in said.replace(",", " ").split())
