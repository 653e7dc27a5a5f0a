"""What operators see of one process: whom core tells, and a site with metrics and health.

Costs nothing where it is not asked for: without a port and a collector nobody listens, and their libraries are not
loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import structlog

from adapters.telemetry.health import Faults, Snapshot
from adapters.telemetry.several import together
from adapters.telemetry.traces import open_traces
from bots.settings import Settings
from bots.storage_watch import StorageWatch
from core.conversation import Platform
from core.errors import StoreUnavailable
from core.ports import Clock
from core.store import OpenTurns, Store
from core.worker import Worker

if TYPE_CHECKING:
    from adapters.telemetry.prometheus import PrometheusTelemetry
    from adapters.telemetry.site import Site

log = structlog.get_logger()

DATABASE_WITHIN = 2.0
"""Seconds that the database has to answer whoever looks."""
LOOP_EVERY = 0.5
"""Seconds between two looks at the event loop."""


class Receiving(Protocol):
    """What is looked at of a platform's app."""

    def healthy(self) -> bool:
        """Whether events come in now."""
        ...

    def waiting(self) -> int:
        """Events that are not stored yet."""
        ...


class Observation:
    """Everything by which one process is seen from outside."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._counts = _open_counts() if settings.parley_metrics_port is not None else None
        collector = settings.otel_exporter_otlp_endpoint
        self._traces = open_traces(str(collector)) if collector is not None else None
        storage = StorageWatch(settings.database_url, clock)
        self.telemetry = together([each for each in (storage, self._counts, self._traces) if each is not None])
        self._store: Store | None = None
        self._worker: Worker | None = None
        self._working: asyncio.Task[None] | None = None
        self._apps: Mapping[Platform, Receiving] = {}
        self._stopping = False
        self._site: Site | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def port(self) -> int | None:
        """Where metrics and health are answered, if they are."""
        return self._site.port if self._site is not None else None

    # ── life ──

    async def start(self, store: Store) -> None:
        """Health and metrics are answered, where the settings name a port; the process counts as starting. Raises
        SiteTaken."""
        self._store = store
        port = self._settings.parley_metrics_port
        if port is None:
            return
        from adapters.telemetry.site import Site

        site = Site(self, host=self._settings.parley_metrics_host, port=port)
        await site.start()
        self._site = site
        self._watch = asyncio.create_task(self._watch_loop(), name="loop-lag")
        log.info("metrics and health", action="observation.listening", port=site.port)

    def started(self, worker: Worker, working: asyncio.Task[None], apps: Mapping[Platform, Receiving]) -> None:
        """These do the work now."""
        self._worker, self._working, self._apps = worker, working, apps

    def stopping(self) -> None:
        """The process takes no more work."""
        self._stopping = True

    async def stop(self) -> None:
        """Nothing is answered any more."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._site is not None:
            await self._site.stop()

    async def close(self) -> None:
        """What was traced has been sent, as far as a few seconds allow."""
        if self._traces is not None:
            await self._traces.close()

    # ── health: adapters.telemetry.site.Subject ──

    def dead(self) -> Faults:
        """The worker has ended although nobody told it to."""
        ended = self._working is not None and self._working.done()
        return {"worker": "has ended"} if ended and not self._drains else {}

    async def unready(self) -> Faults:
        """Each part that keeps this process from answering people now."""
        faults = dict(self.dead())
        if not await self._database_answers():
            faults["database"] = "does not answer"
        if self._worker is None:
            faults["worker"] = "starting"
        elif self._drains:
            faults["worker"] = "stopping"
        return faults | {platform.value: "no events come in" for platform, up in self._up().items() if not up}

    @property
    def _drains(self) -> bool:
        return self._stopping or (self._worker is not None and self._worker.draining)

    async def _database_answers(self) -> bool:
        if self._store is None:
            return False
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(DATABASE_WITHIN):
                await self._store.ping()
            return True
        return False

    def _up(self) -> dict[Platform, bool]:
        return {platform: app.healthy() for platform, app in self._apps.items()}

    # ── metrics ──

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        """See adapters.telemetry.site.Subject."""
        assert self._counts is not None
        self._counts.looked(self._snapshot(await self._open_turns()))
        return self._counts.rendered(accept)

    async def _open_turns(self) -> OpenTurns | None:
        if self._store is None:
            return None
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(DATABASE_WITHIN):
                return await self._store.open_turns(Platform)
        return None

    def _snapshot(self, open_turns: OpenTurns | None) -> Snapshot:
        since = open_turns.oldest_queued_at if open_turns is not None else None
        worker = self._worker
        return Snapshot(
            open_turns=open_turns,
            oldest_age=max(0.0, (self._clock.now() - since).total_seconds()) if since is not None else 0.0,
            running=worker.running if worker is not None else 0,
            slots=worker.slots if worker is not None else 0,
            draining=self._drains,
            intake={platform: app.waiting() for platform, app in self._apps.items()},
            up=self._up(),
        )

    async def _watch_loop(self) -> None:
        """On the loop's own time: it is the loop that is measured."""
        assert self._counts is not None
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOP_EVERY
            await asyncio.sleep(LOOP_EVERY)
            self._counts.loop_late(max(0.0, loop.time() - due))


def _open_counts() -> PrometheusTelemetry:
    from adapters.telemetry.prometheus import PrometheusTelemetry

    return PrometheusTelemetry()
