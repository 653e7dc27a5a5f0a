"""Follow-ups that come before the message they follow.

With several processes, and with platforms that deliver again what was not acknowledged, the first message of a thread
may be stored after the second. A follow-up in a thread that nobody knows is none of ours; where the thread began
moments ago that may be about to change, so it is tried again a few times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from core.errors import StoreUnavailable
from core.incoming import Incoming, IncomingKind
from core.ports import Clock
from core.store import NotOurs

log = structlog.get_logger()

YOUNG = timedelta(minutes=5)
"""The age up to which a thread's first message may still be on its way."""
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further try: Slack delivers again after one minute at the latest (slack.md, section 4)."""
MOST = 1_000
"""Follow-ups waited for at once; beyond it a further one is let go."""

Accept = Callable[[Incoming], Awaitable[object]]


class EarlyFollowUps:
    """Those of one process."""

    def __init__(self, accept: Accept, clock: Clock) -> None:
        self._accept = accept
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many are waited for."""
        return len(self._tasks)

    def keep(self, incoming: Incoming) -> None:
        """It is tried again for a while, if its thread is young."""
        if not self._may_come(incoming) or len(self._tasks) >= MOST:
            return
        task = asyncio.create_task(self._try_again(incoming), name="early")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Nothing is waited for any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _may_come(self, incoming: Incoming) -> bool:
        began = incoming.thread_began_at
        if incoming.kind is not IncomingKind.FOLLOW_UP or began is None:
            return False
        return self._clock.now() - began < YOUNG

    async def _try_again(self, incoming: Incoming) -> None:
        for pause in PAUSES:
            await self._clock.sleep(pause)
            try:
                result = await self._accept(incoming)
            except StoreUnavailable as error:
                log.warning("not stored yet", action="early.store_away", detail=error.detail)
                continue
            if not isinstance(result, NotOurs):
                log.info("came before what it follows", action="early.accepted", conversation=str(incoming.key))
                return
