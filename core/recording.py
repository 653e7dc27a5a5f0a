"""What one turn comes to, on its way into the store: its messages as they are posted, and its end.

All of it is fenced by the turn's lease. While the database is away people see what is there and the turn waits: a
message that is not recorded would be found again only by searching, and an end that is not would be written twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from core.control import TurnControl
from core.conversation import Message
from core.patience import stored
from core.ports import Clock
from core.store import Store
from core.turn import MessageRef, Outcome, Signal, Turn, Usage

log = structlog.get_logger()

Result = TypeVar("Result")


class TurnRecord:
    """The Recorder of one turn."""

    def __init__(self, store: Store, turn: Turn, clock: Clock, control: TurnControl) -> None:
        self._store, self._turn, self._clock, self._control = store, turn, clock, control

    async def posted(self, position: int, ref: MessageRef) -> None:
        """See core.enclosure.Recorder."""
        await self._patiently(
            lambda: self._store.record_post(self._turn, position, ref, now=self._clock.now()), "engine.post_waits"
        )
        log.info("shown", action="engine.posted", turn=self._turn.id, message=ref.message, position=position)

    async def dropped(self, position: int) -> None:
        """See core.enclosure.Recorder."""
        await self._patiently(lambda: self._store.drop_post(self._turn, position), "engine.drop_waits")

    async def begun_anew(self) -> None:
        """What the model and its tools said so far is gone. Raises LeaseLost."""
        await self._patiently(lambda: self._store.drop_steps(self._turn), "engine.restart_waits")

    async def ended(self, outcome: Outcome, messages: tuple[Message, ...]) -> Signal | None:
        """The end is stored. Returns what a person asked for too late to be heeded. Raises LeaseLost."""
        return await self._patiently(
            lambda: self._store.finish(self._turn, outcome, messages, now=self._clock.now()), "engine.store_away"
        )

    async def set_aside(self, used: Usage) -> None:
        """What was used so far will be charged, although the turn is begun anew. Raises LeaseLost."""
        await self._patiently(lambda: self._store.set_aside(self._turn, used), "engine.set_aside_waits")

    async def _patiently(self, what: Callable[[], Awaitable[Result]], action: str) -> Result:
        return await stored(what, clock=self._clock, control=self._control, turn=self._turn.id, action=action)
