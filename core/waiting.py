"""Asking the model in line: whoever it has no room for waits until it has, and gives up after a while.

Nobody waits while the provider takes what it is sent. Who may ask next is queueing.py's decision; here are the waiting,
the telling, and the asking again of what was refused before a word had come. One line for each process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

import structlog

from core.errors import ModelBusy, ModelCrowded
from core.ports import ChatModel, Clock, ModelEvent, ModelRequest
from core.queueing import Gate, Lane, Line
from core.turn import Turn

log = structlog.get_logger()

Told = Callable[[int | None], None]
"""Is told a place in line, from 1 on; None when it is over."""


@dataclass(slots=True, kw_only=True)
class _Ticket:
    """One turn that wants to ask."""

    turn: int
    lane: Lane
    until: float
    """When it has waited long enough."""
    admitted: asyncio.Event = field(default_factory=asyncio.Event)


class Waiting:
    """A model, with a line before it."""

    def __init__(self, model: ChatModel, clock: Clock, *, patience: float = 0.0) -> None:
        """Who is refused waits for that many seconds at most; 0: not at all."""
        self._model = model
        self._clock = clock
        self._patience = patience
        self._line = Line()
        self._gate = Gate()
        self._tickets: dict[int, _Ticket] = {}
        self._watchers: dict[int, Told] = {}
        self._told: dict[int, int] = {}

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._line)

    @contextmanager
    def watching(self, turn: int, told: Told) -> Iterator[None]:
        """Meanwhile that turn's place in line is told whenever it changes."""
        self._watchers[turn] = told
        try:
            yield
        finally:
            del self._watchers[turn]
            self._told.pop(turn, None)

    async def stream(self, request: ModelRequest, turn: Turn) -> AsyncGenerator[ModelEvent]:
        """The model's answer, when it is this turn's time. Raises ModelCrowded when that takes too long, and what the
        model raises."""
        lane = Lane(workspace=turn.key.workspace_name, person=turn.asker.id)
        ticket = _Ticket(turn=turn.id, lane=lane, until=self._clock.monotonic() + self._patience)
        if len(self._line) or not self._gate.lets(self._clock.monotonic()):
            self._tickets[turn.id] = ticket
            self._line.join(turn.id, lane)
            await self._admitted(ticket)
        else:
            self._gate.asking += 1
        while True:
            given = False
            try:
                async with aclosing(self._model.stream(request)) as events:
                    async for event in events:
                        if not given:
                            self._answered()
                        given = True
                        yield event
                return
            except ModelBusy as error:
                self._refused(ticket, error, given=given)
            finally:
                self._gate.asking -= 1
                self._look()
            await self._admitted(ticket)

    def _answered(self) -> None:
        self._gate.answered(crowded=bool(len(self._line)))
        self._look()

    def _refused(self, ticket: _Ticket, error: ModelBusy, *, given: bool) -> None:
        """It stands in line again, at the front. Raises the error where waiting is of no use."""
        if given or not self._patience:
            raise error
        now = self._clock.monotonic()
        self._gate.refused(now, error.retry_after)
        log.info(
            "provider is busy", action="waiting.busy", turn=ticket.turn, waiting=len(self._line), detail=error.detail
        )
        self._check(ticket, now, error)
        ticket.admitted.clear()
        self._tickets[ticket.turn] = ticket
        self._line.rejoin(ticket.turn, ticket.lane)

    def _check(self, ticket: _Ticket, now: float, error: ModelBusy | None = None) -> None:
        """Raises where its time would be over before the gate opens."""
        if ticket.until <= max(now, self._gate.opens_at):
            log.warning("gave up waiting", action="waiting.gave_up", turn=ticket.turn)
            raise ModelCrowded(retry_after=max(0.0, self._gate.opens_at - now)) from error

    async def _admitted(self, ticket: _Ticket) -> None:
        """It is this turn's time: it asks."""
        try:
            while True:
                self._look()
                if ticket.admitted.is_set():
                    return
                now = self._clock.monotonic()
                self._check(ticket, now)
                opens_in = self._gate.opens_at - now
                await self._woken(ticket, opens_in if opens_in > 0 else ticket.until - now)
        except BaseException:
            if ticket.admitted.is_set():
                self._gate.asking -= 1
            self._line.leave(ticket.turn)
            raise
        finally:
            del self._tickets[ticket.turn]
            self._tell_all()
            self._look()

    async def _woken(self, ticket: _Ticket, seconds: float) -> None:
        """Returns when it was admitted, or so much time has passed."""
        waits = {
            asyncio.create_task(ticket.admitted.wait()),
            asyncio.create_task(self._clock.sleep(seconds)),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _look(self) -> None:
        """As many as may are let through."""
        while len(self._line) and self._gate.lets(self._clock.monotonic()):
            number = self._line.take()
            assert number is not None
            self._gate.asking += 1
            self._tickets[number].admitted.set()
        self._tell_all()

    def _tell_all(self) -> None:
        """Whoever's place has changed hears of it."""
        places = {number: place for place, number in enumerate(self._line.order(), start=1)}
        for number, told in list(self._watchers.items()):
            if self._told.get(number) != places.get(number):
                told(places.get(number))
        self._told = {number: place for number, place in places.items() if number in self._watchers}
