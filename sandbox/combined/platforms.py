"""The two platforms as the combined server sees them: an application, an address, an environment, a connection."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A sandbox that can be mounted under `/<name>`."""

    name: str
    create_app: Callable[[], web.Application]
    mounted_at: Callable[[str], None]
    """Told its address, `http://127.0.0.1:8700/<name>`."""
    environment: Callable[[], Mapping[str, str]]
    """What a bot needs to come here; asked after it was mounted."""
    connected: Callable[[], Awaitable[object]]
    """Returns when a bot is connected; may raise TimeoutError."""
    manifest_command: tuple[str, ...] = ()
    """Prints the app's manifest as JSON, where the platform takes one."""
    declare: Callable[[dict[str, Any]], None] = lambda _: None
    """Told that manifest. KeyError or TypeError for another document."""


def real_platforms() -> tuple[Platform, ...]:
    """The Slack and the Discord of this sandbox."""
    return (_slack(), _discord())


def _slack() -> Platform:
    slack = SlackSandbox()
    return Platform(
        name="slack",
        create_app=slack.create_app,
        mounted_at=slack.mounted_at,
        environment=lambda: slack.env,
        connected=slack.connected,
        manifest_command=(sys.executable, "-m", "bots.cli", "manifest", "slack"),
        declare=slack.manifest.declare,
    )


def _discord() -> Platform:
    discord = DiscordSandbox()
    return Platform(
        name="discord",
        create_app=discord.create_app,
        mounted_at=discord.mounted_at,
        environment=lambda: discord.env,
        connected=discord.connected,
    )
