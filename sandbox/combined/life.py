"""One run of `make run`, from the first socket to the last child: servers, model, Parley, the page's address, the end.

Everything is opened in order and closed in reverse, whichever way it ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.bot import BotProcess
from sandbox.combined.declared import declare_all
from sandbox.combined.model_choice import ModelChoice, ModelKind, Startable, choose, given_settings
from sandbox.combined.platforms import Platform
from sandbox.combined.server import CombinedServer
from sandbox.local_model.process import LocalModel

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy")
_PLATFORM_SETTINGS = ("SLACK_", "DISCORD_", "OPENAI_")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CHILD = {"PYTHONUNBUFFERED": "1", "LOG_FORMAT": "json"}
"""Its lines come at once, and in the form that turns.py reads."""
CONNECT_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line can change."""

    port: int = 8700
    demo_model: bool = False
    servers_only: bool = False
    keep_database: bool = False
    bot_command: tuple[str, ...] = (sys.executable, "-m", "bots.both")
    folder: Path = Path()
    """Where `.env` and `.parley/` are."""


def main(options: Options, platforms: tuple[Platform, ...]) -> None:
    """Runs until Ctrl-C or SIGTERM."""
    asyncio.run(run(options, platforms))


async def run(
    options: Options,
    platforms: tuple[Platform, ...],
    *,
    say: Callable[[str], None] = lambda line: print(line, flush=True),
    make_local: Callable[[], Startable] = LocalModel,
) -> None:
    """Everything runs until a signal comes; afterwards nothing is left running."""
    living = asyncio.create_task(_live(options, platforms, say, make_local))
    told = False

    def stop() -> None:
        nonlocal told
        if not told:  # a second Ctrl-C must not interrupt the orderly end
            told = True
            living.cancel()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        await living
    except asyncio.CancelledError:
        if not told:
            raise
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
    say("Everything is stopped.")


async def _live(
    options: Options, platforms: tuple[Platform, ...], say: Callable[[str], None], make_local: Callable[[], Startable]
) -> None:
    async with AsyncExitStack() as closing:
        model = ChatCompletionsSandbox()
        server = CombinedServer(platforms=platforms, model=model, make_local=make_local)
        await server.start(options.port)
        closing.push_async_callback(server.stop)
        closing.push_async_callback(server.models.stop)
        given = given_settings(os.environ, options.folder / ".env")
        chosen = await choose(given=given, demo=model, make_local=make_local, demo_wanted=options.demo_model)
        server.models.begin(*chosen, given)
        say(chosen[0].note)
        database = _database(options)

        def environment() -> dict[str, str]:
            choice = server.models.choice or chosen[0]
            return bot_environment(os.environ, platforms, choice, database) | server.models.environment()

        if options.servers_only:
            _describe(server, environment(), say)
        else:
            closing.callback(say, "Stopping …")
            await _with_parley(options, platforms, server, environment, say, closing)
        await asyncio.Event().wait()


async def _with_parley(
    options: Options,
    platforms: tuple[Platform, ...],
    server: CombinedServer,
    environment: Callable[[], Mapping[str, str]],
    say: Callable[[str], None],
    closing: AsyncExitStack,
) -> None:
    """Parley runs and is connected; the page can restart it with another model."""
    bot = BotProcess(
        options.bot_command,
        environment(),
        say=lambda line: say(f"parley | {server.turns.read(line)}"),
        changed=server.tell,
    )
    server.bot = bot
    closing.push_async_callback(bot.stop)

    async def restart() -> None:
        bot.equip(environment())
        await bot.restart()

    server.models.restart = restart
    await bot.start()
    await asyncio.gather(_connected(bot, platforms, say), declare_all(platforms))
    say(f"\n    Open {server.url}\n\nStop with Ctrl-C.")


def bot_environment(
    own: Mapping[str, str], platforms: tuple[Platform, ...], choice: ModelChoice, database: str
) -> dict[str, str]:
    """What Parley's process gets: the caller's own without proxies and real accounts, pointed at the sandbox."""
    kept = {
        name: value
        for name, value in own.items()
        if name.lower() not in _PROXIES
        and (not name.startswith(_PLATFORM_SETTINGS) or (choice.kind is ModelKind.GIVEN and name.startswith("OPENAI_")))
    }
    pointed = {name: value for platform in platforms for name, value in platform.environment().items()}
    return {**kept, **pointed, **choice.environment, "DATABASE_URL": database, **_CHILD}


def _database(options: Options) -> str:
    """A file that begins empty with each run, because the Slack and Discord it remembers do so too."""
    file = (options.folder / ".parley" / "sandbox.db").resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    if not options.keep_database:
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
    return f"sqlite+aiosqlite:///{file}"


async def _connected(bot: BotProcess, platforms: tuple[Platform, ...], say: Callable[[str], None]) -> None:
    """Parley is connected everywhere, or it was said that it is not."""
    ended = asyncio.create_task(bot.ended())
    connecting = {asyncio.create_task(_connects(platform)): platform.name for platform in platforms}
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            waiting = set(connecting)
            while waiting and not ended.done():
                done, _ = await asyncio.wait({*waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
                waiting -= done
    except TimeoutError:
        missing = ", ".join(name for task, name in connecting.items() if not task.done())
        say(f"Parley has not connected to {missing} within {CONNECT_SECONDS:.0f} s; it may still do so.")
    finally:
        for task in (ended, *connecting):
            task.cancel()
        await asyncio.gather(ended, *connecting, return_exceptions=True)


async def _connects(platform: Platform) -> None:
    while True:
        try:
            await platform.connected()
        except TimeoutError:
            continue
        return


def _describe(server: CombinedServer, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    choice = server.models.choice
    own_model = choice is not None and choice.kind is ModelKind.GIVEN
    prefixes = ("SLACK_", "DISCORD_") if own_model else _PLATFORM_SETTINGS  # never a real key on a screen
    say("\nThe servers run; Parley is left to you. Its environment:\n")
    for name in sorted(name for name in environment if name.startswith(prefixes)):
        say(f"export {name}={environment[name]}")
    say(f"\nThe page is at {server.url}")
