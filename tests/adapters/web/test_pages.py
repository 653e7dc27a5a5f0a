"""What is read of a page, and how much: no server can make it long, large or slow."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.bodies import Body, Undecodable
from adapters.web.contents import name_of, title_of
from adapters.web.pages import Bounds
from core.incoming import ReplyTarget
from core.tools.tool import Scene, ToolFailed
from core.tools.web import MOST_CHARACTERS, fetching
from core.turn import Turn, TurnState
from tests.adapters.web.conftest import Opened, Site
from tests.core.tools.conftest import ANNA, KEY, NOW
from tests.core.tools.pages import Articles

ARTICLE = (
    "<html><head><title>Herons &amp;\n other birds</title></head><body><nav>Menu</nav><article><h1>Herons</h1>"
    + "<p>Herons are long-legged, long-necked, freshwater and coastal birds, with some sixty species.</p>" * 3
    + "</article><script>alert(1)</script></body></html>"
)


def address(site: Site, path: str = "/") -> str:
    """Of a page of the site."""
    return f"http://site.test:{site.port}{path}"


def packed(content: bytes, encoding: str) -> bytes:
    """The content as a server sends it."""
    match encoding:
        case "gzip":
            return gzip.compress(content)
        case "deflate":
            return zlib.compress(content)
        case _:
            return content


# ── what is read ──


async def test_a_page_as_text(web: Opened, site: Site) -> None:
    """The tool gives title, last address and readable text, without menus and scripts."""
    site.moved("/old", "/new?a=1#part")
    site.page("/new?a=1", ARTICLE)
    turn = Turn(
        id=1,
        key=KEY,
        seq=1,
        state=TurnState.RUNNING,
        asker=ANNA,
        target=ReplyTarget(key=KEY, kind="thread", details={}),
        queued_at=NOW,
    )
    tool = fetching(web(), Articles())
    text = (await tool.handler(Scene(turn=turn, now=NOW), {"url": address(site, "/old")})).text
    assert text.startswith(f"Title: Herons & other birds\nAddress: {address(site, '/new?a=1')}\n\n")
    assert "long-legged" in text
    assert "alert" not in text
    site.page("/long", "word " * MOST_CHARACTERS, "text/plain")
    text = (await tool.handler(Scene(turn=turn, now=NOW), {"url": address(site, "/long")})).text
    assert len(text) < MOST_CHARACTERS + 200
    site.page("/empty", "<html></html>")
    with pytest.raises(ToolFailed, match="no readable text"):
        await tool.handler(Scene(turn=turn, now=NOW), {"url": address(site, "/empty")})


async def test_letters_of_the_server(web: Opened, site: Site) -> None:
    """What is not in UTF-8 comes in UTF-8, by the word of the server."""
    site.page("/", "Größe".encode("latin-1"), "text/plain; charset=ISO-8859-1")
    assert (await web().fetch(address(site))).content.decode() == "Größe"
    site.page("/odd", "Größe", "text/plain; charset=rot13")
    assert (await web().fetch(address(site, "/odd"))).content.decode() == "Größe"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
async def test_compressed_pages(web: Opened, site: Site, encoding: str) -> None:
    """Are unpacked."""
    site.page("/", packed(ARTICLE.encode(), encoding), "text/html", f"Content-Encoding: {encoding}")
    assert (await web().fetch(address(site))).content.decode() == ARTICLE


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd", "gzip"])
async def test_what_cannot_be_unpacked(web: Opened, site: Site, encoding: str) -> None:
    """It is said so."""
    site.page("/", "no such thing", "text/html", f"Content-Encoding: {encoding}")
    with pytest.raises(ToolFailed, match="decompressed"):
        await web().fetch(address(site))


@pytest.mark.parametrize("kind", ["image/png", "application/zip", "application/octet-stream", "video/mp4"])
async def test_only_what_has_text(web: Opened, site: Site, kind: str) -> None:
    """Pictures and archives are named and not read."""
    site.page("/", b"\x00", kind)
    with pytest.raises(ToolFailed, match=kind):
        await web().fetch(address(site))


async def test_answers_that_are_no_page(web: Opened, site: Site) -> None:
    """The status is told in words; and that something is no web server at all."""
    with pytest.raises(ToolFailed, match=r"404 \(Not Found\)"):
        await web().fetch(address(site, "/missing"))
    site.pages["/rubbish"] = b"SSH-2.0-OpenSSH_9.6\r\n"
    with pytest.raises(ToolFailed, match="as a web server does"):
        await web().fetch(address(site, "/rubbish"))
    site.pages["/short"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\nshort"
    with pytest.raises(ToolFailed, match="as a web server does"):
        await web().fetch(address(site, "/short"))


async def test_nobody_listens(web: Opened, site: Site, unused_tcp_port: int) -> None:
    """The host cannot be reached."""
    with pytest.raises(ToolFailed, match="cannot be reached"):
        await web(f"*:{unused_tcp_port}").fetch(f"http://site.test:{unused_tcp_port}/")


# ── bounds ──


async def test_a_long_page_is_cut(web: Opened, site: Site) -> None:
    """Its beginning is read and it is said; a PDF is of no use in part."""
    site.page("/", "word " * 100_000)
    site.page("/pdf", b"%PDF" + bytes(500_000), "application/pdf")
    reader = web(bounds=Bounds(bytes_most=100_000))
    page = await reader.fetch(address(site))
    assert (len(page.content), page.cut) == (100_000, "only its first 0.1 MB were read")
    with pytest.raises(ToolFailed, match="too large"):
        await reader.fetch(address(site, "/pdf"))


async def test_a_gzip_bomb(web: Opened, site: Site) -> None:
    """400 megabytes in 400 kilobytes take no more memory than a page may."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([*(packer.compress(bytes(10_000_000)) for _ in range(40)), packer.flush()])
    site.page("/", bomb, "text/html", "Content-Encoding: gzip")
    reader = web(bounds=Bounds(bytes_most=1_000_000))
    tracemalloc.start()
    page = await reader.fetch(address(site))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(page.content) == 1_000_000
    assert page.cut
    assert peak < 12_000_000


async def test_an_endless_body(web: Opened, site: Site) -> None:
    """Is left as soon as there is enough."""
    ended = asyncio.Event()

    async def endless(_request: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        try:
            while True:
                writer.write(b"more " * 1_000)
                await writer.drain()
        finally:
            ended.set()

    site.pages["/"] = endless
    page = await web(bounds=Bounds(bytes_most=50_000)).fetch(address(site))
    assert len(page.content) == 50_000
    await asyncio.wait_for(ended.wait(), 5)


@pytest.mark.parametrize(
    "slowly", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b""]
)
async def test_a_slow_server(web: Opened, site: Site, slowly: bytes) -> None:
    """One that sends a byte of its headers or its page now and then is left when the time for all is over, one that
    says nothing at all as well."""

    async def drip(_request: str, writer: asyncio.StreamWriter) -> None:
        writer.write(slowly)
        while not writer.is_closing():
            if slowly:
                writer.write(b"x")
                await writer.drain()
            await asyncio.sleep(0.02)

    site.pages["/"] = drip
    with pytest.raises(ToolFailed, match="took too long"):
        await web(bounds=Bounds(seconds=0.3, quiet_seconds=0.2)).fetch(address(site))


async def test_endless_headers(web: Opened, site: Site) -> None:
    """Are left, too."""

    async def headers(_request: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"y" * 1_000 + b"\r\n")
            await writer.drain()

    site.pages["/"] = headers
    with pytest.raises(ToolFailed, match="as a web server does"):
        await web().fetch(address(site))


# ── pure ──


@given(st.binary(max_size=3_000), st.sampled_from(["", "gzip", "deflate"]), st.integers(1, 4_000), st.data())
def test_bodies_are_cut_exactly(content: bytes, encoding: str, most: int, data: st.DataObject) -> None:
    """In whatever pieces the bytes come: the beginning, and whether there was more."""
    sent = packed(content, encoding)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    body = Body(encoding, most)
    for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        body.feed(sent[begin:end])
    assert body.content == content[:most]
    assert body.full == (len(content) > most)


@given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "x-gzip", "br"]))
def test_broken_bodies(content: bytes, encoding: str) -> None:
    """Are Undecodable or come to something; no other error comes out."""
    try:
        Body(encoding, 100).feed(content)
    except Undecodable:
        return


def test_deflate_without_its_header() -> None:
    """As some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = Body("deflate", 100)
    body.feed(packer.compress(b"hello") + packer.flush())
    assert body.content == b"hello"


@given(st.binary(max_size=2_000))
def test_titles_of_anything(content: bytes) -> None:
    """Never fail, and are one line."""
    assert "\n" not in title_of(b"<title>" + content)


def test_titles_and_names() -> None:
    """The first title; the end of the path with the ending of its kind."""
    assert title_of(b"<HTML><Title lang=en>A &lt;B&gt;</TITLE><svg><title>icon</title></svg>") == "A <B>"
    assert title_of(b"<p>none</p>") == ""
    assert name_of("/a/b%20c", "text/html") == "b c.html"
    assert name_of("/", "application/pdf") == "page.pdf"
    assert name_of("/x.csv", "text/csv") == "x.csv"
