"""The one place where the parts of Parley are put together. What is opened here is closed in reverse.

settings ─► store ─┬─► engine ─► worker        adapters: a surface for each platform (out),
            model ─┘      ▲                              an app for each platform (in)
                          └── reception ◄── apps
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Self

import structlog

from adapters.charts.pictures import Pictures
from adapters.chat_completions.dormancy import DormantCounter
from adapters.chat_completions.fallback import open_model
from adapters.documents.reader import FileProgram
from adapters.flashcards.files import DeckFiles
from adapters.telemetry.health import SiteTaken
from bots.clock import SystemClock
from bots.endpoints import endpoints, persona
from bots.observation import Observation
from bots.platforms import App, make_apps, open_surfaces
from bots.prices import open_purse, terms
from bots.settings import Settings
from bots.toolbox import open_tools
from core.answering import Answering
from core.attachments import Attachments
from core.commands.approving import Approving
from core.conversation import Platform
from core.enclosure import Enclosure
from core.engine import Engine
from core.errors import ParleyError
from core.fetching import Fetching
from core.housekeeping import Housekeeping
from core.pacing import Pacing
from core.ports import Clock
from core.reception import Reception
from core.sharing import BudgetSharing
from core.store import Store
from core.store.shedding import Bounds
from core.teaching.reminders import Reminders
from core.telemetry import Telemetry
from core.waiting import Waiting
from core.worker import Worker
from migrations.upgrade import NewerDatabase, pending, upgrade

if TYPE_CHECKING:
    from adapters.console.terminal import Terminal

log = structlog.get_logger()


class StartError(Exception):
    """The process cannot start. The text says what to do about it."""


class Runtime:
    """Everything one process needs, open between `async with` and its end."""

    def __init__(
        self,
        settings: Settings,
        platforms: tuple[Platform, ...],
        clock: Clock | None = None,
        terminal: Terminal | None = None,
    ) -> None:
        self._settings = settings
        self._platforms = platforms
        self._clock = clock or SystemClock()
        self._terminal = terminal
        self._stack = AsyncExitStack()
        self.apps: dict[Platform, App] = {}
        self.observation: Observation
        self.store: Store
        self.worker: Worker
        self._working: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.observation.stopping()
        await asyncio.gather(*(app.stop_receiving() for app in self.apps.values()))
        await self.worker.drain(self._settings.parley_stop_seconds)
        await self._stack.aclose()

    async def until(self, told: asyncio.Event) -> None:
        """Returns when somebody tells us to stop. Raises what ended the worker, should that happen, and StartError
        where a platform has shut us out for good (its token was reset)."""
        telling = asyncio.create_task(told.wait())
        refused = [asyncio.create_task(app.refused()) for app in self.apps.values()]
        try:
            await asyncio.wait({telling, self._working, *refused}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (telling, *refused):
                task.cancel()
        if self._working.done():
            self._working.result()
        for task in refused:
            if task.done() and not task.cancelled():
                raise StartError(str(task.result()))

    async def _open(self) -> None:
        settings, clock = self._settings, self._clock
        self.observation = Observation(settings, clock)
        self._stack.push_async_callback(self.observation.close)
        telemetry = self.observation.telemetry
        self.store = store = await self._open_store(telemetry)
        await self._start_observation(store)
        in_line = settings.parley_line_seconds > 0
        model = open_model(endpoints(settings), clock=clock, telemetry=telemetry, busy=not in_line)
        self._stack.push_async_callback(model.aclose)
        counter = DormantCounter(settings.openai_model)
        self._stack.callback(counter.close)
        pacing = Pacing(clock, telemetry)
        surfaces = open_surfaces(
            settings, self._platforms, observer=pacing, clock=clock, telemetry=telemetry, terminal=self._terminal
        )
        reader = FileProgram()
        fetching = Fetching(messengers=surfaces, reader=reader, clock=clock)
        tools = open_tools(settings, store, clock, documents=reader)
        self._stack.push_async_callback(tools.close)
        approving = Approving(store, surfaces, clock)
        purse = await open_purse(settings, store, clock)
        answering = Answering(
            store=store,
            model=model,
            counter=counter,
            clock=clock,
            persona=persona(settings),
            namers=surfaces,
            purse=purse,
            default_model=settings.openai_model,
            toolbox=tools.toolbox,
            approver=approving,
            attachments=Attachments(store=store, model=model, sight=model, fetching=fetching, counter=counter),
            waiting=Waiting(model, clock, patience=settings.parley_line_seconds),
            outlets=surfaces,
        )
        engine = Engine(
            store=store,
            answering=answering,
            counter=counter,
            surfaces=surfaces,
            pacing=pacing,
            clock=clock,
            telemetry=telemetry,
            enclosures={
                platform: Enclosure(messenger=surface, most=settings.parley_messages_most)
                for platform, surface in surfaces.items()
            },
        )
        reception = Reception(
            store=store,
            engine=engine,
            model=model,
            counter=counter,
            outlets=surfaces,
            persona=persona(settings),
            clock=clock,
            ages=settings.ages,
            terms=terms(settings),
            charts=Pictures(),
            decks=DeckFiles(),
            names=model,
            toolbox=tools.toolbox,
            servers=tools.servers,
            approving=approving,
            prices=purse.prices,
            telemetry=telemetry,
        )
        self._stack.push_async_callback(reception.close)
        self.worker = Worker(
            store=store,
            engine=engine,
            clock=clock,
            sharing=BudgetSharing(store=store, pacing=pacing, clock=clock, platforms=self._platforms),
            platforms=self._platforms,
            owner=process_name(),
            lease=timedelta(seconds=settings.parley_lease_seconds),
            telemetry=telemetry,
        )
        self.apps = make_apps(settings, surfaces, reception, clock, self._terminal)
        self._working = asyncio.create_task(self.worker.run(), name="worker")
        self._stack.push_async_callback(self._end_work)
        housekeeping = Housekeeping(store=store, clock=clock, ages=settings.ages)
        self._stack.push_async_callback(housekeeping.close)
        housekeeping.start()
        reminders = Reminders(store=store, outlets=surfaces, counter=counter, clock=clock)
        self._stack.push_async_callback(reminders.close)
        reminders.start()
        self.observation.started(self.worker, self._working, self.apps)
        await self._start_apps()

    async def _start_observation(self, store: Store) -> None:
        self._stack.push_async_callback(self.observation.stop)
        try:
            await self.observation.start(store)
        except SiteTaken as error:
            raise StartError(str(error)) from error

    async def _open_store(self, telemetry: Telemetry) -> Store:
        url = self._settings.database_url
        try:
            waiting = await pending(url)
        except NewerDatabase as error:
            raise StartError(str(error)) from None
        if waiting:
            if not url.startswith("sqlite"):
                raise StartError("The database is not at this release's revision: run `parley migrate` first.")
            await upgrade(url)
        bounds = Bounds.of(self._settings.parley_waiting_most)
        store = await Store.open(url, telemetry, bounds=bounds)
        self._stack.push_async_callback(store.close)
        return store

    async def _end_work(self) -> None:
        """Before the store closes, also where the start was broken off."""
        await self.worker.drain(0)
        await asyncio.gather(self._working, return_exceptions=True)

    async def _start_apps(self) -> None:
        for app in self.apps.values():
            self._stack.push_async_callback(app.close)
        try:
            await asyncio.gather(*(app.start() for app in self.apps.values()))
        except ParleyError as error:
            raise StartError(str(error)) from error


def process_name() -> str:
    """Names this process to others, for leases: the machine, the process and when it began."""
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
