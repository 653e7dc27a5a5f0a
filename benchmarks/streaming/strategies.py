"""Our scheduler, and the simple ways that other bots use."""

from __future__ import annotations

from benchmarks.streaming.simulation import Answer, Stream, World
from core.scheduling import BudgetObservation, Edit, EditScheduler, Lengths, Urgency


class Scheduled:
    """Parley: two schedulers, one for first texts and one for all that follows."""

    name = "Parley"

    def __init__(self, world: World, lengths: Lengths | None = None) -> None:
        self._world = world
        self._lengths = lengths or Lengths()
        platform = world.platform
        self._lanes = {
            True: EditScheduler(platform.opening, now=world.now, lengths=self._lengths),
            False: EditScheduler(platform.editing, now=world.now, lengths=self._lengths),
        }
        self._streams: dict[int, Stream] = {}
        self._woken: dict[bool, float] = {}

    def arrived(self, stream: Stream) -> None:
        self._streams[stream.number] = stream
        if stream.ended:
            self._lengths.ended(stream.length)
        if not stream.flying:
            self._offer(stream)

    def returned(self, stream: Stream, answer: Answer) -> None:
        lane, now = self._lanes[answer.opening], self._world.now
        if answer.retry_after:
            lane.learned(BudgetObservation(retry_after=answer.retry_after), now)
            lane.failed(stream.number, now)
        else:
            if answer.seen is not None:
                lane.learned(answer.seen, now)
            lane.done(stream.number, now)
        if stream.shown < stream.written:
            self._offer(stream)
        self._pump(answer.opening)

    def _offer(self, stream: Stream) -> None:
        opening = not stream.opened
        urgency = Urgency.FINAL if stream.ended else Urgency.FIRST if opening else Urgency.GROWING
        lane = self._lanes[opening]
        if lane.offer(stream.number, stream.written, self._world.now, urgency=urgency):
            self._pump(opening)

    def _pump(self, opening: bool) -> None:
        world, lane = self._world, self._lanes[opening]
        while isinstance(decision := lane.next(world.now), Edit):
            world.write(self._streams[decision.reply])
        if decision.until is not None and self._woken.get(opening, -1.0) != decision.until:
            self._woken[opening] = decision.until
            world.at(decision.until, lambda: self._pump(opening))


class FixedInterval:
    """Each stream is written every so many seconds, whatever the platform says; a refused write is tried again."""

    def __init__(self, world: World, seconds: float) -> None:
        self._world = world
        self._seconds = seconds
        self._last: dict[int, float] = {}

    def arrived(self, stream: Stream) -> None:
        due = self._last.get(stream.number, -self._seconds) + self._seconds
        if not stream.flying and (self._world.now >= due or stream.ended):
            self._write(stream)

    def _write(self, stream: Stream) -> None:
        if not stream.flying and not stream.complete:
            self._last[stream.number] = self._world.now
            self._world.write(stream)

    def returned(self, stream: Stream, answer: Answer) -> None:
        if answer.retry_after:
            stream.flying = True
            self._world.at(self._world.now + answer.retry_after, lambda: self._again(stream))
        elif stream.ended and not stream.complete:
            self._write(stream)

    def _again(self, stream: Stream) -> None:
        stream.flying = False
        self._write(stream)


class EveryCharacters(FixedInterval):
    """A write for each so many characters."""

    def __init__(self, world: World, characters: int) -> None:
        super().__init__(world, 0.0)
        self._characters = characters
        self._sent: dict[int, int] = {}

    def arrived(self, stream: Stream) -> None:
        if stream.flying:
            return
        if stream.ended or stream.written - self._sent.get(stream.number, -self._characters) >= self._characters:
            self._sent[stream.number] = stream.written
            self._write(stream)
