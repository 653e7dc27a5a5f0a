"""What the message that is being written shall show: its text so far, made fit for showing. Decides nothing of when.

A message that is full, or the last one, is complete; else it grows. Where the next message begins is manuscript.py's
affair, and writing is reply.py's.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.manuscript import Manuscript
from core.markdown import well_formed
from core.ports import Control, Draft, Ending, SurfaceLimits
from core.splitting import Cut, Measure

THINKING = "Thinking…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the current message shall show."""

    draft: Draft
    cut: Cut
    complete: bool
    """The message will not change any more."""


class Page:
    """The current message of one answer."""

    def __init__(self, turn: int, *, limits: SurfaceLimits, measure: Measure) -> None:
        self._turn = turn
        self._limits = limits
        self.manuscript = Manuscript(limit=limits.length, measure=measure, grows=limits.grows)
        self._blank()

    def _blank(self) -> None:
        self.shown: Draft | None = None
        """What people see of the message."""
        self.opened_at: float | None = None
        """When it was posted, by the clock's monotonic seconds."""
        self._finished = False

    def step(self, ending: Ending | None, *, thinking: bool, now: float) -> Step | None:
        """What is to be shown that is not shown yet; none where there is nothing. Before the first text it says that
        we think, if `thinking`."""
        step = self._composed(ending, thinking=thinking, now=now)
        return None if step is None or self._is_shown(step) else step

    def _is_shown(self, step: Step) -> bool:
        if self.shown != step.draft:
            return False
        return self._finished or not (step.complete and self._limits.grows)

    def _composed(self, ending: Ending | None, *, thinking: bool, now: float) -> Step | None:
        cut = self.manuscript.cut(outlived=self._outlived(now))
        if cut.full:
            return Step(draft=Draft(text=cut.shown, turn=self._turn), cut=cut, complete=True)
        if ending is not None:
            last = Draft(text=cut.shown, notice=ending.notice, controls=ending.controls, turn=self._turn)
            return Step(draft=last, cut=cut, complete=True)
        return self._growing(cut, thinking)

    def _outlived(self, now: float) -> bool:
        """Whether the platform takes no more text in this message."""
        lifetime = self._limits.lifetime
        return lifetime is not None and self.opened_at is not None and now - self.opened_at >= lifetime

    def _growing(self, cut: Cut, thinking: bool) -> Step | None:
        text = self._readable(cut)
        if text.strip():
            draft = Draft(text=text, controls=(Control.STOP,), turn=self._turn)
        elif thinking and self.manuscript.position == 0 and not self._limits.grows:
            draft = Draft(text="", notice=THINKING, controls=(Control.STOP,), turn=self._turn)
        else:
            return None
        return Step(draft=draft, cut=cut, complete=False)

    def _readable(self, cut: Cut) -> str:
        raw = self.manuscript.raw
        if self._limits.grows:
            return raw
        text = well_formed(raw)
        # The marks that close what is open may be just too many; the cut is known to fit.
        return text if len(text) <= len(cut.shown) or self.manuscript.fits(text) else cut.shown

    def showed(self, step: Step, *, edited: bool) -> bool:
        """People see the step; true when the message was full, so that this is the next one now."""
        self.shown = step.draft
        self.manuscript.sent = step.cut.end
        self._finished = step.complete and (edited or not self._limits.grows)
        if self._finished and step.cut.full:
            self.manuscript.turn_page(step.cut)
            self._blank()
            return True
        return False

    def lost(self) -> None:
        """Nobody sees the message any more."""
        self.shown = None
        self.manuscript.sent = 0

    def sealed(self) -> bool:
        """The message keeps what it shows and the rest goes on in the next one; false where it can only be shown anew
        as a whole."""
        if self.manuscript.sent == 0 or not self._limits.grows:
            return False
        self.manuscript.turn_page(self.manuscript.cut_here())
        self._blank()
        return True
