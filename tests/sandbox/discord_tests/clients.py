"""What the tests hold in their hands: the real discord.py pointed at a sandbox, and plain REST calls.

Imported before anything else that imports discord: the library imports audioop, which Python deprecates.
"""

import asyncio
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import aiohttp
import pytest
import yarl

from sandbox.discord.server import DiscordSandbox

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord
    from discord import app_commands
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

PATIENCE = 5.0
Item = TypeVar("Item")


def with_content() -> discord.Intents:
    """The default intents and MESSAGE_CONTENT."""
    intents = discord.Intents.default()
    intents.message_content = True
    return intents


def point(monkeypatch: pytest.MonkeyPatch, sandbox: DiscordSandbox) -> None:
    """discord.py talks to this sandbox; both settings are global to the process, the monkeypatch puts them back."""
    monkeypatch.setattr(Route, "BASE", sandbox.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))


class Bot(discord.Client):
    """A client that keeps what it heard, in order, for the test to await."""

    def __init__(self, *, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(intents=intents or with_content(), guild_ready_timeout=0, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.edits: asyncio.Queue[discord.RawMessageUpdateEvent] = asyncio.Queue()
        self.deletions: asyncio.Queue[discord.RawMessageDeleteEvent] = asyncio.Queue()
        self.reactions: asyncio.Queue[discord.RawReactionActionEvent] = asyncio.Queue()

    async def on_message(self, message: discord.Message) -> None:
        if self.user is not None and message.author.id != self.user.id:
            self.heard.put_nowait(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.edits.put_nowait(event)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.deletions.put_nowait(event)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.reactions.put_nowait(event)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait the five seconds that Discord asks for between two identifies."""

    async def next_message(self) -> discord.Message:
        return await soon(self.heard)

    def place(self, channel_id: str) -> discord.PartialMessageable:
        """The channel without asking for it first."""
        return self.get_partial_messageable(int(channel_id))


Connect = Callable[..., Any]


async def soon(queue: "asyncio.Queue[Item]") -> Item:
    """The next thing in the queue. TimeoutError when nothing comes."""
    async with asyncio.timeout(PATIENCE):
        return await queue.get()


class Api:
    """Plain REST calls with the bot's token, for what discord.py would hide by waiting or trying again."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: DiscordSandbox) -> None:
        self._session = session
        self._sandbox = sandbox

    async def __call__(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, Any, Any]:
        """Status, JSON (None without a body) and headers."""
        headers = {"Authorization": f"Bot {self._sandbox.token if token is None else token}"}
        url = self._sandbox.api_url + path
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            said = await answer.json() if answer.status != 204 else None
            return answer.status, said, answer.headers

    async def fetched(self, url: str) -> int:
        """The status of a plain GET without any token."""
        async with self._session.get(yarl.URL(url, encoded=True)) as answer:
            return answer.status

    async def broken(self, method: str, path: str) -> int:
        """The error code of a call whose body is no JSON."""
        headers = {"Authorization": f"Bot {self._sandbox.token}", "Content-Type": "application/json"}
        async with self._session.request(method, self._sandbox.api_url + path, data="{", headers=headers) as answer:
            return int((await answer.json())["code"])

    async def refused(self, method: str, path: str, body: Any = None) -> int:
        """Discord's error code of a call that it refuses."""
        status, said, _ = await self(method, path, body)
        assert status >= 400, said
        return int(said["code"])
