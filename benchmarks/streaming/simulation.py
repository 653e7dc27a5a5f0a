"""Streams, a platform and a strategy on a simulated clock: nothing waits, and every run is the same."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from benchmarks.streaming.platforms import LATENCY, Limit, Platform
from core.scheduling import BudgetObservation

TOKEN = 4
"""Characters of a token."""


@dataclass
class Stream:
    """One answer on its way."""

    number: int
    tokens: int
    rate: float
    """Tokens a second."""
    asked: float = 0.0
    written: int = 0
    shown: int = 0
    opened: bool = False
    flying: bool = False
    lag: float = 0.0
    """Character seconds."""
    first_shown: float | None = None
    complete_at: float = 0.0

    @property
    def length(self) -> int:
        return self.tokens * TOKEN

    @property
    def ended(self) -> bool:
        return self.written == self.length

    @property
    def complete(self) -> bool:
        return self.shown == self.length

    def ends_at(self) -> float:
        return self.asked + self.tokens / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the platform said to a write."""

    opening: bool
    retry_after: float
    """Seconds to wait; 0 when people see the text."""
    seen: BudgetObservation | None
    """Its headers."""


class Strategy(Protocol):
    """Decides when to write."""

    def arrived(self, stream: Stream) -> None:
        """More of the stream's text is there."""
        ...

    def returned(self, stream: Stream, answer: Answer) -> None:
        """A write has returned."""
        ...


@dataclass
class World:
    """The clock, the platform and what was counted."""

    platform: Platform
    now: float = 0.0
    calls: int = 0
    refusals: int = 0
    _incomplete: int = 0
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _limits: tuple[Limit, Limit] = field(init=False)
    strategy: Strategy = field(init=False)

    def __post_init__(self) -> None:
        self._limits = self.platform.limits()

    def at(self, time: float, action: Callable[[], None]) -> None:
        """The action happens at that time."""
        heapq.heappush(self._events, (max(time, self.now), next(self._numbers), action))

    def limit(self, opening: bool) -> Limit:
        """The limit that the first write, or a later one, draws on."""
        return self._limits[0 if opening else 1]

    def run(self, streams: list[Stream]) -> None:
        """All streams are generated and shown in full."""
        self._incomplete = len(streams)
        for stream in streams:
            self.at(stream.asked + 1 / stream.rate, partial(self._token, stream, 1))
        while self._events and self._incomplete:
            self.now, _, action = heapq.heappop(self._events)
            action()

    def _token(self, stream: Stream, number: int) -> None:
        stream.written = number * TOKEN
        if number < stream.tokens:
            self.at(stream.asked + (number + 1) / stream.rate, partial(self._token, stream, number + 1))
        self.strategy.arrived(stream)

    def write(self, stream: Stream) -> None:
        """All the text there is now is written; the strategy is told when the call returns."""
        carried, opening, began = stream.written, not stream.opened, self.now
        stream.flying = True
        self.calls += 1

        def received() -> None:
            retry_after = self.limit(opening).take(self.now)
            self.refusals += retry_after > 0
            answer = Answer(opening=opening, retry_after=retry_after, seen=self.limit(opening).seen(self.now))
            self.at(began + LATENCY, partial(self._return, stream, carried, answer))

        self.at(began + LATENCY / 2, received)

    def _return(self, stream: Stream, carried: int, answer: Answer) -> None:
        stream.flying = False
        if not answer.retry_after:
            self._show(stream, carried)
        self.strategy.returned(stream, answer)

    def _show(self, stream: Stream, carried: int) -> None:
        stream.opened = True
        if stream.first_shown is None:
            stream.first_shown = self.now
        for token in range(stream.shown // TOKEN + 1, carried // TOKEN + 1):
            stream.lag += TOKEN * (self.now - (stream.asked + token / stream.rate))
        stream.shown = max(stream.shown, carried)
        if stream.complete:
            stream.complete_at = self.now
            self._incomplete -= 1
