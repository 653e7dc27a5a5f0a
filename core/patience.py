"""Waiting for the database to come back, on behalf of a turn that has something to read or to record.

The lease decides how long that makes sense: who lost it, or is told to hand the turn over, stops trying.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from core.control import Interruption, TurnControl
from core.errors import LeaseLost, StoreUnavailable
from core.ports import Clock

log = structlog.get_logger()

PAUSE_LEAST, PAUSE_MOST = 0.25, 5.0
"""Seconds between tries. Whoever is told to let go waits for one of them at most."""

Result = TypeVar("Result")


async def stored(
    what: Callable[[], Awaitable[Result]], *, clock: Clock, control: TurnControl, turn: int, action: str
) -> Result:
    """What the database says, however long it is away. Raises LeaseLost when the turn is not ours to go on with."""
    pause = PAUSE_LEAST
    while True:
        try:
            return await what()
        except StoreUnavailable as error:
            log.error("waiting for the database", action=action, turn=turn, detail=error.detail)
            if control.interruption >= Interruption.HAND_OVER:
                raise LeaseLost(f"turn {turn}: let go while the database was away") from error
        await clock.sleep(pause)
        pause = min(pause * 2, PAUSE_MOST)
