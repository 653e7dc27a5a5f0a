"""Many replies at once in one process, in real time: the engine's Reply and Pacing on a platform that answers at once.

What is measured is Parley's own work for each delta: collecting, making well formed, cutting, deciding. The model's
connection and the platform's are measured by `live`.
"""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bots.clock import SystemClock
from core.conversation import ConversationKey, Platform
from core.incoming import Author, ReplyTarget
from core.pacing import Pacing
from core.ports import Call, Draft, Ending, SurfaceLimits
from core.reply import Reply
from core.scheduling import EditBudget
from core.turn import MessageRef, Turn, TurnState

STREAMS, RATE, SECONDS = 500, 50.0, 8.0
DELTA = 4
"""Characters."""


@dataclass
class Screen:
    """Shows everything at once."""

    length: int
    interval: float
    """Seconds for each write of one message."""
    writes: int = 0

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        return SurfaceLimits(length=self.length)

    def measure(self, text: str) -> int:
        return len(text)

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        return EditBudget(name=f"screen:{target.key}:{call.value}", burst=5, interval=self.interval)

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        self.writes += 1
        return MessageRef(channel="1", message=key)

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        self.writes += 1

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        self.writes += 1

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        self.writes += 1

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        self.writes += 1

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        return False

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        await asyncio.sleep(0)

    async def idle(self, target: ReplyTarget) -> None:
        await asyncio.sleep(0)


class Forgetful:
    """Records nothing: the store is not measured here."""

    async def posted(self, position: int, ref: MessageRef) -> None:
        await asyncio.sleep(0)

    async def dropped(self, position: int) -> None:
        await asyncio.sleep(0)


@dataclass
class Crowd:
    """Replies of one process."""

    screen: Screen
    clock: SystemClock = field(default_factory=SystemClock)
    pacing: Pacing = field(init=False)
    late: list[float] = field(default_factory=list)
    """Seconds, of each delta that could not be taken in time."""

    def __post_init__(self) -> None:
        self.pacing = Pacing(self.clock)

    def reply(self, number: int) -> Reply:
        """One of them begins."""
        key = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread=f"{number}.5")
        turn = Turn(
            id=number,
            key=key,
            seq=1,
            state=TurnState.RUNNING,
            asker=Author(id="U1", name="Ann"),
            target=ReplyTarget(key=key, kind="thread"),
            queued_at=datetime.now(UTC),
            attempt=1,
        )
        return Reply(turn, surface=self.screen, pacing=self.pacing, clock=self.clock, recorder=Forgetful())

    async def stream(self, number: int, text: str) -> None:
        """One answer of that text is generated, each delta at its time, and shown."""
        reply = self.reply(number)
        began = time.monotonic() + number / STREAMS / RATE
        for place in range(0, len(text), DELTA):
            wait = began + place / DELTA / RATE - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            else:
                self.late.append(-wait)
            reply.add(text[place : place + DELTA])
        await reply.finish(Ending())


def lines(answer: str, formulas: str) -> Iterator[str]:
    """One line for each measurement; the texts are repeated to get the length that is needed."""
    for name, text in (("text", answer), ("formulas", formulas)):
        short, long = (asyncio.run(_each_delta(_long(text, length))) for length in (1_000, 100_000))
        yield (
            f"one reply of {name}, a write as often as the loop turns: {short * 1e6:6.1f} µs a delta at 1,000 "
            f"characters, {long * 1e6:6.1f} µs at 100,000: {long / short:4.2f} ×"
        )
    yield asyncio.run(_many(_long(answer, int(SECONDS * RATE) * DELTA)))
    yield f"one growing reply of 2,000 characters takes {asyncio.run(_size(_long(answer, 2_000))):,} bytes"


def _long(answer: str, length: int) -> str:
    return (answer * (length // len(answer) + 1))[:length]


async def _each_delta(text: str) -> float:
    """CPU seconds for each delta of a reply that is written all the time, in messages of 500 characters."""
    spent, deltas = 0.0, 0
    while deltas < 20_000:
        reply = Crowd(Screen(length=500, interval=0.0)).reply(0)
        began = time.process_time()
        for place in range(0, len(text), DELTA):
            reply.add(text[place : place + DELTA])
            await asyncio.sleep(0)
        await reply.finish(Ending())
        spent, deltas = spent + time.process_time() - began, deltas + len(text) // DELTA
    return spent / deltas


async def _many(text: str) -> str:
    crowd = Crowd(Screen(length=2_000, interval=1.0))
    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.gather(*(crowd.stream(number, text) for number in range(STREAMS)))
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    late, deltas = sorted(crowd.late) or [0.0], STREAMS * len(text) // DELTA
    return (
        f"{STREAMS} replies at {RATE:.0f} tokens/s, {crowd.screen.writes:,} writes: {cpu / wall:4.0%} of a core, "
        f"{cpu / deltas * 1e6:5.1f} ms of CPU for 1,000 deltas; {len(crowd.late) / deltas:4.0%} of them late, "
        f"one in a hundred by more than {late[int(len(late) * 0.99)] * 1000:3.0f} ms"
    )


async def _size(text: str) -> int:
    """Bytes of memory for each of many replies."""
    crowd, count = Crowd(Screen(length=4_000, interval=1.0)), 200
    tracemalloc.start()
    replies = [crowd.reply(number) for number in range(count)]
    for reply in replies:
        for place in range(0, len(text), DELTA):
            reply.add(text[place : place + DELTA])
        await asyncio.sleep(0)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await asyncio.gather(*(reply.abandon() for reply in replies))
    return size // count
