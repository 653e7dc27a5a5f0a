"""Takes turns that wait for an answer and lets the engine run them, each under a lease that is kept up.

One worker a process. A turn whose process died is taken over when its lease ends; a worker that cannot renew a lease
in time lets the turn go before anybody else may have it. Draining: no new claims, a while for what is running, and
the rest handed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import structlog

from core import fencing
from core.accounts import Accounts
from core.control import Interruption, TurnControl
from core.conversation import Platform
from core.engine import Engine
from core.errors import LeaseLost, ParleyError, StoreUnavailable
from core.ports import Clock
from core.sharing import BudgetSharing
from core.store import Store
from core.telemetry import SILENT, Telemetry
from core.turn import Turn

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
RENEWALS = 3
"""Renewals tried within one lease."""
POLL = 2.0
"""Seconds between looks for work where no wake-up came."""
SLOTS = 200
"""Turns run side by side in one process."""


class Worker:
    """The turns of one process."""

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        clock: Clock,
        sharing: BudgetSharing,
        platforms: Collection[Platform],
        owner: str,
        slots: int = SLOTS,
        lease: timedelta = LEASE,
        telemetry: Telemetry = SILENT,
    ) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._sharing = sharing
        self._platforms = tuple(platforms)
        self._owner = owner
        self._slots = slots
        self._lease = lease
        self._accounts = Accounts(telemetry, clock)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._controls: dict[int, TurnControl] = {}
        self._held_until: dict[int, float] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._draining = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._freed = asyncio.Event()

    @property
    def running(self) -> int:
        """Turns that are being worked on."""
        return len(self._running)

    @property
    def slots(self) -> int:
        """Turns that may be worked on side by side."""
        return self._slots

    @property
    def draining(self) -> bool:
        """Whether nothing new is begun."""
        return self._draining.is_set()

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """The turns being worked on, to be waited for."""
        return tuple(self._running.values())

    async def run(self) -> None:
        """Turns are claimed and run until `drain` was called."""
        self._keeping = [
            asyncio.create_task(self._keep_leases(), name="leases"),
            asyncio.create_task(self._watch_leases(), name="lease-watch"),
            asyncio.create_task(self._hear_signals(), name="signals"),
            asyncio.create_task(self._sharing.run(), name="sharing"),
        ]
        while not self._draining.is_set():
            async with self._claiming:
                claimed = await self._claim_one()
            if not claimed:
                await self._wait_for_work()

    async def drain(self, seconds: float) -> None:
        """Nothing new is begun; what is not finished after that time is handed over to another process."""
        self._draining.set()
        self._freed.set()
        async with self._claiming:
            pass  # a claim that was on its way has become a running turn, to be waited for or handed over
        if self._running:
            patience = asyncio.create_task(self._clock.sleep(seconds))
            everything = asyncio.create_task(self._all_ended())
            await asyncio.wait({patience, everything}, return_when=asyncio.FIRST_COMPLETED)
            for wait in (patience, everything):
                wait.cancel()
        for control in self._controls.values():
            control.interrupt(Interruption.HAND_OVER)
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    async def _all_ended(self) -> None:
        await asyncio.wait(self.tasks)

    # ── claiming ──

    async def _claim_one(self) -> bool:
        """Claims a turn and begins it; false when there is none, or no room."""
        if len(self._running) >= self._slots:
            return False
        now = self._clock.now()
        claimed_at = self._clock.monotonic()
        try:
            turn = await self._store.claim(self._platforms, self._owner, now=now, until=now + self._lease)
        except StoreUnavailable as error:
            log.error("cannot claim", action="worker.store_away", detail=error.detail)
            await self._pause()
            return False
        if turn is None:
            return False
        self._begin(turn, claimed_at)
        return True

    def _begin(self, turn: Turn, claimed_at: float) -> None:
        control = TurnControl()
        self._controls[turn.id] = control
        self._held_until[turn.id] = claimed_at + self._lease.total_seconds()
        self._accounts.claimed(turn)
        log.info("claimed", action="worker.claimed", turn=turn.id, attempt=turn.attempt, conversation=str(turn.key))
        task = asyncio.create_task(self._run_one(turn, control), name=f"turn-{turn.id}")
        self._running[turn.id] = task

    async def _run_one(self, turn: Turn, control: TurnControl) -> None:
        with (
            structlog.contextvars.bound_contextvars(turn=turn.id, conversation=str(turn.key)),
            fencing.fenced(lambda: self._fence(turn)),
        ):
            try:
                if _begun_before(turn) and (signal := await self._store.signal_of(turn)) is not None:
                    control.signal(signal)  # asked of the owner before us, who did not live to obey
                await self._sharing.began(turn.key)
                await self._engine.run(turn, control)
            except ParleyError as error:
                log.error(
                    "turn not ended", action="worker.turn_failed", error=type(error).__name__, detail=error.detail
                )
            except Exception:  # one broken turn must not end the others; its lease runs out and it is tried again
                log.exception("turn not ended", action="worker.turn_fault")
            finally:
                self._running.pop(turn.id, None)
                self._controls.pop(turn.id, None)
                self._held_until.pop(turn.id, None)
                self._freed.set()

    def _fence(self, turn: Turn) -> None:
        """By the clock alone: who has slept learns of it before anybody could tell."""
        if self._clock.monotonic() >= self._held_until.get(turn.id, 0.0):
            raise LeaseLost(f"turn {turn.id}: its lease has ended by our clock")

    async def _wait_for_work(self) -> None:
        """Returns when there may be something to claim."""
        self._freed.clear()
        if self._draining.is_set():
            return
        waits = {asyncio.create_task(self._until_freed())}
        if len(self._running) < self._slots:
            waits.add(asyncio.create_task(self._until_news()))
        await _first(waits)

    async def _until_freed(self) -> None:
        await self._freed.wait()

    async def _until_news(self) -> None:
        await self._store.wait_for_work(POLL)

    async def _until_draining(self) -> None:
        await self._draining.wait()

    async def _pause(self) -> None:
        await _first({asyncio.create_task(self._until_draining()), asyncio.create_task(self._clock.sleep(POLL))})

    # ── leases ──

    async def _keep_leases(self) -> None:
        while True:
            await self._clock.sleep(self._lease.total_seconds() / RENEWALS)
            await self._renew()

    async def _hear_signals(self) -> None:
        """What a person asks of a turn is obeyed at once, whichever process the button was pressed in."""
        while True:
            if self._controls.keys() & await self._store.wait_for_signals():
                await self._renew()

    async def _renew(self) -> None:
        held = tuple(self._controls)
        if not held:
            return
        now, asked_at = self._clock.now(), self._clock.monotonic()
        try:
            kept = await self._store.renew(held, self._owner, now=now, until=now + self._lease)
        except StoreUnavailable as error:
            log.error("cannot renew", action="worker.renew_failed", detail=error.detail)
            return
        for turn_id in held:
            control = self._controls.get(turn_id)
            if control is None:
                continue
            if turn_id not in kept:
                control.interrupt(Interruption.LOST)
                continue
            self._held_until[turn_id] = asked_at + self._lease.total_seconds()
            if (signal := kept[turn_id]) is not None:
                control.signal(signal)

    async def _watch_leases(self) -> None:
        """Turns whose lease could not be renewed are let go before another process may hold them. On a watch of its
        own, because a renewal may also hang."""
        look = self._lease.total_seconds() / (2 * RENEWALS)
        while True:
            await self._clock.sleep(look)
            next_look = self._clock.monotonic() + look
            for turn_id, until in self._held_until.items():
                if until <= next_look:
                    self._controls[turn_id].interrupt(Interruption.LOST)


def _begun_before(turn: Turn) -> bool:
    """Whether there was an owner before us. A hand-over counts as no attempt, but each lease has its number."""
    return turn.lease is not None and turn.lease.number > 1


async def _first(waits: set[asyncio.Task[None]]) -> None:
    """Returns when one of them has; the others are cancelled and awaited."""
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
