"""What is sent to the app, until it is acknowledged or given up.

Events are retried as Slack does (three times, the same event_id); commands and interactions have one chance, since a
person is waiting. How a payload travels is the business of a Transport: `socket_mode` or `http_delivery`. When no
socket is open, events wait for one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sandbox.changes import Changes
from sandbox.slack.faults import Faults
from sandbox.slack.values import Json

EnvelopeType = Literal["events_api", "slash_commands", "interactive"]
RETRY_DELAYS = (0.0, 60.0, 300.0)
"""Seconds before each of Slack's retries: at once, after a minute, after five."""
QUEUE_SECONDS = 361.0
"""After its last retry, some six minutes on, an event that found no connection is lost."""
KEPT = 20_000
"""Deliveries remembered; older ones are forgotten, so that a long run does not fill the memory."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try: `outcome` is `acked`, or why it failed."""

    number: int
    at: float
    outcome: str = "sent"


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One payload on its way to the app."""

    kind: str
    """The event's type (`app_mention`, `message`, `message_changed`), `command` or the interaction's type."""
    type: EnvelopeType
    payload: Json
    at: float
    attempts: list[Attempt] = field(default_factory=list)
    acked: bool = False
    given_up: bool = False
    answer: Json | None = None
    """What the app acknowledged with, when it said anything."""
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def event_id(self) -> str | None:
        return self.payload.get("event_id")

    @property
    def retries(self) -> int:
        return max(0, len(self.attempts) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one try ended. `reason` is Slack's word for a retry, empty when acknowledged."""

    acked: bool
    answer: Json | None = None
    reason: str = ""
    retry: bool = True


class Transport(Protocol):
    """A way to the app."""

    @property
    def ready(self) -> bool: ...

    async def send(self, delivery: Delivery, number: int, reason: str) -> Outcome: ...


class Deliveries:
    """Every delivery, under way or done."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        changes: Changes,
        faults: Faults,
        transport: Callable[[], Transport],
        retry_delays: Sequence[float] = RETRY_DELAYS,
        queue_seconds: float = QUEUE_SECONDS,
    ) -> None:
        self._now = now
        self._changes = changes
        self._faults = faults
        self._transport = transport
        self.retry_delays = tuple(retry_delays)
        self.queue_seconds = queue_seconds
        """An event that found no connection for longer than this is given up."""
        self.log: deque[Delivery] = deque(maxlen=KEPT)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, kind: str, type: EnvelopeType, payload: Json) -> Delivery:
        """The payload is on its way; `delivery.done` is set when it is acknowledged or given up."""
        delivery = Delivery(kind=kind, type=type, payload=payload, at=self._now())
        self.log.append(delivery)
        self._start(self._carry_event(delivery) if type == "events_api" else self._carry_once(delivery))
        return delivery

    async def stop(self) -> None:
        """Nothing is under way any more; what was not acknowledged is given up."""
        self._faults.release()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for delivery in self.log:
            if not delivery.done.is_set():
                self._finish(delivery)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_event(self, delivery: Delivery) -> None:
        twice, held = self._faults.take_duplicate(), self._faults.take_hold()
        if held:
            await held.wait()
        if twice:
            self._start(self._repeat(delivery))
        reason = ""
        for number in range(1 + len(self.retry_delays)):
            if number:
                await asyncio.sleep(self.retry_delays[number - 1])
            outcome = await self._try(delivery, number, reason)
            if outcome.acked or not outcome.retry:
                break
            reason = outcome.reason
        self._finish(delivery)

    async def _carry_once(self, delivery: Delivery) -> None:
        if self._transport().ready:
            await self._try(delivery, 0, "")
        else:
            delivery.attempts.append(Attempt(number=0, at=self._now(), outcome="dispatch_failed"))
        self._finish(delivery)

    async def _repeat(self, delivery: Delivery) -> None:
        await self._try(delivery, 1, "timeout")

    async def _try(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        attempt = Attempt(number=number, at=self._now())
        delivery.attempts.append(attempt)
        if not self._transport().ready:
            if number == 0:
                attempt.outcome = "connection_failed"
                return Outcome(acked=False, reason="timeout")
            if not await self._connected(delivery):
                attempt.outcome = "expired"
                return Outcome(acked=False, retry=False)
        outcome = await self._transport().send(delivery, number, reason)
        attempt.outcome = "acked" if outcome.acked else outcome.reason
        if outcome.acked:
            delivery.acked, delivery.answer = True, outcome.answer
        self._changes.tell({"type": "event", "kind": delivery.kind, "acked": outcome.acked})
        return outcome

    async def _connected(self, delivery: Delivery) -> bool:
        """True once a connection is there; False when the event had become too old by then."""
        while not self._transport().ready:
            await self._changes.next()
        return self._now() - delivery.at <= self.queue_seconds

    def _finish(self, delivery: Delivery) -> None:
        delivery.given_up = not delivery.acked
        delivery.done.set()
        self._changes.tell()
