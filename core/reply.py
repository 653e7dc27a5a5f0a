"""A growing answer: what the model writes goes in at one end, and messages of a platform come out at the other.

Two tasks meet here. The reader of the stream calls `add`, which is cheap and never waits. The writer shows what is
there whenever its budget allows, one write at a time, always with the newest text; a write in flight is never
cancelled, since nobody could tell whether it happened. A message that is full is finished and the next one begins; an
answer that fills too many ends as a file. At the end the writer is asked to finish and is awaited. When to write is
decided in scheduling/, where to cut in manuscript.py, what a message shows in page.py, how a file is sent in
enclosure.py, and what follows from how the answer ended in endings.py and engine.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from core import fencing
from core.abandonment import Abandonment
from core.enclosure import Enclosure, FilePost, Recorder
from core.errors import PostGone, PostSealed, PostTooLong, SurfaceBusy, SurfaceError, SurfaceUnavailable, Undelivered
from core.lag import Lag
from core.leftovers import Leftovers
from core.pacing import Pacing
from core.page import Page, Step
from core.ports import Call, Clock, Ending, Surface, Task
from core.presence import Presence
from core.queueing import in_line
from core.scheduling import BudgetObservation, EditBudget, Urgency
from core.turn import MessageRef, Turn

log = structlog.get_logger()

TRIES = 8
"""Writes in a row that may fail before the rest counts as owed."""
FILE_TRIES = 4
"""The same for a file: then the text is posted instead."""
PAUSE_MOST = 30.0
"""Seconds between such tries, at most."""
REST_MOST = 0.4
REST_LESS = 0.01
"""Seconds for which a reader may let text gather, at most, and how long before the next write it stops."""


class Reply:
    """One answer on its way to people. Made for one attempt of a turn, inside a running loop."""

    def __init__(
        self,
        turn: Turn,
        *,
        surface: Surface,
        pacing: Pacing,
        clock: Clock,
        recorder: Recorder,
        growing: bool = True,
        enclosure: Enclosure | None = None,
    ) -> None:
        """Where it is not `growing`, nothing is shown before the answer has ended. Without an enclosure an answer fills
        as many messages as it needs."""
        self._turn = turn
        self._surface = surface
        self._pacing = pacing
        self._clock = clock
        self._recorder = recorder
        self._growing = growing
        self._limits = surface.limits(turn.target)
        self.lag = Lag()
        """How late people see what was added, so far."""
        self._posts = dict(enumerate(turn.posts))
        self._file = FilePost(enclosure, turn, self._posts, recorder)
        self._leftovers = Leftovers(turn, surface, clock)
        self._seek = self._begun_before = turn.lease is not None and turn.lease.number > 1
        """An earlier owner, dead or gone down, may have posted what it could not record."""
        self._failures = 0
        self._doubtful = False
        """A write may have taken effect although it failed: nobody knows to a letter what the message shows."""
        self._reposts = 0
        self._replaced: list[MessageRef] = []
        """Messages that took no more edits and were posted anew; they go."""
        self._restarts = 0
        self._ending: Ending | None = None
        self._abandonment = Abandonment()
        self._budget: EditBudget | None = None
        """The one that the next write waits for."""
        self._budgets: dict[str, EditBudget] = {}
        self._wake = asyncio.Event()
        self._begin()
        self._writer = asyncio.create_task(self._write_all(), name=f"reply-{turn.id}")
        self._presence = Presence(surface, turn.target, clock, due=self._wake.set)

    def _begin(self) -> None:
        measure, most = self._surface.measure, self._file.most
        self._page = Page(self._turn.id, limits=self._limits, measure=measure, most=most)

    # ── the reader's side ──

    @property
    def text(self) -> str:
        """What the model has written so far."""
        return self._page.manuscript.text

    def add(self, delta: str) -> None:
        """More text is there to be shown. The work does not grow with the text so far."""
        self._page.manuscript.add(delta)
        self.lag.wrote(len(delta), self._clock.monotonic())
        self._offer()
        self._wake.set()

    def doing(self, tasks: Sequence[Task]) -> None:
        """People see what is being done for the answer, as long as it is."""
        self._page.tasks = tuple(tasks)
        self._offer()
        self._wake.set()

    def waits(self, place: int | None) -> None:
        """People see which place in line the question has, until there is text; None: it waits no more."""
        self._page.waiting = "" if place is None else in_line(place)
        self._presence.say(self._page.waiting)
        self._offer()
        self._wake.set()

    def restart(self) -> None:
        """The answer begins anew, in the same messages."""
        self._restarts += 1
        self.lag.restarted()
        self._begin()
        self._wake.set()

    def rest(self) -> float:
        """Seconds for which more text could not be shown anyway. Whoever reads the stream may let it gather so long:
        waking for each piece costs several times more than the piece."""
        if self._budget is None or self._page.shown is None or self._ending is not None:
            return 0.0
        due, now = self._pacing.due(self._budget), self._clock.monotonic()
        seconds = 0.0 if due is None else max(0.0, min(REST_MOST, due - now - REST_LESS))
        self.lag.resting(seconds, now)
        return seconds

    @property
    def begun(self) -> bool:
        """Whether people see a message of it."""
        return bool(self._posts)

    @property
    def broken(self) -> asyncio.Task[None]:
        """Done before `finish` only when nothing more can be written; then `finish` raises the reason."""
        return self._writer

    async def finish(self, ending: Ending) -> None:
        """Everything is shown, the last message carries the ending, and nothing is written any more.
        Raises Undelivered where the platform refused for good, LeaseLost where another process took over."""
        self._ending = ending
        self._pacing.ended(self._page.manuscript.written)
        self._offer()
        self._wake.set()
        try:
            await asyncio.shield(self._writer)
            await self._delete_leftovers()
        finally:
            await self._presence.end()

    async def abandon(self) -> None:
        """No further write begins, and the one in flight has returned."""
        self._abandonment.begin()
        self._wake.set()
        await self._presence.end()
        await asyncio.gather(self._writer, return_exceptions=True)

    # ── the writer's side ──

    async def _write_all(self) -> None:
        try:
            while (step := await self._something_to_show()) is not None:
                known = self._page.manuscript.position in self._posts and not step.encloses
                call = Call.EDIT if known else Call.OPEN
                if not await self._granted(call):
                    return
                step = self._compose() or step
                fencing.check()
                await self._write(call, step)
        finally:
            for budget in self._budgets.values():
                self._pacing.forget(budget, self._turn.id)

    async def _something_to_show(self) -> Step | None:
        """The next step, as soon as there is one; none when all is shown and the answer has ended."""
        while not self._abandonment.begun:
            self._wake.clear()
            step = self._compose()
            if step is not None:
                return step
            if self._ending is not None:
                return None
            await self._wake.wait()
        return None

    def _compose(self) -> Step | None:
        if self._ending is None and not self._growing:
            return None
        return self._page.step(self._ending, thinking=self._presence.thinking, now=self._clock.monotonic())

    async def _granted(self, call: Call) -> bool:
        """Waits until the budget allows a write; false when the reply was given up meanwhile."""
        self._budget = self._surface.budget(call, self._turn.target)
        self._budgets[self._budget.name] = self._budget
        self._offer()
        await self._abandonment.unless(self._pacing.granted(self._budget, self._turn.id))
        return not self._abandonment.begun

    def _offer(self) -> None:
        if self._budget is None:
            return
        if self._ending is not None:
            urgency = Urgency.FINAL
        elif self._page.shown is None:
            urgency = Urgency.FIRST
        else:
            urgency = Urgency.GROWING
        self._pacing.offer(self._budget, self._turn.id, self._page.manuscript.written, urgency)

    async def _write(self, call: Call, step: Step) -> None:
        budget, restarts, position = self._budget, self._restarts, self._page.manuscript.position
        assert budget is not None
        self._budget = None
        try:
            await self._show(call, step)
        except SurfaceError as error:
            self._pacing.failed(budget, self._turn.id)
            if isinstance(error, SurfaceUnavailable) and not step.encloses and restarts == self._restarts:
                self._page.may_have_showed(step)
            if not (step.encloses and await self._gave_up_file(error)):
                await self._recover(error, budget, position)
            return
        self._pacing.done(budget, self._turn.id)
        self._failures, self._doubtful = 0, False
        if restarts == self._restarts:
            self._advance(call, step)

    async def _show(self, call: Call, step: Step) -> None:
        target, position = self._turn.target, self._page.manuscript.position
        if step.encloses:
            await self._file.show(self.text, key=self._key("file"), below=position, begun=self._begun_before)
        elif call is Call.OPEN:
            ref = await self._surface.open(target, step.draft, key=self._key(), seek=self._seek)
            self._posts[position] = ref
            self._page.opened_at = self._clock.monotonic()
            await self._recorder.posted(position, ref)
        elif step.complete:
            await self._surface.finish(target, self._posts[position], step.draft)
        else:
            await self._surface.edit(target, self._posts[position], step.draft)

    def _advance(self, call: Call, step: Step) -> None:
        """What the write has shown is noted, and a full message makes way for the next one."""
        self._presence.text_is_there()
        self._seek = self._begun_before
        turned = self._page.showed(step, edited=call is Call.EDIT)
        if step.draft.text:
            self.lag.saw(self._page.seen, self._clock.monotonic())
        if turned:
            self._reposts = 0

    def _key(self, place: str = "") -> str:
        """Names one message of one turn for ever, also over databases that count from 1 again."""
        queued = int(self._turn.queued_at.timestamp() * 1000)
        return f"{self._turn.id}-{queued}-{place or f'{self._page.manuscript.position}-{self._reposts}'}"

    # ── when the platform says no ──

    async def _recover(self, error: SurfaceError, budget: EditBudget, position: int) -> None:
        log.info(
            "write failed",
            action="reply.write_failed",
            turn=self._turn.id,
            error=type(error).__name__,
            detail=error.detail,
        )
        self._failures += 1
        if self._failures > TRIES:
            raise Undelivered(error.detail, owed=self._page.manuscript.owed) from error
        if isinstance(error, SurfaceBusy):
            self._pacing.learned(budget.name, BudgetObservation(retry_after=error.retry_after))
        elif isinstance(error, SurfaceUnavailable):
            self._seek = self._doubtful = True
            await self._abandonment.unless(self._clock.sleep(min(2.0 ** (self._failures - 1), PAUSE_MOST)))
        elif isinstance(error, PostGone):
            self._post_anew(position)
        elif isinstance(error, PostSealed):
            self._seal_message(position)
        elif not (isinstance(error, PostTooLong) and self._page.narrow()):
            raise Undelivered(error.detail, owed=self._page.manuscript.owed) from error

    async def _gave_up_file(self, error: SurfaceError) -> bool:
        """Whether there will be no file; then all of the text is posted. What waiting may mend is tried again."""
        if isinstance(error, (SurfaceBusy, SurfaceUnavailable)) and self._failures + 1 < FILE_TRIES:
            return False
        log.warning("no file", action="reply.no_file", turn=self._turn.id, detail=error.detail)
        self._failures = 0
        self._page.unbounded()
        await self._file.clear(self._page.manuscript.position + 1)
        return True

    def _post_anew(self, position: int) -> None:
        """The message at that place is not ours any more; the answer may have begun anew since it was written to."""
        self._posts.pop(position, None)
        self._reposts += 1
        self._page.lost()

    def _seal_message(self, position: int) -> None:
        """The message keeps what it shows; the rest goes on in the next one. Where a message may show less than was
        written for it, that place is not known to a letter: then it is posted anew as a whole, and the old one goes."""
        if not self._doubtful and self._page.sealed():
            return
        if position in self._posts:
            self._replaced.append(self._posts[position])
        self._post_anew(position)

    async def _delete_leftovers(self) -> None:
        """Messages of an earlier, longer answer go away, and those that another one stands for now."""
        for ref in self._replaced:
            await self._leftovers.delete(ref)
        last = self._page.manuscript.position + self._page.enclosed
        for position in sorted(position for position in self._posts if position > last):
            await self._file.clear(position)
            await self._leftovers.delete(self._posts[position])
            await self._recorder.dropped(position)
