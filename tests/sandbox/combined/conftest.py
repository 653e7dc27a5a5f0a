"""A tiny platform that speaks the control API, so that the whole can be tried without Slack and Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from sandbox.combined.platforms import Platform


@dataclass(slots=True)
class TinyPlatform:
    """Knows its address, counts who connects, and can be slow about a call."""

    name: str
    address: str = ""
    connections: asyncio.Event = field(default_factory=asyncio.Event)
    slow_call_began: asyncio.Event = field(default_factory=asyncio.Event)
    slow_call_may_end: asyncio.Event = field(default_factory=asyncio.Event)
    slow_call_ended: asyncio.Event = field(default_factory=asyncio.Event)

    def create_app(self) -> web.Application:
        """Its application: a state, a place to connect, and a slow call."""
        app = web.Application()
        app.router.add_get("/_sandbox/state", self._state)
        app.router.add_post("/connect", self._connect)
        app.router.add_post("/slow", self._slow)
        return app

    def mounted_at(self, address: str) -> None:
        """Remembers where it is."""
        self.address = address

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response({"workspace": {"name": self.name}})

    async def _connect(self, _: web.Request) -> web.Response:
        self.connections.set()
        return web.json_response({"ok": True})

    async def _slow(self, _: web.Request) -> web.Response:
        self.slow_call_began.set()
        await self.slow_call_may_end.wait()
        self.slow_call_ended.set()
        return web.json_response({"ok": True})

    def platform(self) -> Platform:
        """As the combined server takes it."""
        return Platform(
            name=self.name,
            create_app=self.create_app,
            mounted_at=self.mounted_at,
            environment=lambda: {f"{self.name.upper()}_API_URL": self.address},
            connected=self.connections.wait,
        )


@pytest.fixture
def slack() -> TinyPlatform:
    """Stands where Slack will be."""
    return TinyPlatform("slack")


@pytest.fixture
def discord() -> TinyPlatform:
    """Stands where Discord will be."""
    return TinyPlatform("discord")


@pytest.fixture
def platforms(slack: TinyPlatform, discord: TinyPlatform) -> tuple[Platform, ...]:
    """Both, as the combined server takes them."""
    return (slack.platform(), discord.platform())


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session
