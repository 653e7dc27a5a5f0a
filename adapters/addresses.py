"""Which IP addresses are the public's.

Everything is refused that is not plainly a public, single machine: Python's own judgement, which differs from release
to release, and IANA's registries of special-purpose addresses, written out. An IPv6 address that carries an IPv4
address is refused with the mechanisms that nobody needs any more (mapped, compatible, 6to4, Teredo, ISATAP); with
NAT64, by which whole networks reach the web, it is what the IPv4 address is. Pure.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_REFUSED_4 = [
    ipaddress.IPv4Network(network)
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
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols' own, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could ask that address."""
    if isinstance(address, ipaddress.IPv4Address):
        return _is_usual(address) and not any(address in network for network in _REFUSED_4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
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
