"""One process from start to end: settings, runtime, signals, and an orderly stop.

SIGTERM and SIGINT stop taking work; answers may go on for a while; what is not finished is handed over; then everything
closes in the reverse order of its opening. A signal that comes while the start still waits for a platform ends it
there.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from adapters.chat_completions.endpoints import Endpoint
from bots import logs
from bots.endpoints import endpoints
from bots.loading import load, load_configured
from bots.preparation import prepare
from bots.runtime import Runtime, StartError
from bots.settings import Settings, SettingsError
from bots.storage import explained
from core.conversation import Platform
from core.errors import StoreUnavailable

log = structlog.get_logger()

Platforms = Callable[[Settings], tuple[Platform, ...]]


def main(which: Platform | Platforms) -> None:
    """Runs until told to stop. Exits with 2 where the settings are wrong, with 1 where the start or the work failed."""
    try:
        settings, platforms, models = _settings(which)
    except SettingsError as error:
        sys.stderr.write(f"Parley cannot start; the settings are not right:\n{error}\n")
        sys.stderr.write("Settings come from the environment or .env; see .env.example. `parley doctor` checks them.\n")
        raise SystemExit(2) from None
    secrets = (*settings.secret_values(), *(secret for model in models for secret in model.secrets()))
    logs.configure(level=settings.log_level, form=settings.log_format, secrets=secrets)
    prepare(settings.database_url)
    try:
        asyncio.run(serve(settings, platforms))
    except StartError as error:
        _failed(str(error))
    except StoreUnavailable as error:
        _failed(str(explained(settings.database_url, error)))
    except Exception:  # Python would print the traceback past the log, and with it what a foreign error may quote
        log.exception("ended by a fault", action="process.fault")
        raise SystemExit(1) from None


def _failed(reason: str) -> None:
    log.error("cannot start", action="process.start_failed", reason=reason)
    raise SystemExit(1) from None


def _settings(which: Platform | Platforms) -> tuple[Settings, tuple[Platform, ...], tuple[Endpoint, ...]]:
    if isinstance(which, Platform):
        settings = load(which)
        return settings, (which,), endpoints(settings)
    settings = load_configured()
    return settings, which(settings), endpoints(settings)


async def serve(settings: Settings, platforms: tuple[Platform, ...]) -> None:
    """The bots run until a signal comes. Raises StartError or StoreUnavailable where they cannot."""
    told = _signals()
    async with AsyncExitStack() as stack:
        runtime = await _started(stack, Runtime(settings, platforms), told)
        if runtime is None:
            log.info("stopped before the start was done", action="process.stopped")
            return
        log.info("ready", action="process.ready", platforms=[platform.value for platform in platforms])
        await runtime.until(told)
        log.info("stopping", action="process.stopping", running=runtime.worker.running)
    log.info("stopped", action="process.stopped")


def _signals() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT. A second Ctrl-C ends the process at once."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell() -> None:
        told.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell)
    return told


async def _started(stack: AsyncExitStack, runtime: Runtime, told: asyncio.Event) -> Runtime | None:
    """The runtime, open until the stack is closed; none, and nothing is open, where we were told to stop before."""
    starting = asyncio.create_task(stack.enter_async_context(runtime), name="start")
    telling = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({starting, telling}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        telling.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return None
    return starting.result()
