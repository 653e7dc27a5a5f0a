"""No address, redirect or name leads into the network that Parley itself is in."""

from __future__ import annotations

import asyncio

import pytest

from adapters.addresses import is_public
from adapters.web.route import SystemResolver
from core.tools.tool import ToolFailed
from tests.adapters.web.conftest import LOOPBACK, Certificate, Names, Opened, Site

PUBLIC = "1.1.1.1"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "169.254.169.254",
        "metadata.test",
        "127%2e0%2e0%2e1",
        "①②⑦.0.0.1",
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "127。0。0。1",
        "loopback.test",
    ],
)
async def test_this_machine_is_never_asked(web: Opened, site: Site, names: Names, host: str) -> None:
    """However its address is written, although every host is allowed and a server listens there."""
    site.page("/", "secret")
    names.answers |= {name: [[LOOPBACK]] for name in ("localhost", "loopback.test", "2130706433", "127.1", "0")}
    names.answers["metadata.test"] = [["169.254.169.254"]]
    with pytest.raises(ToolFailed):
        await web(permitted=is_public).fetch(f"http://{host}:{site.port}/")
    assert site.requests == []


async def test_the_systems_own_resolver(site: Site) -> None:
    """It answers for this machine's name with addresses that are refused."""
    found = await SystemResolver().addresses("localhost", site.port)
    assert LOOPBACK in found or "::1" in found
    with pytest.raises(OSError, match=r"\S"):
        await SystemResolver().addresses("no-such-host.invalid", 80)


@pytest.mark.parametrize(
    "address",
    [
        "http://site.test@loopback.test:{port}/",
        "http://user:password@site.test:{port}/",
        "http://site.test:{port}\\@loopback.test/",
        "http://site.test:{port} /",
        "http://site.test:{port}/\r\nX: y",
        "http://loopback.test:{port}/#@site.test",
        "http://loopback.test:{port}/?site.test",
        "http://site.test.loopback.test:{port}/",
        "ftp://site.test:{port}/",
        "file:///etc/hostname",
        "gopher://site.test:{port}/",
        "//site.test:{port}/",
        "site.test",
        "http://",
        "http:///path",
        "http://site.test:99999/",
        "http://[::1/",
        "",
    ],
)
async def test_tricks_of_addresses(web: Opened, site: Site, names: Names, address: str) -> None:
    """What is before an @, behind a backslash or below another name is no allowed host; nor is another scheme."""
    names.answers |= {name: [[LOOPBACK]] for name in ("loopback.test", "site.test.loopback.test")}
    with pytest.raises(ToolFailed):
        await web(f"site.test:{site.port}").fetch(address.format(port=site.port))
    assert site.requests == []


async def test_only_allowed_hosts_and_ports(web: Opened, site: Site, names: Names) -> None:
    """Others are refused before they are looked up, with the word which are allowed."""
    with pytest.raises(ToolFailed, match=r"My operator allows: site\.test, "):
        await web(f"site.test:{site.port}, *.example.org").fetch(f"http://other.test:{site.port}/")
    with pytest.raises(ToolFailed, match=f"Port {site.port} of that host"):
        await web("site.test").fetch(f"http://site.test:{site.port}/")
    assert (names.asked, site.requests) == ([], [])


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to",
    ["http://127.0.0.2:{port}/secret", "http://loopback.test:{port}/secret", "file:///etc/hostname", "//[::1]:{port}/"],
)
async def test_redirects_are_checked_again(web: Opened, site: Site, names: Names, to: str, code: int) -> None:
    """One into this machine ends there."""
    names.answers["loopback.test"] = [["127.0.0.2"]]
    site.moved("/", to.format(port=site.port), code)
    with pytest.raises(ToolFailed):
        await web().fetch(f"http://site.test:{site.port}/")
    assert len(site.requests) == 1


async def test_redirects_to_hosts_that_are_not_allowed(web: Opened, site: Site, names: Names) -> None:
    """They are not followed, though the address would be."""
    names.answers["other.test"] = [[LOOPBACK]]
    site.moved("/", f"http://other.test:{site.port}/")
    with pytest.raises(ToolFailed, match="may not be read"):
        await web(f"site.test:{site.port}").fetch(f"http://site.test:{site.port}/")
    assert len(site.requests) == 1


async def test_redirects_end(web: Opened, site: Site) -> None:
    """After five."""
    site.moved("/", "/")
    with pytest.raises(ToolFailed, match="from one address to the next"):
        await web().fetch(f"http://site.test:{site.port}/")
    assert len(site.requests) == 6


async def test_dns_that_changes_its_mind(web: Opened, site: Site, names: Names) -> None:
    """The name is looked up once, and the connection goes to what was checked: a second answer is never asked for."""
    names.answers["site.test"] = [[LOOPBACK], ["127.0.0.2"]]
    site.page("/", "<p>hello</p>")
    page = await web().fetch(f"http://site.test:{site.port}/")
    assert page.content == b"<p>hello</p>"
    assert names.asked == ["site.test"]
    with pytest.raises(ToolFailed, match="not on the public web"):
        await web().fetch(f"http://site.test:{site.port}/")
    assert len(site.requests) == 1


async def test_one_private_address_condemns_a_name(web: Opened, site: Site, names: Names) -> None:
    """Although another of its addresses may be asked."""
    names.answers["site.test"] = [[LOOPBACK, "10.0.0.1"]]
    site.page("/", "hello")
    with pytest.raises(ToolFailed, match="not on the public web"):
        await web().fetch(f"http://site.test:{site.port}/")
    assert site.requests == []


async def test_names_that_lead_nowhere(web: Opened, site: Site, names: Names) -> None:
    """It is said so."""
    names.answers["empty.test"] = [[]]
    for host in ("unknown.test", "empty.test"):
        with pytest.raises(ToolFailed, match="no such host"):
            await web().fetch(f"http://{host}:{site.port}/")


async def test_ipv6_and_a_second_machine(web: Opened, names: Names) -> None:
    """A name may lead to several machines; where the first cannot be reached, another is asked. Addresses of IPv6 are
    written as they must be."""
    found = Site()
    server = await asyncio.start_server(found.serve, "::1", 0)
    port = server.sockets[0].getsockname()[1]
    found.page("/", "hello")
    names.answers["site.test"] = [[LOOPBACK, "::1"]]
    reader = web(f"*:{port}", permitted=lambda address: address.is_loopback)
    assert (await reader.fetch(f"http://site.test:{port}/")).content == b"hello"
    assert (await reader.fetch(f"http://[::1]:{port}/")).address == f"http://[::1]:{port}/"
    named, literal = (request.lower() for request in found.requests)
    assert f"host: site.test:{port}\r\n" in named
    assert f"host: [::1]:{port}\r\n" in literal
    server.close()


async def test_nothing_of_ours_is_sent(
    web: Opened, site: Site, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    """The host's own name goes along; cookies, credentials and proxies of the environment do not."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    site.moved("/", "/next", 302, "Set-Cookie: id=1; Path=/")
    site.page("/next", "hello")
    reader = web()
    await reader.fetch(f"http://site.test:{site.port}/")
    await reader.fetch(f"http://site.test:{site.port}/next")
    assert len(site.requests) == 3
    for request in site.requests:
        assert f"host: site.test:{site.port}\r\n" in request.lower()
        assert "cookie" not in request.lower()
        assert "authorization" not in request.lower()


async def test_certificates_are_for_the_host(web: Opened, names: Names, certificate: Certificate) -> None:
    """The connection goes to an address, but the certificate must be that of the name, which TLS asks for."""
    found = Site()

    def asked_for(_connection: object, name: str | None, _context: object) -> None:
        found.names.append(name)

    certificate.server.sni_callback = asked_for
    server = await asyncio.start_server(found.serve, LOOPBACK, 0, ssl=certificate.server)
    port = server.sockets[0].getsockname()[1]
    found.page("/", "hello")
    names.answers["other.test"] = [[LOOPBACK]]
    reader = web(f"*:{port}", trust=certificate.trust)
    assert (await reader.fetch(f"https://site.test:{port}/")).content == b"hello"
    with pytest.raises(ToolFailed, match="no valid certificate"):
        await reader.fetch(f"https://other.test:{port}/")
    with pytest.raises(ToolFailed, match="no valid certificate"):
        await web(f"*:{port}").fetch(f"https://site.test:{port}/")
    assert found.names == ["site.test", "other.test", "site.test"]
    assert len(found.requests) == 1
    server.close()
