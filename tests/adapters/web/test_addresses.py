"""Which addresses and hosts may be asked at all."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import is_public
from adapters.web.hosts import HostPattern, NoHost, parse_patterns, plain


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "100::1",
        "2001:0:4136:e378::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2606:4700::5efe:127.0.0.1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_public(address: str) -> None:
    """Neither this machine nor its networks, metadata, multicast, nor an IPv4 address in disguise."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "198.35.26.96", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_public(address: str) -> None:
    """Machines on the internet, also by way of NAT64."""
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=6) | st.ip_addresses(v=4))
def test_never_what_python_calls_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Our judgement is at least as strict as the library's, but for NAT64, which it does not look into."""
    nat64 = address in ipaddress.ip_network("64:ff9b::/96")
    assert not is_public(address) or nat64 or (address.is_global and not address.is_multicast)


@pytest.mark.parametrize(
    ("pattern", "host", "port", "allowed"),
    [
        ("example.org", "example.org", 443, True),
        ("example.org", "www.example.org", 443, False),
        ("example.org", "example.org", 8080, False),
        ("Example.ORG.", "example.org", 80, True),
        ("*.example.org", "a.b.example.org", 443, True),
        ("*.example.org", "example.org", 443, False),
        ("*.example.org", "badexample.org", 443, False),
        ("*", "anything.test", 443, True),
        ("*", "anything.test", 22, False),
        ("*:8080", "anything.test", 8080, True),
        ("*:8080", "anything.test", 80, False),
        ("example.org:8443", "example.org", 8443, True),
        ("bücher.example", "xn--bcher-kva.example", 443, True),
        ("[2606:4700::1111]:8080", "2606:4700::1111", 8080, True),
        ("2606:4700::1111", "2606:4700::1111", 443, True),
        ("1.1.1.1", "1.1.1.1", 443, True),
    ],
)
def test_patterns(pattern: str, host: str, port: int, allowed: bool) -> None:
    """A host, those below one, or all; with the ports of the web or the one that is named."""
    assert HostPattern.parse(pattern).allows(host, port) is allowed


@pytest.mark.parametrize(
    "said",
    ["https://example.org", "example.org/path", "*.*.org", "a*.org", "*.", "x:0", "x:99999", "x:y", "1.2.3", "-"],
)
def test_what_is_no_pattern(said: str) -> None:
    """Is refused with what would have been right."""
    with pytest.raises(ValueError, match="Write hosts without a scheme"):
        parse_patterns(f"example.org, {said}")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "a..b", "", "x" * 64])
def test_what_is_no_host(host: str) -> None:
    """Numbers that a resolver would take for an address, and what no name may be."""
    with pytest.raises(NoHost):
        plain(host)
