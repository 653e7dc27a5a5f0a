"""What the message that is being written shall show: its text so far, made fit for showing. Decides nothing of when.

A message that is full, or the last one, is complete; else it grows. The last one of those that an answer may fill is
held as it is, and what does not fit is to come as a file once the answer has ended. Where the next message begins is
manuscript.py's affair, and writing is reply.py's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.manuscript import Manuscript
from core.markdown import readable, undecided, well_formed
from core.markdown.blocks import Role, read_lines
from core.ports import Control, Draft, Ending, SurfaceLimits, Task, TaskState
from core.splitting import Cut, Measure

THINKING = "Thinking…"
TO_COME = "The rest comes as a file."
"""Stands under the last message of an answer that is too long for the chat, while it is written."""
_LAST_WORD = re.compile(r"\S*\Z")
LONGEST_WORD = 40
"""Characters without a blank after which the word's end is not waited for."""
TO_COME_BELOW = f"\n\n*{TO_COME}*\n"
IN_THE_FILE = "The whole answer is in the file below."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the current message shall show."""

    draft: Draft
    cut: Cut
    complete: bool
    """The message will not change any more."""
    encloses: bool = False
    """Instead of the draft, the whole answer is to be sent as a file: the message shows all that it can."""


class Page:
    """The current message of one answer."""

    def __init__(self, turn: int, *, limits: SurfaceLimits, measure: Measure, most: int | None = None) -> None:
        """Beyond `most` messages the rest comes as a file."""
        self._turn = turn
        self._limits = limits
        self._most = most
        self._held: Cut | None = None
        """How far the last message reaches that the answer may fill. It is not looked at again."""
        self.enclosed = False
        """Whether the file is there."""
        self.tasks: tuple[Task, ...] = ()
        """What is being done for the answer."""
        self.waiting = ""
        """What stands there until the first text: a place in line."""
        self.manuscript = Manuscript(limit=limits.length, measure=measure, grows=limits.grows)
        self._blank()

    def _blank(self) -> None:
        self.shown: Draft | None = None
        """What people see of the message."""
        self.opened_at: float | None = None
        """When it was posted, by the clock's monotonic seconds."""
        self._finished = False

    @property
    def seen(self) -> int:
        """Characters of the whole answer that people have seen, in messages or in the file."""
        return self.manuscript.written if self.enclosed else self.manuscript.seen

    def step(self, ending: Ending | None, *, thinking: bool, now: float) -> Step | None:
        """What is to be shown that is not shown yet; none where there is nothing. Before the first text it says that
        we think, if `thinking`."""
        step = self._composed(ending, thinking=thinking, now=now)
        return None if step is None or self._is_shown(step) else step

    def _is_shown(self, step: Step) -> bool:
        if self.shown != step.draft or step.encloses:
            return False
        return self._finished or not (step.complete and self._limits.grows)

    def _composed(self, ending: Ending | None, *, thinking: bool, now: float) -> Step | None:
        spared = len(TO_COME_BELOW) if self._limits.grows and self._is_last() else 0
        cut = self._held or self.manuscript.cut(outlived=self._outlived(now), spared=spared)
        if cut.full and self._is_last():
            self._held = cut
            return self._full_to_the_end(cut, ending)
        if cut.full:
            return Step(draft=Draft(text=readable(cut.shown), turn=self._turn), cut=cut, complete=True)
        if ending is not None:
            text = readable(cut.shown)
            last = self._ended(text, ending.notice, ending)
            return Step(draft=last, cut=cut, complete=True)
        return self._growing(cut, thinking)

    def _is_last(self) -> bool:
        return self._most is not None and self.manuscript.position + 1 >= self._most

    def _full_to_the_end(self, cut: Cut, ending: Ending | None) -> Step:
        text, notice = readable(cut.shown), TO_COME
        if self._limits.grows:  # nothing stands under a message that still grows
            text, notice = text + TO_COME_BELOW, ""
        if self.enclosed and ending is not None:
            last = f"{IN_THE_FILE} {ending.notice}".strip()
            draft = self._ended(text, last, ending)
            return Step(draft=draft, cut=cut, complete=True)
        draft = Draft(text=text, notice=notice, controls=(Control.STOP,), turn=self._turn)
        return Step(draft=draft, cut=cut, complete=False, encloses=ending is not None and self.shown == draft)

    def _ended(self, text: str, notice: str, ending: Ending) -> Draft:
        return Draft(text=text, notice=notice, controls=ending.controls, buttons=ending.buttons, turn=self._turn)

    def _outlived(self, now: float) -> bool:
        """Whether the platform takes no more text in this message."""
        lifetime = self._limits.lifetime
        return lifetime is not None and self.opened_at is not None and now - self.opened_at >= lifetime

    def _growing(self, cut: Cut, thinking: bool) -> Step | None:
        if self._limits.grows:
            raw, decided = self.manuscript.raw, self._decided()
            if not self.manuscript.fits(raw[:decided]):  # the blank at its end was not counted
                decided = max(self.manuscript.seen_of_raw, len(raw[:decided].rstrip()))
            text = readable(raw[:decided], growing=True)
            cut = replace(cut, end=max(self.manuscript.sent, cut.end - len(raw) + decided))
        else:
            text = self._readable(cut)
        if text.strip() or self.tasks:
            draft = self._busy(text)
            if not text.strip() and not self._shows_work(draft):
                return None
        elif (thinking or self.waiting) and self.manuscript.position == 0 and not self._limits.grows:
            draft = Draft(text="", notice=self.waiting or THINKING, controls=(Control.STOP,), turn=self._turn)
        else:
            return None
        return Step(draft=draft, cut=cut, complete=False)

    def _shows_work(self, draft: Draft) -> bool:
        """Whether the draft is worth a message although it has no text."""
        running = any(task.state is TaskState.RUNNING for task in draft.tasks)
        return bool(draft.notice) or running or (bool(draft.tasks) and self.shown is not None)

    def _busy(self, text: str) -> Draft:
        """The text so far, and what is being done: as a sentence, or as tasks where no sentence could go again."""
        if self._limits.grows:
            return Draft(text=text, controls=(Control.STOP,), turn=self._turn, tasks=self.tasks)
        return Draft(text=text, notice=doing(self.tasks), controls=(Control.STOP,), turn=self._turn)

    def _readable(self, cut: Cut) -> str:
        text = well_formed(self.manuscript.raw)
        # The marks that close what is open may be just too many; the cut is known to fit.
        return readable(text if len(text) <= len(cut.shown) or self.manuscript.fits(text) else cut.shown)

    def _decided(self) -> int:
        """Of a message that can only grow, how much of what is written may be shown: whole words and whole rows, and no
        link, table or fence before it is known to be one, since the message may have to end there. Never less than
        before."""
        raw = self.manuscript.raw
        pairs = enumerate(zip(raw, well_formed(raw) + "\0", strict=False))
        same = next((at for at, (one, other) in pairs if one != other), len(raw))
        same = same + 1 if raw.startswith("\n", same) else _whole_words(raw, same)
        return max(self.manuscript.seen_of_raw, _whole_rows(raw, undecided(raw[:same])))

    def showed(self, step: Step, *, edited: bool) -> bool:
        """People see the step; true when the message was full, so that this is the next one now."""
        if step.encloses:
            self.enclosed = True
            return False
        self.shown = step.draft
        self.manuscript.sent = self.manuscript.perhaps = step.cut.end
        self._finished = step.complete and (edited or not self._limits.grows)
        if self._finished and step.cut.full and self._held is None:
            self.manuscript.turn_page(step.cut)
            self._blank()
            return True
        return False

    def may_have_showed(self, step: Step) -> None:
        """People see the step, or what they saw before."""
        self.manuscript.perhaps = max(self.manuscript.perhaps, step.cut.end)

    def lost(self) -> None:
        """Nobody sees the message any more."""
        self.shown = None
        self.manuscript.sent = self.manuscript.perhaps = 0

    def sealed(self) -> bool:
        """The message keeps what it shows and the rest goes on in the next one; false where it can only be shown anew
        as a whole."""
        if self.manuscript.sent == 0 or self._held is not None or not self._limits.grows:
            return False
        self.manuscript.turn_page(self.manuscript.cut_here())
        self._blank()
        return True

    def narrow(self) -> bool:
        """Messages are shorter from now on; false where they can not be."""
        self._held = None
        return self.manuscript.narrow()

    def unbounded(self) -> None:
        """There is no file: the answer fills as many messages as it needs."""
        self._most = self._held = None


def doing(tasks: Sequence[Task]) -> str:
    """What runs now, on one line; empty where nothing does."""
    titles = Counter(task.title for task in tasks if task.state is TaskState.RUNNING)
    said = [title if times == 1 else f"{title} ({times})" for title, times in titles.items()]
    return f"{' · '.join(said)}…" if said else ""


def _whole_words(raw: str, end: int) -> int:
    """The end, or where the word begins that stands there and may go on."""
    word = len(raw[:end].rstrip()) if raw[end : end + 1].isspace() else end
    begun = _LAST_WORD.search(raw, max(0, word - LONGEST_WORD), word)
    if begun is not None and word == end and end - begun.start() < LONGEST_WORD:
        return begun.start()
    return end


def _whole_rows(raw: str, end: int) -> int:
    """The end, or where the row begins in which it stands: the next message would go on within it."""
    begin, stop = raw.rfind("\n", 0, end) + 1, raw.find("\n", end)
    if begin == end or "|" not in raw[begin : stop if stop >= 0 else len(raw)]:
        return end
    line = next(line for line in read_lines(raw) if begin <= line.start)
    if line.role in (Role.TABLE_HEADER, Role.TABLE_DELIMITERS) and line.header is not None:
        return line.header[0]
    return line.start if line.role is Role.TABLE_ROW else end
