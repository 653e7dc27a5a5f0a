"""Calls beside the answers, as slow as Slack allows: nobody schedules them, and a crowd makes all of them at once.

A gate counts one method of one workspace. Whoever comes too early waits; after a refusal everybody waits as long as
Slack said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import SurfaceBusy
from core.ports import Clock
from core.scheduling import Allowance, BudgetObservation, EditBudget

TRIES = 3


class Gate:
    """One method of one workspace."""

    def __init__(self, budget: EditBudget, clock: Clock) -> None:
        self._allowance = Allowance(budget, clock.monotonic())
        self._clock = clock

    async def through(self, call: Callable[[], Awaitable[object]]) -> None:
        """The call was made, in its time. Raises what it raises; SurfaceBusy after several tries."""
        for left in reversed(range(TRIES)):
            try:
                await self._once(call)
                return
            except SurfaceBusy as error:
                self._allowance.learned(BudgetObservation(retry_after=error.retry_after), self._clock.monotonic())
                if not left:
                    raise

    async def _once(self, call: Callable[[], Awaitable[object]]) -> None:
        while (earliest := self._allowance.earliest(self._clock.monotonic())) > (now := self._clock.monotonic()):
            await self._clock.sleep(earliest - now)
        sent = self._clock.monotonic()
        self._allowance.began()
        try:
            await call()
            self._allowance.succeeded()
        finally:
            self._allowance.returned(sent, self._clock.monotonic())
