"""A sandbox on a free port, and the real discord.py pointed at it."""

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.clock import ManualClock
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Api, Bot, Connect, point


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """discord.py warns about voice and about each planned failure."""
    logging.getLogger("discord").setLevel(logging.CRITICAL)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def sandbox() -> AsyncIterator[DiscordSandbox]:
    """Real time, no rate limits."""
    sandbox = DiscordSandbox(rate_limits=None)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def timed(clock: ManualClock) -> AsyncIterator[DiscordSandbox]:
    """Time stands still until the test moves it; rate limits are on."""
    sandbox = DiscordSandbox(now=clock)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session


@pytest.fixture
def api(session: aiohttp.ClientSession, sandbox: DiscordSandbox) -> Api:
    return Api(session, sandbox)


@pytest.fixture
def timed_api(session: aiohttp.ClientSession, timed: DiscordSandbox) -> Api:
    return Api(session, timed)


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Starts a bot on a sandbox and returns it once its session is there; bots are closed after the test."""
    running: list[tuple[Bot, asyncio.Task[None]]] = []

    async def connected(sandbox: DiscordSandbox, bot: Bot | None = None, token: str | None = None) -> Bot:
        point(monkeypatch, sandbox)
        bot, before = bot or Bot(), sandbox.gateway.identified
        task = asyncio.create_task(bot.start(token or sandbox.token))
        running.append((bot, task))
        task.add_done_callback(lambda _: sandbox.changes.tell())
        await sandbox.wait_for(lambda: task.done() or sandbox.gateway.identified > before)
        if task.done():
            task.result()
        return bot

    yield connected
    for bot, task in running:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bot(connect: Connect, sandbox: DiscordSandbox) -> Bot:
    """Connected, with MESSAGE_CONTENT."""
    connected: Bot = await connect(sandbox)
    return connected
