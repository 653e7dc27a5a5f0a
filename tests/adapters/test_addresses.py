"""Which addresses may be called because somebody in a chat said so."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address

import pytest

from adapters.addresses import AddressRefused, PublicOnly, is_public

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:1.1.1.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    """This machine, its networks, the clouds' metadata, and all of them in the dress of IPv6."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    """The internet."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "::1"])
async def test_names_and_odd_spellings_of_this_machine(host: str) -> None:
    """Are refused, or lead nowhere at all."""
    with pytest.raises((AddressRefused, OSError)):
        await PublicOnly().resolved(host, 443)


async def test_one_private_address_among_public_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses the name: whoever calls might come to that one."""

    async def looked_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, 1, 6, "", (address, 443)) for address in answers]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", looked_up)
    answers = ["1.1.1.1", "93.184.216.34", "1.1.1.1"]
    assert await PublicOnly().resolved("wiki.example", 443) == ("1.1.1.1", "93.184.216.34")
    answers.append("10.0.0.1")
    with pytest.raises(AddressRefused):
        await PublicOnly().resolved("wiki.example", 443)


@pytest.mark.parametrize("host", ["a" * 300 + ".example", "xn--\x80.example", "."])
async def test_names_that_are_none(host: str) -> None:
    """Are no fault of ours."""
    with pytest.raises((AddressRefused, OSError)):
        await PublicOnly().resolved(host, 443)
