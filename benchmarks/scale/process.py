"""One process of the throughput benchmark: a whole Parley between a model that answers at once and a platform that
costs nothing, on a real database. `python -m benchmarks.scale.process URL SECONDS FIRST STEP`, told `go` when all are
there; it prints what it did, and stays until its input ends, so that its connections can still be looked at."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import AsyncGenerator

import structlog

from adapters.chat_completions.tokens import load_counter
from benchmarks.scale.corpus import ANSWER_LENGTH, ANSWER_TOKENS, key_of
from benchmarks.scale.steps import PLATFORMS, asked
from bots.clock import SystemClock
from core.answering import Answering
from core.control import TurnControl
from core.conversation import ConversationKey
from core.engine import Engine
from core.incoming import Author, ReplyTarget
from core.pacing import Pacing
from core.persona import Persona
from core.ports import Call, Draft, Finished, FinishReason, ModelEvent, ModelRequest, SurfaceLimits, TextDelta
from core.scheduling import EditBudget
from core.sharing import BudgetSharing
from core.store import Store
from core.store.shedding import Bounds
from core.turn import MessageRef, Turn, Usage
from core.worker import Worker

ASKING = 16
"""People who ask through this process, each again as soon as an answer has ended."""
CONVERSATIONS = 1_000
"""They ask in that many conversations in turn, so that nobody asks where somebody waits."""
WINDOW = 8_000
POSTED = MessageRef(channel="C", message="")


class InstantModel:
    """Answers at once, and always the same."""

    def window(self, model: str) -> int:
        """Tokens."""
        return WINDOW

    async def aclose(self) -> None:
        """There is nothing to close."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """The whole answer in one piece."""
        yield TextDelta(text="x" * ANSWER_LENGTH)
        yield Finished(reason=FinishReason.STOP, usage=Usage(prompt_tokens=600, completion_tokens=ANSWER_TOKENS))


class FreeSurface:
    """A platform that takes everything at once."""

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        """A usual length."""
        return SurfaceLimits(length=4_000)

    def measure(self, text: str) -> int:
        """In characters."""
        return len(text)

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        """As many writes as one likes."""
        return EditBudget(name=f"{target.key}:{call.value}", burst=1_000_000, interval=0.0)

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        """A message with an id of its own."""
        return MessageRef(channel=target.key.channel, message=key)

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """Done."""

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """Done."""

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        """Done."""

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        """Done."""

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Nobody is."""
        return False

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        """Done."""

    async def idle(self, target: ReplyTarget) -> None:
        """Done."""


class CountingEngine(Engine):
    """Says when a turn has ended, so that somebody may ask again."""

    ended: asyncio.Semaphore
    begun: asyncio.Event
    """Set when the first turn has ended."""
    turns: int = 0

    async def run(self, turn: Turn, control: TurnControl) -> None:
        """The turn has ended, and is counted."""
        await super().run(turn, control)
        self.turns += 1
        self.ended.release()
        self.begun.set()


async def main(url: str, seconds: float, first: int, step: int) -> None:
    """All that was asked within that time is answered, and the figures are printed."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),  # what we print is read by a program
    )
    store, clock = await Store.open(url, bounds=Bounds.of(100_000)), SystemClock()  # one person asks for all of them
    pacing = Pacing(clock)
    engine = await _engine(store, pacing, clock)
    worker = Worker(
        store=store,
        engine=engine,
        sharing=BudgetSharing(store=store, pacing=pacing, clock=clock, platforms=PLATFORMS),
        clock=clock,
        platforms=PLATFORMS,
        owner=f"process-{first}",
    )
    working = asyncio.create_task(worker.run())
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    work = _computed(seconds / 8)
    turns, taken, cpu = await _crowd(engine, seconds, first, step)
    work += _computed(seconds / 8)
    print(json.dumps({"turns": turns, "seconds": taken, "cpu": cpu, "work": work}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await _all_answered(store, clock)
    await worker.drain(0)
    await working
    await store.close()


async def _engine(store: Store, pacing: Pacing, clock: SystemClock) -> CountingEngine:
    counter, model, persona = await load_counter("gpt-6-luna"), InstantModel(), Persona(prompt="Be brief.")
    engine = CountingEngine(
        store=store,
        answering=Answering(store=store, model=model, counter=counter, clock=clock, persona=persona),
        counter=counter,
        surfaces=dict.fromkeys(PLATFORMS, FreeSurface()),
        pacing=pacing,
        clock=clock,
    )
    engine.ended, engine.begun = asyncio.Semaphore(0), asyncio.Event()
    return engine


async def _crowd(engine: CountingEngine, seconds: float, first: int, step: int) -> tuple[int, float, float]:
    """How many turns ended here while people asked, in how many seconds, and how many of them this process computed."""
    began, busy, before = time.monotonic(), _cpu(), engine.turns
    keys = [key_of(first + 1 + step * number) for number in range(CONVERSATIONS)]
    people = [asyncio.create_task(_person(engine, keys[at::ASKING])) for at in range(ASKING)]
    await asyncio.sleep(seconds)
    await engine.begun.wait()  # a machine with much else to do: what was not measured at all has no rate
    figures = engine.turns - before, time.monotonic() - began, _cpu() - busy
    for person in people:
        person.cancel()
    await asyncio.gather(*people, return_exceptions=True)
    return figures


async def _all_answered(store: Store, clock: SystemClock) -> None:
    """Whichever process accepted it: the next round begins with nobody waiting."""
    while (left := await store.open_turns(PLATFORMS)).queued or left.live:
        await clock.sleep(0.05)


async def _person(engine: CountingEngine, keys: list[ConversationKey]) -> None:
    while True:
        for key in keys:
            await engine.accept(asked(key))
            await engine.ended.acquire()


def _computed(seconds: float) -> int:
    """How much this machine computes for this process in that time, in hashes, whatever else it has to do."""
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        hashlib.sha256(bytes(1_000)).digest()
        done += 1
    return done


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
