"""The course of a run: which databases are made, and what is compared with what.

A turn reads as much as the model's window holds and no more, so both sides of a comparison are given a window that the
shorter conversation fills: the question is whether what lies beyond it costs anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from benchmarks.scale.aging import age, vacuum
from benchmarks.scale.comparison import Repetitions, Row, Side, compared
from benchmarks.scale.corpus import FRAMING, QUESTION_TOKENS, TURN_TOKENS, TURNS, Corpus, key_of
from benchmarks.scale.places import ENGINES, Place, filled
from benchmarks.scale.plans import Plan
from benchmarks.scale.steps import Memory, Step
from benchmarks.scale.throughput import Throughput, throughput
from benchmarks.scale.weight import Weight, weights
from core.conversation import ConversationKey

Say = Callable[[str], None]
COLD = 64
"""Conversations that are used in turn where databases are compared: few turns come to a conversation just used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is stored and how often everything is done."""

    small: int = 1_000
    """Conversations."""
    large: int = 1_000_000
    long: int = 100_000
    """Messages of the longest conversation."""
    middle: int = 1_000
    """Messages of the one that fills a large window."""
    window: int = 400
    """Turns that such a window holds."""
    few_waiting: int = 10
    many_waiting: int = 1_000
    aged: int = 100_000
    """Turns that ended since the last vacuum."""
    repetitions: Repetitions = Repetitions(counted=300, before=10)
    rounds: int = 5
    seconds: float = 8.0


QUICK = Sizes(
    small=200,
    large=2_000,
    long=2_000,
    middle=200,
    window=60,
    many_waiting=50,
    aged=500,
    repetitions=Repetitions(counted=2, before=1),
    rounds=1,
    seconds=0.5,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that a run found."""

    rows: tuple[Row, ...] = ()
    throughput: tuple[Throughput, ...] = ()
    weights: tuple[Weight, ...] = ()
    plans: dict[str, dict[Step, tuple[Plan, ...]]] = field(default_factory=dict)
    """By engine, in the largest database."""


class Part(StrEnum):
    """What can be run by itself."""

    COSTS = "costs"
    THROUGHPUT = "throughput"


async def run(place: Place, sizes: Sizes, say: Say, parts: Collection[Part] = tuple(Part)) -> Result:
    """Nothing is left of the databases."""
    result = await _costs(place, sizes, say) if Part.COSTS in parts else Result()
    if Part.THROUGHPUT not in parts:
        return result
    return replace(result, throughput=await _throughput(place, sizes, say))


async def _costs(place: Place, sizes: Sizes, say: Say) -> Result:
    """Both engines, one after the other."""
    rows: list[Row] = []
    weighed: list[Weight] = []
    plans = {}
    for engine in ENGINES:
        async with _open(place, engine, _small(sizes)) as small, _open(place, engine, _large(sizes)) as large:
            course = Course(engine, sizes, say)
            rows += [*await course.lengths(small), *await course.databases(small, large)]
            plans[engine] = await large.plans(_large(sizes).ten_messages(1)[0], room=_room(TURNS))
            weighed += await weights(large.url, engine)
        rows += await _waiting(place, engine, sizes, say)
    rows += await _aged(place, sizes, say)
    return Result(rows=tuple(rows), weights=tuple(weighed), plans=plans)


class Course:
    """The comparisons of one engine."""

    def __init__(self, engine: str, sizes: Sizes, say: Say) -> None:
        self._engine, self._sizes, self._say = engine, sizes, say

    async def lengths(self, memory: Memory) -> tuple[Row, ...]:
        """A short and a long conversation of one database, with a small window and with a large one."""
        corpus, sizes = _small(self._sizes), self._sizes
        ten = Side(name="10 messages", memory=memory, keys=corpus.ten_messages(1))
        middle = Side(name=f"{sizes.middle:,} messages", memory=memory, keys=[corpus.long_key(0)])
        long = Side(name=f"{sizes.long:,} messages", memory=memory, keys=[corpus.long_key(1)])
        return (
            *await self._compared("length of the conversation", ten, long),
            *await self._compared("length, window full", middle, long, turns=sizes.window, part=4),
        )

    async def databases(self, small: Memory, large: Memory) -> tuple[Row, ...]:
        """The same conversation, and a new one, in a small and in a large database."""
        sides = [(small, _small(self._sizes)), (large, _large(self._sizes))]
        known = [self._side(memory, corpus, corpus.ten_messages(COLD)) for memory, corpus in sides]
        fresh = [
            self._side(memory, corpus, [key_of(corpus.size + 1 + number) for number in range(COLD)])
            for memory, corpus in sides
        ]
        return (
            *await self._compared("size of the database", *known),
            *await self._compared("size, a new conversation", *fresh),
        )

    def _side(self, memory: Memory, corpus: Corpus, keys: list[ConversationKey] | tuple[ConversationKey, ...]) -> Side:
        return Side(name=f"{corpus.conversations:,} conversations", memory=memory, keys=keys)

    async def _compared(
        self, what: str, small: Side, large: Side, *, turns: int = TURNS, part: int = 1
    ) -> tuple[Row, ...]:
        self._say(f"{self._engine}: {what}")
        repetitions = self._sizes.repetitions.share(part)
        return await compared(self._engine, what, small, large, room=_room(turns), repetitions=repetitions)


async def _waiting(place: Place, engine: str, sizes: Sizes, say: Say) -> tuple[Row, ...]:
    """A claim where few and where many wait. Its cost is known to grow with them, and with nothing else."""
    say(f"{engine}: turns that wait")
    few, many = (Corpus(conversations=sizes.small, waiting=count) for count in (sizes.few_waiting, sizes.many_waiting))
    async with _open(place, engine, few) as small, _open(place, engine, many) as large:
        return await compared(
            engine,
            "turns that wait",
            Side(name=f"{few.waiting:,} waiting", memory=small, keys=few.ten_messages(COLD)),
            Side(name=f"{many.waiting:,} waiting", memory=large, keys=many.ten_messages(COLD)),
            room=_room(TURNS),
            repetitions=sizes.repetitions.share(3),
            promised=False,
        )


async def _aged(place: Place, sizes: Sizes, say: Say) -> tuple[Row, ...]:
    """PostgreSQL just after a vacuum, and long after."""
    say("postgresql: turns since the last vacuum")
    corpus = Corpus(conversations=sizes.aged)
    async with _open(place, "postgresql", corpus) as young, _open(place, "postgresql", corpus) as old:
        await age(old.url)
        sides = {
            "since": Side(name=f"{sizes.aged:,} turns later", memory=old, keys=corpus.ten_messages(COLD)),
            "fresh": Side(name="just vacuumed", memory=young, keys=corpus.ten_messages(COLD)),
        }
        repetitions = sizes.repetitions.share(3)
        aged = await compared(
            "postgresql",
            "turns since the last vacuum",
            sides["fresh"],
            sides["since"],
            room=_room(TURNS),
            repetitions=repetitions,
            promised=False,
        )
        await vacuum(old.url)
        healed = await compared(
            "postgresql",
            "after that vacuum",
            sides["fresh"],
            sides["since"],
            room=_room(TURNS),
            repetitions=repetitions,
        )
        return (*aged, *healed)


async def _throughput(place: Place, sizes: Sizes, say: Say) -> tuple[Throughput, ...]:
    say("postgresql: whole turns with one and with two processes")
    url = await filled(place, "postgresql", Corpus(conversations=sizes.small))
    try:
        return await throughput(url, place.postmaster, rounds=sizes.rounds, seconds=sizes.seconds)
    finally:
        await place.drop(url)


def _small(sizes: Sizes) -> Corpus:
    return Corpus(conversations=sizes.small, long=(sizes.middle, sizes.long))


def _large(sizes: Sizes) -> Corpus:
    return Corpus(conversations=sizes.large)


def _room(turns: int) -> int:
    """Tokens that hold that many turns and the question."""
    return turns * TURN_TOKENS + QUESTION_TOKENS + FRAMING


@asynccontextmanager
async def _open(place: Place, engine: str, corpus: Corpus) -> AsyncIterator[Memory]:
    url = await filled(place, engine, corpus)
    memory = Memory.open(url)
    try:
        yield memory
    finally:
        await memory.close()
        await place.drop(url)
