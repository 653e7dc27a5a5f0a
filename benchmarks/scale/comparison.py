"""Two databases or two conversations side by side: how much longer does the larger one take?

Repetitions alternate (A B, B A, …), so that what else the machine does meets both alike. Medians are compared; the
spread is that of the same ratio over tenths of the run.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.scale.steps import Memory, Step, Taken
from core.conversation import ConversationKey

FLAT = 1.3
"""Up to this ratio a cost counts as not growing."""
PARTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetitions:
    """How often everything is done."""

    counted: int
    before: int
    """Before counting begins: connections are opened, statements prepared (PostgreSQL plans anew each of the first five
    times), pages read."""

    def share(self, part: int) -> Repetitions:
        """So many times fewer, for what takes longer."""
        return replace(self, counted=max(1, self.counted // part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Where turns are made: one after the other in these conversations, and round again."""

    name: str
    memory: Memory
    keys: Sequence[ConversationKey]

    def key(self, repetition: int) -> ConversationKey:
        """The conversation whose turn it is."""
        return self.keys[repetition % len(self.keys)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step on both sides."""

    step: Step
    small_ms: float
    large_ms: float
    low: float
    high: float
    """The least and the largest ratio of any tenth of the run."""
    small_queries: int
    large_queries: int
    engine: str = ""
    what: str = ""
    """What is compared."""
    small: str = ""
    large: str = ""
    promised: bool = True
    """Whether it must be flat."""

    @property
    def ratio(self) -> float:
        """How many times as long the larger side takes."""
        return self.large_ms / self.small_ms

    @property
    def kept(self) -> bool:
        """The promise holds."""
        return not self.promised or (self.ratio <= FLAT and self.small_queries == self.large_queries)


async def compared(
    engine: str, what: str, small: Side, large: Side, *, room: int, repetitions: Repetitions, promised: bool = True
) -> tuple[Row, ...]:
    """Both sides have made that many turns each, and no trace of them is left."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    for repetition in range(-repetitions.before, repetitions.counted):
        order = (0, 1) if repetition % 2 else (1, 0)
        for which in order:
            side = (small, large)[which]
            one = await side.memory.turn(side.key(repetition), room=room)
            if repetition >= 0:
                taken[which].append(one)
    rows = (_row(step, taken[0], taken[1]) for step in Step)
    return tuple(
        replace(row, engine=engine, what=what, small=small.name, large=large.name, promised=promised) for row in rows
    )


def _row(step: Step, small: list[Taken], large: list[Taken]) -> Row:
    of_small, of_large = ([one.seconds[step] for one in side] for side in (small, large))
    size = max(1, len(small) // PARTS)
    parts = [
        statistics.median(of_large[at : at + size]) / statistics.median(of_small[at : at + size])
        for at in range(0, len(small) - size + 1, size)
    ]
    return Row(
        step=step,
        small_ms=statistics.median(of_small) * 1_000,
        large_ms=statistics.median(of_large) * 1_000,
        low=min(parts),
        high=max(parts),
        small_queries=_most(step, small),
        large_queries=_most(step, large),
    )


def _most(step: Step, taken: list[Taken]) -> int:
    return max(len(one.statements[step]) for one in taken)
