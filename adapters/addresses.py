"""Which addresses of the network may be called because somebody in a chat said so: public ones.

A name is resolved once, and who calls then connects to the addresses that were checked, so that a name server which
changes its mind changes nothing.

Everything is refused that is not plainly a public, single machine: Python's own judgement, which differs from release
to release, and IANA's registries of special-purpose addresses, written out. An IPv6 address that carries an IPv4
address is refused with the mechanisms that nobody needs any more (mapped, compatible, 6to4, Teredo, ISATAP); with
NAT64, by which whole networks reach the web, it is what the IPv4 address is.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol

Address = IPv4Address | IPv6Address

_REFUSED_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; 100.100.100.200 is Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's wire server, a public address that leads to the host
        "169.254.0.0/16",  # link-local: metadata of nearly every cloud
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_UNICAST_6 = IPv6Network("2000::/3")
_REFUSED_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols' own, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


class AddressRefused(Exception):
    """The address is private, of this machine, or not of the internet at all."""

    def __init__(self) -> None:
        super().__init__("That address is not a public one of the internet, so I do not call it.")


class Guard(Protocol):
    """Says where a name leads, or that nobody goes there."""

    async def resolved(self, host: str, port: int) -> tuple[str, ...]:
        """Addresses to connect to, in order of preference. Raises AddressRefused, and OSError where there are none."""
        ...


class PublicOnly:
    """Lets nobody into this machine and the networks around it."""

    async def resolved(self, host: str, port: int) -> tuple[str, ...]:
        """See Guard. One private address among several refuses the name: it was put there on purpose."""
        found = await _looked_up(host, port)
        if not all(is_public(ip_address(one)) for one in found):
            raise AddressRefused
        return found


async def _looked_up(host: str, port: int) -> tuple[str, ...]:
    """Numbers in odd spellings (0x7f.1, 127.1) become what the system would call."""
    loop = asyncio.get_running_loop()
    try:
        found: Sequence[tuple[object, ...]] = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise AddressRefused from None
    numbers = [str(address[0]).partition("%")[0] for *_, address in found if isinstance(address, tuple)]
    if not numbers:
        raise OSError("the name has no address")
    return tuple(dict.fromkeys(numbers))


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could ask that address."""
    if isinstance(address, IPv4Address):
        return _is_usual(address) and not any(address in network for network in _REFUSED_4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    isatap = (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP
    inside = address in _UNICAST_6 and not any(address in network for network in _REFUSED_6)
    return inside and not isatap and _is_usual(address)


def _is_usual(address: Address) -> bool:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    return address.is_global and not special
