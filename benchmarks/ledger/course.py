"""The course of the benchmark: the same turn on a small ledger and on a large one, by turns, within one run.

What is timed are the store's own methods, called as a bot calls them: `reserve` before the model is asked, `finish`
when it has answered. Accepting and claiming are not. The asker's own accounts stay few: what is asked here is what all
the others' rows cost.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from benchmarks.ledger.filling import WORKSPACE, fill
from benchmarks.scale.places import ENGINES, Place
from benchmarks.scale.plans import Plan, Statement, explained
from benchmarks.scale.steps import recorded
from core.audit import AuditEntry
from core.conversation import ConversationKey, Platform
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.privacy import Place as Where
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.price import Price
from core.quota.reservation import Ask, Reserved, Terms
from core.store import Accepted, Store
from core.store.database import Database
from core.turn import Outcome, Turn, TurnState, Usage
from migrations.upgrade import upgrade

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ASKER = Author(id="U-asker", name="Asker", roles=frozenset({"R1"}))
KEY = ConversationKey(platform=Platform.SLACK, workspace=WORKSPACE, channel="C-benchmark", thread="1")
PRICE = Price(prompt=Decimal("1"), cached=None, completion=Decimal("4"))
ENOUGH = 10**15
LIMITS = (
    Limit(subject=Subject(kind=SubjectKind.EACH_USER), measure=Measure.REQUESTS, period=Period.DAY, amount=ENOUGH),
    Limit(
        subject=Subject(kind=SubjectKind.ROLE, id="R1"),
        measure=Measure.TOKENS,
        period=Period.HOUR,
        amount=ENOUGH,
        sliding=True,
    ),
    Limit(subject=Subject(kind=SubjectKind.WORKSPACE), measure=Measure.COST, period=Period.MONTH, amount=ENOUGH),
)
TERMS = Terms(limits=LIMITS, zone="Europe/Berlin")
WARM = 10
PARTS = 10


class Step(StrEnum):
    """What is timed by itself."""

    RESERVE = "reserve"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything."""

    small: int = 1
    large: int = 1_000_000
    turns: int = 300


QUICK = Sizes(large=300, turns=10)


@dataclass(slots=True)
class Side:
    """One database, with what its turns took."""

    store: Store
    database: Database
    rows: int = 0
    count: int = 0
    seconds: dict[Step, list[float]] = field(default_factory=lambda: {step: [] for step in Step})
    statements: dict[Step, list[Statement]] = field(default_factory=dict)

    async def turn(self) -> None:
        """One turn is reserved for and settled."""
        self.count += 1
        turn = await self.waiting()
        ask = Ask(prompt_tokens=600, answer_most=400, answer_least=200, price=PRICE)
        reserving = self.store.reserve(turn, ask, persona_id=None, terms=TERMS, now=NOW)
        assert isinstance(await self._timed(Step.RESERVE, reserving), Reserved)
        usage = Usage(prompt_tokens=600, completion_tokens=200, model="m")
        outcome = Outcome(state=TurnState.DONE, text="Yes.", usage=usage, price=PRICE, persona_version=0)
        await self._timed(Step.SETTLE, self.store.finish(turn, outcome, (), now=NOW))

    async def waiting(self) -> Turn:
        """A turn of a conversation of its own, in work."""
        key = replace(KEY, thread=str(self.count))
        asked = Incoming(
            event_id=f"e{self.count}",
            message_id=f"m{self.count}",
            key=key,
            author=ASKER,
            kind=IncomingKind.MENTION,
            text="hi",
            target=ReplyTarget(key=key, kind="thread"),
            sent_at=NOW,
        )
        assert isinstance(await self.store.accept(asked, tokens=1, now=NOW), Accepted)
        turn = await self.store.claim([Platform.SLACK], "benchmark", now=NOW, until=NOW + timedelta(hours=1))
        assert turn is not None
        return turn

    async def _timed(self, step: Step, doing: Awaitable[object]) -> object:
        with recorded() as statements:
            began = time.perf_counter()
            result = await doing
            self.seconds[step].append(time.perf_counter() - began)
        self.statements[step] = list(statements)
        return result

    async def plans(self) -> dict[Step, tuple[Plan, ...]]:
        """How the database carries out the statements of the last turn."""
        return {
            step: await explained(self.database, [(text, _first(parameters)) for text, parameters in found])
            for step, found in self.statements.items()
        }


def _first(parameters: Any) -> Any:
    """Of a statement that is executed for several rows."""
    return parameters[0] if isinstance(parameters, list) else parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step on both sides."""

    engine: str
    step: Step
    small: int
    large: int
    """Rows in the ledger."""
    small_ms: float
    large_ms: float
    low: float
    high: float
    """The least and the largest ratio of any tenth of the run."""
    small_queries: int
    large_queries: int

    @property
    def ratio(self) -> float:
        """How much longer the large one takes."""
        return self.large_ms / self.small_ms


@dataclass(slots=True)
class Result:
    """All that was found."""

    lines: list[Line] = field(default_factory=list)
    plans: dict[str, dict[Step, tuple[Plan, ...]]] = field(default_factory=dict)
    """On the large side of each engine."""


async def run(place: Place, sizes: Sizes, say: Callable[[str], None]) -> Result:
    """Both engines, one after the other."""
    result = Result()
    for engine in ENGINES:
        urls = [await place.create(engine) for _ in range(2)]
        sides = []
        for url, rows in zip(urls, (sizes.small, sizes.large), strict=True):
            say(f"{engine}: {rows:,} rows")
            sides.append(await _side(url, rows))
        await _by_turns(sides, sizes.turns)
        result.lines += _lines(engine, *sides)
        result.plans[engine] = await sides[1].plans()
        for side, url in zip(sides, urls, strict=True):
            await side.store.close()
            await place.drop(url)
    return result


async def _side(url: str, rows: int) -> Side:
    await upgrade(url)
    database = Database(url)
    filled = await fill(database, rows)
    side = Side(Store(database), database, rows=filled.whole)
    by = AuditEntry(at=NOW, place=Where.of(KEY).whole, actor=ASKER, action="quota.set")
    await side.store.set_limit(Where.of(KEY).whole, LIMITS[0], by=by)  # the others are the operator's
    return side


async def _by_turns(sides: Sequence[Side], turns: int) -> None:
    """What else the machine does meets both alike."""
    for number in range(WARM + turns):
        for side in sides if number % 2 else reversed(sides):
            await side.turn()
    for side in sides:
        for seconds in side.seconds.values():
            del seconds[:WARM]


def _lines(engine: str, small: Side, large: Side) -> list[Line]:
    return [
        Line(
            engine=engine,
            step=step,
            small=small.rows,
            large=large.rows,
            small_ms=statistics.median(small.seconds[step]) * 1000,
            large_ms=statistics.median(large.seconds[step]) * 1000,
            low=min(_ratios(small.seconds[step], large.seconds[step])),
            high=max(_ratios(small.seconds[step], large.seconds[step])),
            small_queries=len(small.statements[step]),
            large_queries=len(large.statements[step]),
        )
        for step in Step
    ]


def _ratios(small: Sequence[float], large: Sequence[float]) -> list[float]:
    size = max(1, len(small) // PARTS)
    return [
        statistics.median(large[at : at + size]) / statistics.median(small[at : at + size])
        for at in range(0, len(small), size)
    ]
