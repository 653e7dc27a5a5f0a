"""Lets each reply write when its budget's scheduler says so.

`scheduling/` decides and knows no time of its own; this module keeps the time: one lane per budget sleeps until
the next write is due and wakes the reply that it belongs to. What is written, and where, is the reply's affair.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from core.ports import Clock
from core.scheduling import BudgetObservation, Edit, EditBudget, EditScheduler, Lengths, Urgency
from core.telemetry import SILENT, Telemetry, WriteGranted, WriteReturned

IDLE_LANES = 1_000
"""Lanes kept while nobody uses them, so that a budget's recent use is remembered; beyond it the oldest go."""


class _Lane:
    """One budget: its scheduler, and the replies that wait for it."""

    def __init__(self, budget: EditBudget, clock: Clock, owners: int, lengths: Lengths) -> None:
        self.place = budget.place
        self._clock = clock
        self._scheduler = EditScheduler(budget, now=clock.monotonic(), lengths=lengths)
        self._scheduler.shared(owners)
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.due: float | None = None
        """When the next write may begin, as far as is known; not before something new is offered where it is None."""

    @property
    def idle(self) -> bool:
        return not self._waiting and (self._task is None or self._task.done())

    def offer(self, reply: int, written: int, urgency: Urgency) -> None:
        if self._scheduler.offer(reply, written, self._clock.monotonic(), urgency=urgency):
            self._changed.set()

    async def granted(self, reply: int) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting[reply] = future
        self._changed.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._serve(), name="pacing")
        try:
            await future
        except asyncio.CancelledError:
            self._waiting.pop(reply, None)
            self._scheduler.forget(reply)
            raise

    def done(self, reply: int) -> None:
        self._scheduler.done(reply, self._clock.monotonic())
        self._changed.set()

    def failed(self, reply: int) -> None:
        self._scheduler.failed(reply, self._clock.monotonic())
        self._changed.set()

    def forget(self, reply: int) -> None:
        self._scheduler.forget(reply)
        self._changed.set()

    def learned(self, observation: BudgetObservation) -> None:
        self._scheduler.learned(observation, self._clock.monotonic())
        self._changed.set()

    def shared(self, owners: int) -> None:
        self._scheduler.shared(owners)
        self._changed.set()

    async def _serve(self) -> None:
        while self._waiting:
            self._changed.clear()
            decision = self._scheduler.next(self._clock.monotonic())
            if isinstance(decision, Edit):
                future = self._waiting.pop(decision.reply, None)
                if future is None or future.done():
                    self._scheduler.forget(decision.reply)
                else:
                    future.set_result(None)
            else:
                self.due = decision.until
                await self._until(decision.until)

    async def _until(self, time: float | None) -> None:
        """Returns at that time, or earlier when something has changed."""
        waits = {asyncio.create_task(self._news())}
        if time is not None:
            waits.add(asyncio.create_task(self._clock.sleep(max(0.0, time - self._clock.monotonic()))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _news(self) -> None:
        await self._changed.wait()


class Pacing:
    """All budgets of this process. Surfaces tell it what they learn (it is their BudgetObserver)."""

    def __init__(self, clock: Clock, telemetry: Telemetry = SILENT) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._lanes: dict[str, _Lane] = {}
        self._lengths = Lengths()
        self._owners: Mapping[str, int] = {}

    def offer(self, budget: EditBudget, reply: int, written: int, urgency: Urgency) -> None:
        """The reply has that many characters in all to show, on this budget."""
        self._lane(budget).offer(reply, written, urgency)

    async def granted(self, budget: EditBudget, reply: int) -> None:
        """Returns when the reply may write once. Afterwards call done, or failed where nothing was shown."""
        asked = self._clock.monotonic()
        await self._lane(budget).granted(reply)
        waited = self._clock.monotonic() - asked
        self._telemetry.happened(WriteGranted(platform=_platform(budget), seconds=waited))

    def due(self, budget: EditBudget) -> float | None:
        """When the next write on this budget may begin, whosever it is, by the clock's monotonic seconds."""
        lane = self._lanes.get(budget.name)
        return None if lane is None else lane.due

    def ended(self, characters: int) -> None:
        """An answer of that length has come to its end."""
        self._lengths.ended(characters)

    def done(self, budget: EditBudget, reply: int) -> None:
        """The write returned, and people see it."""
        self._lane(budget).done(reply)
        self._telemetry.happened(WriteReturned(platform=_platform(budget), shown=True))

    def failed(self, budget: EditBudget, reply: int) -> None:
        """The write returned, and people do not see it."""
        self._lane(budget).failed(reply)
        self._telemetry.happened(WriteReturned(platform=_platform(budget), shown=False))

    def forget(self, budget: EditBudget, reply: int) -> None:
        """The reply writes no more on this budget."""
        if budget.name in self._lanes:
            self._lanes[budget.name].forget(reply)

    def learned(self, budget: str, observation: BudgetObservation) -> None:
        """The platform told us of the budget of that name."""
        if budget in self._lanes:
            self._lanes[budget].learned(observation)

    def shared(self, owners: Mapping[str, int]) -> None:
        """In these places so many processes answer now, this one among them; everywhere else this one alone."""
        if owners == self._owners:
            return
        self._owners = dict(owners)
        for lane in self._lanes.values():
            if lane.place:
                lane.shared(owners.get(lane.place, 1))

    def _lane(self, budget: EditBudget) -> _Lane:
        lane = self._lanes.pop(budget.name, None)
        if lane is None:
            lane = _Lane(budget, self._clock, self._owners.get(budget.place, 1), self._lengths)
        self._lanes[budget.name] = lane  # the newest use stands last
        if len(self._lanes) > IDLE_LANES:
            self._drop_oldest_idle()
        return lane

    def _drop_oldest_idle(self) -> None:
        oldest = next((name for name, lane in self._lanes.items() if lane.idle), None)
        if oldest is not None:
            del self._lanes[oldest]


def _platform(budget: EditBudget) -> str:
    """Every budget's name begins with its platform's."""
    return budget.name.partition(":")[0]
