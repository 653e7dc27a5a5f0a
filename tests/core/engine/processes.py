"""Several processes of Parley on one database and one platform, which live, die and go down as a test wants."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from core.conversation import Platform
from core.scheduling import EditBudget
from core.worker import SLOTS, Worker
from tests.core.engine.conftest import House
from tests.doubles import FastClock, ManualClock, RecordingSurface

LEASE = timedelta(seconds=30)


class StillClock(ManualClock, FastClock):
    """Time that a test moves, where a house expects one that runs."""


def platform() -> RecordingSurface:
    """A platform that allows as many writes as one likes, so that nothing waits for the clock."""
    return RecordingSurface(budget=EditBudget(name="test", burst=1_000_000, interval=0.0))


@dataclass
class Process(House):
    """A house whose leases, slots and time a test decides."""

    lease: timedelta = LEASE
    slots: int = SLOTS
    surface: RecordingSurface = field(default_factory=platform)
    clock: FastClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.worker = Worker(
            store=self.store,
            engine=self.engine,
            clock=self.clock,
            sharing=self.sharing(),
            platforms=[Platform.SLACK],
            owner=self.owner,
            lease=self.lease,
            slots=self.slots,
        )

    async def die(self) -> None:
        """As after kill -9: nothing is finished, recorded or given back."""
        assert self._running is not None
        dying = [self._running, *self.worker.tasks]
        for task in dying:
            task.cancel()
        await asyncio.gather(*dying, return_exceptions=True)
        self._running = None
        await self.stop()

    async def go_down(self) -> None:
        """As when told to end without any patience: what has not finished is handed over. No time passes."""
        draining = asyncio.create_task(self.worker.drain(0))
        while not draining.done():
            self.advance(0)
            await asyncio.sleep(0)
        await draining
        await self.stop()

    def advance(self, seconds: float) -> None:
        """That much of the shared time passes."""
        assert isinstance(self.clock, StillClock)
        self.clock.advance(seconds)


@asynccontextmanager
async def up(process: Process) -> AsyncIterator[Process]:
    """The process works, and is gone in the end."""
    process.start()
    try:
        yield process
    finally:
        await process.go_down()


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns when the condition holds, which others bring about."""
    async with asyncio.timeout(10):
        for _ in itertools.count():
            if await condition():
                return
            await asyncio.sleep(0)
