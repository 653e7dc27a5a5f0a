"""`parley console`: talk to Parley in this terminal, with the settings of the bots but no platform's tokens."""

from __future__ import annotations

import asyncio
import getpass
import sys
from contextlib import ExitStack, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bots import logs
from bots.endpoints import endpoints
from bots.loading import load
from bots.settings import Settings, SettingsError
from bots.storage import explained
from core.conversation import Platform
from core.errors import StoreUnavailable

if TYPE_CHECKING:
    from adapters.console.places import Spot
    from adapters.console.terminal import Terminal
    from bots.runtime import Runtime

_LOOK_SECONDS = 0.05
"""How often it is looked whether the last answer of a pipe has ended: nobody is told of that."""


def console(
    channel: Annotated[str, typer.Option(help="the channel in which to begin")] = "terminal",
    name: Annotated[str, typer.Option("--as", help="who you are; your login name otherwise")] = "",
    direct: Annotated[bool, typer.Option("--dm", help="begin in direct messages, where tutoring is")] = False,
    files: Annotated[Path, typer.Option(help="where files are put that Parley gives you")] = Path(),
    log: Annotated[Path | None, typer.Option(help="write the log into this file")] = None,
) -> None:
    """Talk to Parley here: the same engine, commands, personas, limits and tutoring. Reads lines from a pipe too."""
    try:
        settings = load()
    except SettingsError as error:
        typer.echo(f"The console cannot start; the settings are not right:\n{error}", err=True)
        typer.echo("It needs a model, and no platform's token. `parley setup` asks for what is missing.", err=True)
        raise typer.Exit(2) from None
    with ExitStack() as stack:
        _log(settings, log, stack)
        _run(settings, channel=channel.removeprefix("#"), person=name.strip() or _login(), direct=direct, folder=files)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may know no name for its user
        return "you"


def _log(settings: Settings, file: Path | None, stack: ExitStack) -> None:
    """The log goes into the file, or nowhere: the terminal is for talking."""
    if file is not None:
        stack.enter_context(redirect_stderr(stack.enter_context(file.open("a", encoding="utf-8"))))
    secrets = (*settings.secret_values(), *(secret for one in endpoints(settings) for secret in one.secrets()))
    level = settings.log_level if file is not None else "critical"
    logs.configure(level=level, form=settings.log_format, secrets=secrets)


def _run(settings: Settings, *, channel: str, person: str, direct: bool, folder: Path) -> None:
    # Here, since loading everything takes a second that `parley --help` shall not take.
    from bots.runtime import StartError

    try:
        asyncio.run(_talk(settings, channel=channel, person=person, direct=direct, folder=folder))
    except StartError as error:
        reason = str(error)
    except StoreUnavailable as error:
        reason = str(explained(settings.database_url, error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    else:
        return
    typer.echo(f"The console cannot start: {reason}", err=True)
    raise typer.Exit(1) from None


async def _talk(settings: Settings, *, channel: str, person: str, direct: bool, folder: Path) -> None:
    from adapters.console.app import ConsoleApp
    from adapters.console.places import Spot
    from bots.runtime import Runtime

    terminal = _terminal(Spot(person=person, channel=channel, direct=direct), folder)
    runtime = Runtime(settings, (Platform.CONSOLE,), terminal=terminal)
    async with runtime:
        app = runtime.apps[Platform.CONSOLE]
        assert isinstance(app, ConsoleApp)
        await runtime.until(app.left)
        if not _looked_at():
            await _answered(runtime)


def _terminal(spot: Spot, folder: Path) -> Terminal:
    from adapters.console.prompting import PromptScreen
    from adapters.console.streaming import PlainScreen
    from adapters.console.terminal import Terminal

    screen = PromptScreen() if _looked_at() else PlainScreen(sys.stdin, sys.stdout)
    return Terminal(screen=screen, spot=spot, folder=folder)


def _looked_at() -> bool:
    """Whether a person sits there; else lines come from a pipe, and every answer is waited for."""
    return sys.stdin.isatty() and sys.stdout.isatty()


async def _answered(runtime: Runtime) -> None:
    while True:
        left = await runtime.store.open_turns([Platform.CONSOLE])
        if (left.queued, left.live) == (0, 0):
            return
        await asyncio.sleep(_LOOK_SECONDS)
