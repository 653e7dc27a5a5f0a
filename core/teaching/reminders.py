"""Reminds learners of what is due: those who said yes, within their hours, once a day, whatever happens to a process.

One task of each process. A reminder is claimed in the database before it is sent, so that of several processes one
sends it, and it stays claimed until it is known to stand there. What a dead process left so is sent by another under
the same key, under which the platform shows it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from core.conversation import Platform
from core.errors import StoreUnavailable, SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.interaction import Style
from core.ports import Clock, Messenger, TokenCounter
from core.store import Store
from core.store.tutoring.learners import Candidate
from core.tutoring.offers import QUIET, RESUME, button
from core.tutoring.reminding import day_of, may_remind

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between looks."""
PAUSE = 0.2
"""Seconds between two reminders, so that many at once leave the platform's budget to answers."""
TEXT = "{due} to review in *{name}*. It takes a few minutes, and it is what makes it stay."


class Reminders:
    """The reminders that one process sends."""

    def __init__(
        self, *, store: Store, outlets: Mapping[Platform, Messenger], counter: TokenCounter, clock: Clock
    ) -> None:
        self._store = store
        self._outlets = outlets
        self._counter = counter
        self._clock = clock
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """It works until `close`."""
        self._running = asyncio.create_task(self.run(), name="reminders")

    async def close(self) -> None:
        """No task is left."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def run(self) -> None:
        """What is due is sent, again and again."""
        while True:
            try:
                await self.send_due()
            except StoreUnavailable as error:
                log.error("cannot remind", action="reminders.store_away", detail=error.detail)
            await self._clock.sleep(EVERY)

    async def send_due(self) -> None:
        """Everybody who may be reminded now has been."""
        after = 0
        while found := await self._store.reminders_due(after=after, now=self._clock.now()):
            for candidate in found:
                await self._remind(candidate)
            after = found[-1].id

    async def _remind(self, candidate: Candidate) -> None:
        now = self._clock.now()
        if candidate.target.key.platform not in self._outlets:
            return
        if candidate.sending is not None:
            if await self._store.take_over_reminder(candidate.id, key=candidate.sending, now=now):
                await self._send(candidate, candidate.sending)
            return
        day = day_of(candidate.wishes, now)
        key = f"tutor-reminder-{candidate.id}-{day:%Y%m%d}"
        if may_remind(candidate.wishes, now) and await self._store.claim_reminder(
            candidate.id, day=day, key=key, now=now
        ):
            await self._send(candidate, key)
            await self._clock.sleep(PAUSE)

    async def _send(self, candidate: Candidate, key: str) -> None:
        outlet = self._outlets[candidate.target.key.platform]
        text = TEXT.format(due=f"{candidate.due} thing{'s are' if candidate.due > 1 else ' is'}", name=candidate.name)
        buttons = (
            button("Review now", RESUME, candidate.session, Style.PRIMARY),
            button("No more reminders", QUIET, candidate.session),
        )
        ref = None
        try:
            ref = await outlet.send(candidate.target, text, key=key, buttons=buttons)
        except (SurfaceBusy, SurfaceUnavailable) as error:
            log.info("reminder waits", action="reminders.later", learner=candidate.id, detail=error.detail)
            return  # it stays claimed, and is taken over when some time has passed
        except SurfaceError as error:
            log.warning("not reminded", action="reminders.refused", learner=candidate.id, detail=error.detail)
        tokens = self._counter.count(text)
        await self._store.reminded(candidate, key, text, ref, tokens=tokens, now=self._clock.now())
        log.info("reminded", action="reminders.sent", learner=candidate.id, shown=ref is not None)
