"""What holds for every crowd of replies, however the platform behaves."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from core.scheduling import BudgetObservation, Edit, EditBudget, EditScheduler, Urgency, Wait

ROUNDING = 1e-6


@dataclass
class Crowd:
    """Replies that grow, all served by one scheduler on a clock of their own."""

    scheduler: EditScheduler
    latencies: list[float]
    now: float = 0.0
    written: dict[int, int] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    flying: dict[int, int] = field(default_factory=dict)
    sent: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def at(self, time: float, action: Callable[[], None]) -> None:
        """It happens at that time."""
        heapq.heappush(self._events, (time, next(self._numbers), action))

    def grow(self, reply: int, characters: int, *, ends: bool = False) -> None:
        """The reply has more text."""
        self.written[reply] = self.written.get(reply, 0) + characters
        if ends:
            self.ended.add(reply)
        self._offer(reply)

    def _offer(self, reply: int) -> None:
        urgency = Urgency.GROWING if self.shown.get(reply) else Urgency.FIRST
        if reply in self.ended:
            urgency = Urgency.FINAL
        self.scheduler.offer(reply, self.written[reply], self.now, urgency=urgency)

    def _serve(self) -> None:
        while isinstance(decision := self.scheduler.next(self.now), Edit):
            reply = decision.reply
            assert reply not in self.flying, "one write of a reply at a time"
            self.flying[reply] = self.written[reply]
            latency = self.latencies[len(self.sent) % len(self.latencies)]
            self.sent.append(self.now)
            self.received.append(self.now + latency / 2)
            self.at(self.now + latency, partial(self._returned, reply))
        if decision.until is not None:
            assert decision.until > self.now
            self.at(decision.until, lambda: None)

    def _returned(self, reply: int) -> None:
        self.shown[reply] = self.flying.pop(reply)
        self.scheduler.done(reply, self.now)
        if self.shown[reply] < self.written[reply]:
            self._offer(reply)

    def run(self) -> None:
        """Until nothing is left to happen."""
        while self._events:
            self.now, _, action = heapq.heappop(self._events)
            action()
            self._serve()


BUDGETS = st.builds(
    EditBudget,
    name=st.just("any"),
    burst=st.integers(min_value=1, max_value=12),
    interval=st.floats(min_value=0.05, max_value=3.0),
)
GROWTH = st.tuples(
    st.floats(min_value=0.0, max_value=60.0),
    st.integers(min_value=0, max_value=8),
    st.integers(min_value=1, max_value=400),
    st.booleans(),
)
LATENCIES = st.lists(st.floats(min_value=0.0, max_value=2.0), min_size=1, max_size=5)


def crowd(budget: EditBudget, growth: list[tuple[float, int, int, bool]], latencies: list[float]) -> Crowd:
    """What became of it when all was said and shown."""
    made = Crowd(EditScheduler(budget, now=0.0), latencies)
    for time, reply, characters, ends in growth:
        made.at(time, partial(made.grow, reply, characters, ends=ends))
    made.run()
    return made


@given(budget=BUDGETS, growth=st.lists(GROWTH, max_size=80), latencies=LATENCIES)
def test_never_more_writes_than_the_budget(
    budget: EditBudget, growth: list[tuple[float, int, int, bool]], latencies: list[float]
) -> None:
    """In no window of any phase, counted where they are sent; where the way is always as long, also on arrival."""
    made = crowd(budget, growth, latencies)
    window = budget.burst * budget.interval
    times = [made.sent] + ([made.received] if len(set(latencies)) == 1 else [])
    for moments in times:
        for earlier, later in zip(moments, moments[budget.burst :], strict=False):
            assert later - earlier >= window - ROUNDING


@given(budget=BUDGETS, growth=st.lists(GROWTH, max_size=80), latencies=LATENCIES)
def test_everything_is_shown(
    budget: EditBudget, growth: list[tuple[float, int, int, bool]], latencies: list[float]
) -> None:
    """When nothing more is written, all that was written has been shown."""
    made = crowd(budget, growth, latencies)
    assert made.shown == made.written


@given(burst=st.integers(1, 6), crowd_size=st.integers(1, 12))
def test_nobody_starves(burst: int, crowd_size: int) -> None:
    """New first texts use up the whole budget, without end; a reply that only grows is served all the same."""
    scheduler = EditScheduler(EditBudget(name="any", burst=burst, interval=1.0), now=0.0)
    scheduler.offer(0, 100, 0.0, urgency=Urgency.GROWING)
    served = False
    newest = 0
    for second in range(300):
        for _ in range(crowd_size if second < 5 else 1):
            newest += 1
            scheduler.offer(newest, 10, float(second), urgency=Urgency.FIRST)
        while isinstance(decision := scheduler.next(float(second)), Edit):
            served = served or decision.reply == 0
            scheduler.done(decision.reply, float(second))
    assert served


OBSERVATIONS = st.one_of(
    st.builds(BudgetObservation, retry_after=st.floats(min_value=0, max_value=30)),
    st.builds(
        BudgetObservation,
        remaining=st.integers(0, 12),
        reset_after=st.none() | st.floats(min_value=0, max_value=10),
        burst=st.none() | st.integers(1, 12),
    ),
    st.just(BudgetObservation()),
)


@given(budget=BUDGETS, observations=st.lists(st.tuples(st.floats(0.0, 5.0), OBSERVATIONS), max_size=30))
def test_whatever_the_platform_says_writing_goes_on(
    budget: EditBudget, observations: list[tuple[float, BudgetObservation]]
) -> None:
    """No answer, however odd, stops a reply for ever, and a refusal is obeyed to the last moment."""
    scheduler, now = EditScheduler(budget, now=0.0), 0.0
    for later, observation in observations:
        now += later
        scheduler.offer(1, int(now * 10), now, urgency=Urgency.FINAL)
        scheduler.learned(observation, now)
        decision = scheduler.next(now)
        if observation.retry_after is not None:
            assert isinstance(decision, Wait)
            assert decision.until is not None
            assert decision.until >= now + observation.retry_after
        if isinstance(decision, Edit):
            scheduler.failed(1, now)
    scheduler.offer(1, int(now * 10), now, urgency=Urgency.FINAL)
    decision = scheduler.next(now)
    waits = 0
    while isinstance(decision, Wait):
        assert decision.until is not None
        assert now < decision.until <= now + 3600
        now = decision.until
        decision = scheduler.next(now)
        waits += 1
        assert waits < 50
