"""One process from start to end: settings, runtime, signals, and an orderly stop.

SIGTERM and SIGINT stop taking work; answers may go on for a while; what is not finished is handed over; then everything
closes in the reverse order of its opening.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

import structlog

from bots import logs
from bots.runtime import Runtime, StartError
from bots.settings import Settings, SettingsError, load
from core.conversation import Platform
from core.errors import StoreUnavailable

log = structlog.get_logger()

Platforms = Callable[[Settings], tuple[Platform, ...]]


def main(which: Platform | Platforms) -> None:
    """Runs until told to stop. Exits with 2 where the settings are wrong, with 1 where the start failed."""
    try:
        settings, platforms = _settings(which)
    except SettingsError as error:
        sys.stderr.write(f"Parley cannot start; the settings are not right:\n{error}\n")
        sys.stderr.write("Settings come from the environment or .env; see .env.example. `parley doctor` checks them.\n")
        raise SystemExit(2) from None
    logs.configure(level=settings.log_level, form=settings.log_format, secrets=settings.secret_values())
    try:
        asyncio.run(serve(settings, platforms))
    except (StartError, StoreUnavailable) as error:
        log.error("cannot start", action="process.start_failed", reason=str(error))
        raise SystemExit(1) from None


def _settings(which: Platform | Platforms) -> tuple[Settings, tuple[Platform, ...]]:
    if isinstance(which, Platform):
        return load(which), (which,)
    platforms = which(load())
    if not platforms:
        raise SettingsError(["No platform has a token: set SLACK_BOT_TOKEN or DISCORD_TOKEN."])
    return load(*platforms), platforms


async def serve(settings: Settings, platforms: tuple[Platform, ...]) -> None:
    """The bots run until a signal comes. Raises StartError or StoreUnavailable where they cannot."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with Runtime(settings, platforms) as runtime:
        log.info("ready", action="process.ready", platforms=[platform.value for platform in platforms])
        await runtime.until(told)
        log.info("stopping", action="process.stopping", running=runtime.worker.running)
    log.info("stopped", action="process.stopped")
