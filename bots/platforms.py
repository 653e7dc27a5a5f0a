"""The platforms of one process: a surface for each (out) and an app for each (in).

A process loads only the libraries of the platforms that it serves, hence the imports within: 6 MB for Slack's, 9 MB for
Discord's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from bots.settings import Settings
from core.conversation import Platform
from core.errors import ParleyError
from core.ports import BudgetObserver, Clock, Outlet, Receiver
from core.telemetry import Telemetry

if TYPE_CHECKING:
    from adapters.console.terminal import Terminal


class App(Protocol):
    """The receiving half of a platform's adapter."""

    async def start(self) -> None:
        """Events come in. Raises an error whose text says what to do."""
        ...

    async def stop_receiving(self) -> None:
        """No further event comes in, and those that came are stored."""
        ...

    async def close(self) -> None:
        """Nothing of the platform is left open."""
        ...

    async def refused(self) -> ParleyError:
        """Returns when the platform has shut us out for good, with what to do."""
        ...

    def healthy(self) -> bool:
        """Whether events come in now."""
        ...

    def waiting(self) -> int:
        """Events that are not stored yet."""
        ...


def open_surfaces(
    settings: Settings,
    platforms: tuple[Platform, ...],
    *,
    observer: BudgetObserver,
    clock: Clock,
    telemetry: Telemetry,
    terminal: Terminal | None = None,
) -> dict[Platform, Outlet]:
    """A surface for each of the platforms that there is a token for, or a terminal."""
    surfaces = dict[Platform, Outlet]()
    if Platform.CONSOLE in platforms and terminal is not None:
        from adapters.console.surface import ConsoleSurface

        surfaces[Platform.CONSOLE] = ConsoleSurface(terminal.screen, folder=terminal.folder)
    if Platform.SLACK in platforms and settings.slack_bot_token is not None:
        from adapters.slack.surface import SlackSurface

        surfaces[Platform.SLACK] = SlackSurface(
            token=settings.slack_bot_token.get_secret_value(),
            api_url=str(settings.slack_api_url),
            observer=observer,
            clock=clock,
            telemetry=telemetry,
        )
    if Platform.DISCORD in platforms and settings.discord_token is not None:
        from adapters.discord.surface import DiscordSurface

        surfaces[Platform.DISCORD] = DiscordSurface(
            token=settings.discord_token.get_secret_value(),
            api_url=_text(settings.discord_api_url),
            observer=observer,
            clock=clock,
            telemetry=telemetry,
        )
    return surfaces


def make_apps(
    settings: Settings,
    surfaces: Mapping[Platform, Outlet],
    receiver: Receiver,
    clock: Clock,
    terminal: Terminal | None = None,
) -> dict[Platform, App]:
    """An app for each surface, which hands in what happens there."""

    def console_app(_: Settings, surface: Outlet, receiver: Receiver, clock: Clock) -> App:
        from adapters.console.app import ConsoleApp
        from adapters.console.surface import ConsoleSurface

        assert isinstance(surface, ConsoleSurface)
        assert terminal is not None
        return ConsoleApp(surface=surface, receiver=receiver, clock=clock, spot=terminal.spot)

    makes = {Platform.SLACK: _slack_app, Platform.DISCORD: _discord_app, Platform.CONSOLE: console_app}
    return {platform: makes[platform](settings, surface, receiver, clock) for platform, surface in surfaces.items()}


def _slack_app(settings: Settings, surface: Outlet, receiver: Receiver, clock: Clock) -> App:
    from adapters.slack.app import SlackApp
    from adapters.slack.surface import SlackSurface

    assert isinstance(surface, SlackSurface)
    return SlackApp(
        surface=surface,
        receiver=receiver,
        clock=clock,
        app_token=_secret(settings.slack_app_token),
        signing_secret=_secret(settings.slack_signing_secret),
        port=settings.port,
    )


def _discord_app(settings: Settings, surface: Outlet, receiver: Receiver, clock: Clock) -> App:
    from adapters.discord.app import DiscordApp
    from adapters.discord.surface import DiscordSurface

    assert isinstance(surface, DiscordSurface)
    return DiscordApp(
        surface=surface,
        receiver=receiver,
        clock=clock,
        gateway_url=_text(settings.discord_gateway_url),
        shard_ids=settings.discord_shard_ids,
        shard_count=settings.discord_shard_count,
    )


def _text(url: object | None) -> str | None:
    return None if url is None else str(url)


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
