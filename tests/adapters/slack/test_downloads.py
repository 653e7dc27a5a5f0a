"""Files that people gave us, from Slack's hosts and from nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import yarl
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import downloads
from adapters.slack.app import SlackApp
from adapters.slack.attachments import attachments
from adapters.slack.downloads import trusted
from adapters.slack.surface import SlackSurface
from core.errors import FileTooLarge, PostGone, SurfaceBusy, SurfaceForbidden, SurfaceUnavailable
from core.incoming import Attachment
from sandbox.slack.files import Upload
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import HeardReceiver, Observations

NOTES = Upload(name="meine notizen #1.txt", content=b"hello " * 1_000)


async def _attached(slack: SlackSandbox, upload: Upload) -> Attachment:
    """The file as a message brings it."""
    await slack.say("ann", "#help", "look", files=[upload])
    (attachment,) = attachments(slack.messages("#help")[-1].files)
    return attachment


async def test_fetched(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface) -> None:
    """A file that came with a message is read whole."""
    await slack.say("ann", "dm", "look", files=[NOTES])
    ((file,),) = [one.attachments for one in await receiver.heard()]
    assert await surface.fetch(file, most=10_000) == NOTES.content


async def test_foreign(slack: SlackSandbox, surface: SlackSurface) -> None:
    """A file from another company has no address; Slack is asked for it."""
    file = await _attached(slack, replace(NOTES, foreign=True))
    assert (file.url, file.size) == ("", 0)
    assert await surface.fetch(file, most=10_000) == NOTES.content
    with pytest.raises(FileTooLarge):
        await surface.fetch(file, most=100)


async def test_pages(slack: SlackSandbox, surface: SlackSurface) -> None:
    """A page that somebody gave us is a file; the sign-in page that Slack sends instead of a file is none."""
    page = await _attached(slack, Upload(name="a.html", content=b"<p>hi</p>", mimetype="text/html"))
    text = await _attached(slack, NOTES)
    assert await surface.fetch(page, most=1_000) == b"<p>hi</p>"
    slack.manifest.scopes.discard("files:read")
    for file in (page, text):
        with pytest.raises(SurfaceForbidden) as caught:
            await surface.fetch(file, most=10_000)
        assert "files:read" in caught.value.detail


async def test_too_large(slack: SlackSandbox, surface: SlackSurface) -> None:
    """What is said to be too large is not asked for, and what turns out to be is not read to its end."""
    file = await _attached(slack, NOTES)
    with pytest.raises(FileTooLarge):
        await surface.fetch(file, most=file.size - 1)
    with pytest.raises(FileTooLarge):
        await surface.fetch(replace(file, size=3), most=10)


async def test_gone(slack: SlackSandbox, surface: SlackSurface) -> None:
    """A file that was taken back is gone, with its address and without."""
    file = await _attached(slack, NOTES)
    missing = replace(file, id="F0", url=file.url.replace(file.id, "F0"))
    for one in (missing, replace(missing, url="")):
        with pytest.raises(PostGone):
            await surface.fetch(one, most=10_000)


class Elsewhere:
    """A host that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.base = ""
        self.tokens: list[str | None] = []
        self.location = ""
        self.status = 302

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers.get("Authorization"))
        if request.path == "/endless":
            answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
            await answer.prepare(request)
            for _ in range(100):
                await answer.write(b"x" * 65_536)
            return answer
        if request.path == "/file":
            return web.Response(body=b"hello", content_type="text/plain")
        return web.Response(status=self.status, headers={"Location": self.location, "Retry-After": "7"})


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    host = Elsewhere()
    app = web.Application()
    app.router.add_get("/{path:.*}", host.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield host
    await runner.cleanup()


@pytest.fixture
async def near(elsewhere: Elsewhere, surface: SlackSurface, observations: Observations) -> AsyncIterator[SlackSurface]:
    """A surface whose Slack is that host."""
    api = f"{elsewhere.base}/api/"
    made = SlackSurface(token="xoxb-secret", api_url=api, observer=observations, clock=surface.clock)
    yield made
    await made.close()


def _file(url: str) -> Attachment:
    return Attachment(id="F1", name="a.txt", media_type="text/plain", size=0, url=url)


async def test_the_token_goes_nowhere_else(slack: SlackSandbox, surface: SlackSurface, elsewhere: Elsewhere) -> None:
    """No other host is asked, whatever address a file names."""
    for url in (
        f"{elsewhere.base}/file",
        "https://slack.com.example.org/x",
        "http://files.slack.com/x",
        "http://[",
        "x",
    ):
        with pytest.raises(SurfaceForbidden):
            await surface.fetch(_file(url), most=10)
    assert not elsewhere.tokens


async def test_redirects(elsewhere: Elsewhere, near: SlackSurface, slack: SlackSandbox) -> None:
    """A redirect is followed on Slack's hosts, not to others and not for ever."""
    elsewhere.location = "/file"
    assert await near.fetch(_file(f"{elsewhere.base}/moved"), most=10) == b"hello"
    assert elsewhere.tokens == ["Bearer xoxb-secret"] * 2
    for location in ("/moved", f"{slack.base_url}/files-pri/T-F/x", "http://[", ""):
        elsewhere.location = location
        with pytest.raises(SurfaceForbidden):
            await near.fetch(_file(f"{elsewhere.base}/moved"), most=10)


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, SurfaceForbidden), (410, PostGone), (429, SurfaceBusy), (503, SurfaceUnavailable)],
)
async def test_statuses(elsewhere: Elsewhere, near: SlackSurface, status: int, error: type[Exception]) -> None:
    """What the host answers is one of core's errors, without the token."""
    elsewhere.status = status
    with pytest.raises(error) as caught:
        await near.fetch(_file(f"{elsewhere.base}/x"), most=10)
    assert "secret" not in f"{caught.value!r}"
    if isinstance(caught.value, SurfaceBusy):
        assert caught.value.retry_after == 7


async def test_endless(elsewhere: Elsewhere, near: SlackSurface) -> None:
    """A file that does not say how long it is, is read no further than asked."""
    with pytest.raises(FileTooLarge):
        await near.fetch(_file(f"{elsewhere.base}/endless"), most=100_000)


async def test_no_host(near: SlackSurface, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that cannot be reached, or is silent for too long, means: later."""
    monkeypatch.setattr(downloads, "WITHIN", 0.0)
    with pytest.raises(SurfaceUnavailable):
        await near.fetch(_file(f"{elsewhere.base}/endless"), most=100_000_000)


@given(st.text(max_size=30), st.sampled_from(["https", "http", "ftp", "file"]))
def test_trusted(host: str, scheme: str) -> None:
    """Of Slack are only https addresses under its own names."""
    try:
        url = yarl.URL(f"{scheme}://{host}/x")
    except ValueError:
        return
    ours = url.scheme == "https" and (url.host or "").rstrip(".").endswith("slack.com")
    assert ours or not trusted(url, "https://slack.com/api/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://FILES.slack.com/a", True),
        ("https://acme.enterprise.slack.com/a", True),
        ("https://files.slack-gov.com/a", True),
        ("http://files.slack.com/a", False),
        ("https://files.slack.com:8443/a", False),
        ("https://user@files.slack.com/a", False),
        ("https://evilslack.com/a", False),
        ("https://slack.com@evil.org/a", False),
        ("/files-pri/a", False),
    ],
)
def test_hosts(url: str, expected: bool) -> None:
    """Look-alikes are not trusted."""
    assert trusted(yarl.URL(url), "https://slack.com/api/") is expected
