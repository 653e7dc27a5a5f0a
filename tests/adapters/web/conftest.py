"""Web servers on this machine that do as they are told, down to the byte, and names that lead to them."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.addresses import Address
from adapters.web.hosts import parse_patterns
from adapters.web.pages import Bounds, WebPages

LOOPBACK = "127.0.0.1"
BOUNDS = Bounds()


def on_this_machine(address: Address) -> bool:
    """What tests permit in place of public addresses: the one that their servers listen on."""
    return address == ipaddress.ip_address(LOOPBACK)


@dataclass(slots=True, kw_only=True)
class Names:
    """A resolver that knows these names, and counts how often it is asked. A name with several answers gives one after
    the other."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The next answer for the name; the last one again and again."""
        self.asked.append(host)
        known = self.answers.get(host)
        if known is None:
            raise OSError("no such host")
        return known.pop(0) if len(known) > 1 else known[0]


Serve = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Site:
    """A server whose pages are written as bytes, and what it was asked."""

    port: int = 0
    pages: dict[str, bytes | Serve] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    """That TLS clients asked for."""

    def page(self, path: str, body: bytes | str, kind: str = "text/html; charset=utf-8", *more: str) -> None:
        """That page is there."""
        content = body if isinstance(body, bytes) else body.encode()
        head = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *more, "", ""]
        self.pages[path] = "\r\n".join(head).encode() + content

    def moved(self, path: str, to: str, code: int = 302, *more: str) -> None:
        """That page has moved."""
        head = [f"HTTP/1.1 {code} Moved", f"Location: {to}", "Content-Length: 0", *more, "", ""]
        self.pages[path] = "\r\n".join(head).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection."""
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(request)
            answer = self.pages.get(request.split(" ")[1], b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has heard enough
        finally:
            writer.close()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A server on a free port."""
    found = Site()
    server = await asyncio.start_server(found.serve, LOOPBACK, 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


@pytest.fixture
def names() -> Names:
    """`site.test` is this machine."""
    return Names(answers={"site.test": [[LOOPBACK]]})


Opened = Callable[..., WebPages]


@pytest.fixture
async def web(names: Names, site: Site) -> AsyncIterator[Opened]:
    """Opens readers of the site, which are closed in the end."""
    opened: list[WebPages] = []

    def open_reader(
        patterns: str = "",
        *,
        permitted: Callable[[Address], bool] = on_this_machine,
        bounds: Bounds = BOUNDS,
        trust: ssl.SSLContext | None = None,
    ) -> WebPages:
        allowed = parse_patterns(patterns or f"*:{site.port}")
        opened.append(WebPages(allowed, resolver=names, permitted=permitted, bounds=bounds, trust=trust))
        return opened[-1]

    yield open_reader
    for one in opened:
        await one.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate for `site.test`, and whoever trusts it."""

    server: ssl.SSLContext
    trust: ssl.SSLContext


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """Made for this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("site.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "site.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return Certificate(server=server, trust=ssl.create_default_context(cafile=str(file)))
