"""Work that was begun and that nobody awaits: it is kept until it ends, and its failures are logged."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from core.errors import SurfaceError

log = structlog.get_logger()


class Tasks:
    """What goes on beside."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """How much goes on."""
        return len(self._running)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """The work goes on."""
        task = asyncio.create_task(self._logged(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drained(self, seconds: float) -> bool:
        """Waits until everything begun has ended, or that time has passed; whether all has."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        return not self._running

    async def close(self) -> None:
        """No task of ours is left."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _logged(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SurfaceError as error:
            log.warning("answer not shown", action="slack.answer_failed", detail=error.detail)
        except Exception:  # nobody awaits this task, so the log has to tell
            log.exception("answer fault", action="slack.answer_fault")
