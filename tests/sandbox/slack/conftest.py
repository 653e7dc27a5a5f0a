"""A sandbox on a free port, and the real client libraries pointed at it."""

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import ManualClock
from sandbox.slack.server import SlackSandbox

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]
Serve = Callable[[AsyncApp], Awaitable[str]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack_sdk sends everything through a proxy named in the environment, loopback included."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("SLACK_")]:
        monkeypatch.delenv(name)
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    """Real time, retries at once, no rate limits. Tests of what is not acknowledged shorten `ack_seconds`."""
    sandbox = SlackSandbox(rate_limits=None, retry_delays=(0, 0, 0))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def timed(clock: ManualClock) -> AsyncIterator[SlackSandbox]:
    """Time stands still until the test moves it; rate limits are on."""
    sandbox = SlackSandbox(now=clock)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session


@pytest.fixture
def client(slack: SlackSandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The bot's own Web API client."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
def timed_client(timed: SlackSandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=timed.bot_token, base_url=timed.api_url, session=session, retry_handlers=[])


@pytest.fixture
def app(client: AsyncWebClient, slack: SlackSandbox) -> AsyncApp:
    """A Bolt app that acknowledges after its listener returned."""
    return AsyncApp(client=client, signing_secret=slack.signing_secret, process_before_response=True)


@pytest.fixture
async def connect(slack: SlackSandbox) -> AsyncIterator[Connect]:
    """Connects a Bolt app by Socket Mode."""
    handlers: list[AsyncSocketModeHandler] = []

    async def connected(app: AsyncApp) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
        handlers.append(handler)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it unannotated
        await slack.connected(len(handlers))
        return handler

    yield connected
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]  # bolt leaves it unannotated


@pytest.fixture
async def serve(slack: SlackSandbox) -> AsyncIterator[Serve]:
    """Serves a Bolt app on a free port and makes it the sandbox's request URL."""
    runners: list[web.AppRunner] = []

    async def served(app: AsyncApp) -> str:
        runner = web.AppRunner(app.web_app(path="/slack/events"), shutdown_timeout=0.5)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        assert await slack.use_request_url(url)
        return url

    yield served
    for runner in runners:
        await runner.cleanup()
