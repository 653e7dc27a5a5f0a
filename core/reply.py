"""A growing answer: what the model writes goes in at one end, and messages of a platform come out at the other.

Two tasks meet here. The reader of the stream calls `add`, which is cheap and never waits. The writer shows what is
there whenever its budget allows, one write at a time, always with the newest text; a write in flight is never
cancelled, since nobody could tell whether it happened. A message that is full is finished and the next one begins.
At the end the writer is asked to finish and is awaited. When to write is decided in scheduling/, where to cut in
manuscript.py, and what follows from how the answer ended in endings.py and engine.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Protocol

import structlog

from core.errors import PostGone, PostSealed, PostTooLong, SurfaceBusy, SurfaceError, SurfaceUnavailable, Undelivered
from core.lag import Lag
from core.manuscript import Manuscript
from core.markdown import well_formed
from core.pacing import Pacing
from core.ports import Call, Clock, Control, Draft, Ending, Surface
from core.scheduling import BudgetObservation, EditBudget, Urgency
from core.splitting import Cut
from core.turn import MessageRef, Turn

log = structlog.get_logger()

PLACEHOLDER_AFTER = 4.0
"""Seconds without text after which a message says that we think, so that there is something to stop."""
THINKING = "Thinking…"
TRIES = 8
"""Writes in a row that may fail before the rest counts as owed."""
PAUSE_MOST = 30.0
"""Seconds between such tries, at most."""


class Recorder(Protocol):
    """Remembers where a reply stands, so that another process can go on in the same messages."""

    async def posted(self, position: int, ref: MessageRef) -> None:
        """That message is part of the reply. Raises LeaseLost."""
        ...

    async def dropped(self, position: int) -> None:
        """That message is no longer part of it. Raises LeaseLost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What the current message shall show."""

    draft: Draft
    cut: Cut
    complete: bool
    """The message will not change any more."""


class Reply:
    """One answer on its way to people. Made for one attempt of a turn, inside a running loop."""

    def __init__(self, turn: Turn, *, surface: Surface, pacing: Pacing, clock: Clock, recorder: Recorder) -> None:
        self._turn = turn
        self._surface = surface
        self._pacing = pacing
        self._clock = clock
        self._recorder = recorder
        self._limits = surface.limits(turn.target)
        self.lag = Lag()
        """How late people see what was added, so far."""
        self._posts = dict(enumerate(turn.posts))
        self._seek = self._begun_before = turn.lease is not None and turn.lease.number > 1
        """An earlier owner, dead or gone down, may have posted what it could not record."""
        self._failures = 0
        self._reposts = 0
        self._restarts = 0
        self._ending: Ending | None = None
        self._abandoned = False
        self._placeholder = False
        self._budget: EditBudget | None = None
        """The one that the next write waits for."""
        self._budgets: dict[str, EditBudget] = {}
        self._waiting: asyncio.Task[None] | None = None
        """For a write that is not yet in flight, and so may be called off."""
        self._wake = asyncio.Event()
        self._begin()
        self._writer = asyncio.create_task(self._write_all(), name=f"reply-{turn.id}")
        self._working = asyncio.create_task(self._show_working(), name=f"working-{turn.id}")

    def _begin(self) -> None:
        self._manuscript = Manuscript(
            limit=self._limits.length, measure=self._surface.measure, grows=self._limits.grows
        )
        self._begin_message()

    def _begin_message(self) -> None:
        self._shown: Draft | None = None
        self._finished = False
        self._opened_at: float | None = None

    async def _show_working(self) -> None:
        """Until the first text is there, people see that we are at work, and after a while what they can stop."""
        patience = PLACEHOLDER_AFTER
        while self._shown is None:
            with contextlib.suppress(SurfaceError):
                await self._surface.working(self._turn.target)
            await self._clock.sleep(min(patience, self._limits.working_every))
            patience, self._placeholder = self._limits.working_every, True
            self._wake.set()

    # ── the reader's side ──

    @property
    def text(self) -> str:
        """What the model has written so far."""
        return self._manuscript.text

    def add(self, delta: str) -> None:
        """More text is there to be shown. The work does not grow with the text so far."""
        self._manuscript.add(delta)
        self.lag.wrote(len(delta), self._clock.monotonic())
        self._offer()
        self._wake.set()

    def restart(self) -> None:
        """The answer begins anew, in the same messages."""
        self._restarts += 1
        self.lag.restarted()
        self._begin()
        self._wake.set()

    @property
    def broken(self) -> asyncio.Task[None]:
        """Done before `finish` only when nothing more can be written; then `finish` raises the reason."""
        return self._writer

    async def finish(self, ending: Ending) -> None:
        """Everything is shown, the last message carries the ending, and nothing is written any more.
        Raises Undelivered where the platform refused for good, LeaseLost where another process took over."""
        self._ending = ending
        self._offer()
        self._wake.set()
        try:
            await asyncio.shield(self._writer)
            await self._delete_leftovers()
        finally:
            await self._end_working()

    async def abandon(self) -> None:
        """No further write begins, and the one in flight has returned."""
        self._abandoned = True
        self._wake.set()
        if self._waiting is not None:
            self._waiting.cancel()
        await self._end_working()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _end_working(self) -> None:
        self._working.cancel()
        await asyncio.gather(self._working, return_exceptions=True)

    # ── the writer's side ──

    async def _write_all(self) -> None:
        try:
            while (step := await self._something_to_show()) is not None:
                call = Call.EDIT if self._manuscript.position in self._posts else Call.OPEN
                if not await self._granted(call):
                    return
                step = self._compose() or step
                await self._write(call, step)
        finally:
            for budget in self._budgets.values():
                self._pacing.forget(budget, self._turn.id)

    async def _something_to_show(self) -> _Step | None:
        """The next step, as soon as there is one; none when all is shown and the answer has ended."""
        while not self._abandoned:
            self._wake.clear()
            step = self._compose()
            if step is not None and not self._is_shown(step):
                return step
            if self._ending is not None:
                return None
            await self._wake.wait()
        return None

    def _is_shown(self, step: _Step) -> bool:
        if self._shown != step.draft:
            return False
        return self._finished or not (step.complete and self._limits.grows)

    def _compose(self) -> _Step | None:
        cut = self._manuscript.cut(outlived=self._outlived())
        if cut.full:
            return _Step(draft=Draft(text=cut.shown, turn=self._turn.id), cut=cut, complete=True)
        if self._ending is not None:
            notice, controls = self._ending.notice, self._ending.controls
            last = Draft(text=cut.shown, notice=notice, controls=controls, turn=self._turn.id)
            return _Step(draft=last, cut=cut, complete=True)
        return self._growing_step(cut)

    def _outlived(self) -> bool:
        """Whether the platform takes no more text in this message."""
        lifetime = self._limits.lifetime
        if lifetime is None or self._opened_at is None:
            return False
        return self._clock.monotonic() - self._opened_at >= lifetime

    def _growing_step(self, cut: Cut) -> _Step | None:
        raw = self._manuscript.raw
        text = raw if self._limits.grows else well_formed(raw)
        if text.strip():
            draft = Draft(text=text, controls=(Control.STOP,), turn=self._turn.id)
        elif self._placeholder and self._manuscript.position == 0 and not self._limits.grows:
            draft = Draft(text="", notice=THINKING, controls=(Control.STOP,), turn=self._turn.id)
        else:
            return None
        return _Step(draft=draft, cut=cut, complete=False)

    async def _granted(self, call: Call) -> bool:
        """Waits until the budget allows a write; false when the reply was given up meanwhile."""
        self._budget = self._surface.budget(call, self._turn.target)
        self._budgets[self._budget.name] = self._budget
        self._offer()
        await self._unless_abandoned(self._pacing.granted(self._budget, self._turn.id))
        return not self._abandoned

    async def _unless_abandoned(self, wait: Coroutine[object, object, None]) -> None:
        """Returns after the wait, or as soon as the reply is given up."""
        if self._abandoned:
            wait.close()
            return
        self._waiting = asyncio.create_task(wait)
        try:
            await self._waiting
        except asyncio.CancelledError:
            if not self._abandoned:
                raise
        finally:
            self._waiting = None

    def _offer(self) -> None:
        if self._budget is None:
            return
        if self._ending is not None:
            urgency = Urgency.FINAL
        elif self._shown is None:
            urgency = Urgency.FIRST
        else:
            urgency = Urgency.GROWING
        self._pacing.offer(self._budget, self._turn.id, self._manuscript.written, urgency)

    async def _write(self, call: Call, step: _Step) -> None:
        budget, restarts, position = self._budget, self._restarts, self._manuscript.position
        assert budget is not None
        self._budget = None
        try:
            await self._show(call, step)
        except SurfaceError as error:
            self._pacing.failed(budget, self._turn.id)
            await self._recover(error, budget, position)
            return
        self._pacing.done(budget, self._turn.id)
        self._failures = 0
        if restarts == self._restarts:
            self._advance(call, step)

    async def _show(self, call: Call, step: _Step) -> None:
        target, position = self._turn.target, self._manuscript.position
        if call is Call.OPEN:
            ref = await self._surface.open(target, step.draft, key=self._key(), seek=self._seek)
            self._posts[position] = ref
            self._opened_at = self._clock.monotonic()
            await self._recorder.posted(position, ref)
        elif step.complete:
            await self._surface.finish(target, self._posts[position], step.draft)
        else:
            await self._surface.edit(target, self._posts[position], step.draft)

    def _advance(self, call: Call, step: _Step) -> None:
        """What the write has shown is noted, and a full message makes way for the next one."""
        self._shown = step.draft
        self._manuscript.sent = step.cut.end
        if step.draft.text:
            self.lag.saw(self._manuscript.seen, self._clock.monotonic())
        self._finished = step.complete and (call is Call.EDIT or not self._limits.grows)
        self._seek = self._begun_before
        if self._finished and step.cut.full:
            self._manuscript.turn_page(step.cut)
            self._reposts = 0
            self._begin_message()

    def _key(self) -> str:
        """Names one message of one turn for ever, also over databases that count from 1 again."""
        queued = int(self._turn.queued_at.timestamp() * 1000)
        return f"{self._turn.id}-{queued}-{self._manuscript.position}-{self._reposts}"

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
            raise Undelivered(error.detail, owed=self._manuscript.owed) from error
        if isinstance(error, SurfaceBusy):
            self._pacing.learned(budget.name, BudgetObservation(retry_after=error.retry_after))
        elif isinstance(error, SurfaceUnavailable):
            self._seek = True
            await self._unless_abandoned(self._clock.sleep(min(2.0 ** (self._failures - 1), PAUSE_MOST)))
        elif isinstance(error, PostGone):
            self._post_anew(position)
        elif isinstance(error, PostSealed):
            self._seal_message(position)
        elif not (isinstance(error, PostTooLong) and self._manuscript.narrow()):
            raise Undelivered(error.detail, owed=self._manuscript.owed) from error

    def _post_anew(self, position: int) -> None:
        """The message at that place is not ours any more; the answer may have begun anew since it was written to."""
        self._posts.pop(position, None)
        self._reposts += 1
        self._shown = None
        self._manuscript.sent = 0

    def _seal_message(self, position: int) -> None:
        """The message keeps what it shows; the rest goes on in the next one."""
        if self._manuscript.sent == 0 or not self._limits.grows:
            self._post_anew(position)
            return
        self._manuscript.turn_page(self._manuscript.cut_here())
        self._begin_message()

    async def _delete_leftovers(self) -> None:
        """Messages of an earlier, longer answer go away."""
        for position in sorted(self._posts):
            if position > self._manuscript.position:
                with contextlib.suppress(SurfaceError):
                    await self._surface.delete(self._turn.target, self._posts[position])
                await self._recorder.dropped(position)
