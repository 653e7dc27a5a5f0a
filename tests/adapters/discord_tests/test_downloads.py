"""Files that people send: read from Discord's hosts alone, within bounds, also when their address is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
import yarl
from aiohttp import web

from adapters.discord.app import DiscordApp
from adapters.discord.downloads import expired, trusted
from adapters.discord.surface import DiscordSurface
from core.errors import FileTooLarge, PostGone, SurfaceError, SurfaceForbidden, SurfaceUnavailable
from core.incoming import Attachment
from sandbox.clock import ManualClock
from sandbox.discord.attachments import HOLDS_SECONDS, Upload
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver, Surfaces

CONTENT = bytes(range(256)) * 1_000
Hosts = Callable[[web.Application], Awaitable[str]]


async def sent(discord: DiscordSandbox, receiver: HeardReceiver, content: bytes = CONTENT) -> Attachment:
    """A file that Ann sent, as it was heard."""
    count = len(receiver.received)
    upload = Upload(name="Fünf & mehr.bin", content=content, mimetype="application/octet-stream")
    await discord.say("ann", "dm", "look", attachments=[upload])
    return (await receiver.heard(count + 1))[-1].attachments[0]


def at(url: str, size: int = 1) -> Attachment:
    """A file with that address."""
    return Attachment(id="1", name="f", media_type="text/plain", size=size, url=url)


@pytest.fixture
async def host() -> AsyncIterator[Hosts]:
    """Starts a web server of somebody else; its address."""
    runners: list[web.AppRunner] = []

    async def started(app: web.Application) -> str:
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield started
    for runner in runners:
        await runner.cleanup()


async def test_file_is_read(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, surface: DiscordSurface
) -> None:
    """Every byte, whatever it is called."""
    assert await surface.fetch(await sent(discord, receiver), most=len(CONTENT)) == CONTENT


async def test_address_that_is_over(
    timed: DiscordSandbox, time_of_discord: ManualClock, start: Apps, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """After a day the address is asked for anew; a file that is not there any more is gone."""
    await start(timed)
    attachment = await sent(timed, receiver)
    time_of_discord.advance(HOLDS_SECONDS + 60)
    surface = surface_on(timed)
    assert await surface.fetch(attachment, most=len(CONTENT)) == CONTENT
    assert len(timed.calls_of("refresh_urls")) == 1
    timed._attachments._stored.clear()
    with pytest.raises(PostGone):
        await surface.fetch(attachment, most=len(CONTENT))


async def test_forged_signature(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, surface: DiscordSurface
) -> None:
    """An address that Discord does not know for its own is asked for anew as well, as one that changed its key."""
    attachment = await sent(discord, receiver)
    forged = str(yarl.URL(attachment.url, encoded=True).update_query(hm="0"))
    assert await surface.fetch(at(forged), most=len(CONTENT)) == CONTENT


async def test_too_large(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, surface: DiscordSurface, host: Hosts
) -> None:
    """Refused by what is said of its size, and while it is read where that was not true."""
    attachment = await sent(discord, receiver)
    with pytest.raises(FileTooLarge):
        await surface.fetch(attachment, most=len(CONTENT) - 1)
    with pytest.raises(FileTooLarge):
        await surface.fetch(at(attachment.url, size=0), most=len(CONTENT) - 1)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "http://",
        "file:///etc/passwd",
        "http://cdn.discordapp.com/attachments/1/2/f",
        "https://cdn.discordapp.com:8443/attachments/1/2/f",
        "https://somebody@cdn.discordapp.com/attachments/1/2/f",
        "https://cdn.discordapp.com.evil.example/attachments/1/2/f",
        "https://evil.example/cdn.discordapp.com/f",
        "http://127.0.0.1:1/f",
        "http://[::1",
    ],
)
async def test_foreign_addresses(surface: DiscordSurface, discord: DiscordSandbox, url: str) -> None:
    """No other host is asked, whatever a message says."""
    with pytest.raises(SurfaceForbidden):
        await surface.fetch(at(url), most=10)


async def test_redirects_are_not_followed(
    surface: DiscordSurface, discord: DiscordSandbox, host: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even from a host that we trust: the next one could be anybody's, or inside our own network."""
    asked: list[str] = []

    async def inside(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"secret")

    private = web.Application()
    private.router.add_get("/secret", inside)
    elsewhere = await host(private)

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound(f"{elsewhere}/secret")

    front = web.Application()
    front.router.add_get("/f", moved)
    base = await host(front)
    monkeypatch.setattr(surface.rest, "_base", f"{base}/api/v10")
    with pytest.raises(SurfaceError, match="302"):
        await surface.fetch(at(f"{base}/f"), most=10)
    assert asked == []


async def test_no_token_is_sent(
    surface: DiscordSurface, discord: DiscordSandbox, host: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files need none, so the bot's token stays where it is needed; a host out of order may be tried later."""
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b"x") if request.path == "/f" else web.Response(status=503)

    front = web.Application()
    front.router.add_get("/{name}", answer)
    base = await host(front)
    monkeypatch.setattr(surface.rest, "_base", f"{base}/api/v10")
    assert await surface.fetch(at(f"{base}/f"), most=10) == b"x"
    with pytest.raises(SurfaceUnavailable):
        await surface.fetch(at(f"{base}/down"), most=10)
    assert seen == [None, None]


def test_hosts() -> None:
    """Discord's two hosts by https, and where the configured interface is."""
    base = "http://127.0.0.1:8000/discord/api/v10"
    for good in ("https://cdn.discordapp.com/a", "https://media.discordapp.net/a", "http://127.0.0.1:8000/discord/cdn"):
        assert trusted(yarl.URL(good), base)
    for bad in ("http://127.0.0.1:8001/a", "https://127.0.0.1:8000/a", "https://discord.com/a", "ftp://127.0.0.1:8000"):
        assert not trusted(yarl.URL(bad), base)


def test_expiry() -> None:
    """The time stands in the address in hexadecimal; an address without one is tried."""
    now = datetime.fromtimestamp(0x1000, UTC)
    for query, over in (("ex=2000", False), ("ex=1000", True), ("ex=fff", True), ("", False), ("ex=zz", False)):
        assert expired(yarl.URL(f"https://cdn.discordapp.com/a?{query}"), now) is over
