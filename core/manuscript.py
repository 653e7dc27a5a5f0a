"""What the model has written so far, and where it is cut into messages. Pure: it is shown nowhere from here.

Full messages are let go of: only the text of the current one is held and looked at, so a decision never grows with
the length of the answer. A message that can only grow is cut no earlier than what it already shows.
"""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from core.splitting import Cut, Measure, Opening, seal, take

SHORTEST_LIMIT = 200
DEEPEST_INDENT = 40
"""Blanks that splitting leaves before a message's first word, less one."""


class Manuscript:
    """The text of one answer, in messages of at most `limit`, in the units of `measure`."""

    def __init__(self, *, limit: int, measure: Measure, grows: bool) -> None:
        self._limit = limit
        self._measure = measure
        self._grows = grows
        self.position = 0
        """The message that is being filled, from 0."""
        self.sent = 0
        """Characters of it that people have seen."""
        self.perhaps = 0
        """Those that they may have seen: a write was sent, and its answer was lost."""
        self.written = 0
        """Characters of the whole answer."""
        self._passed = 0
        """Those before the current message."""
        # Lists of small pieces would take fifteen bytes and more for each character, of all that waits for its budget.
        self._whole, self._arrived = StringIO(), StringIO()
        self._tail = ""
        self._opening = Opening()

    @property
    def text(self) -> str:
        """The whole answer so far."""
        return self._whole.getvalue()

    @property
    def seen(self) -> int:
        """Characters of the whole answer that people have seen."""
        return self._passed + self.sent

    @property
    def owed(self) -> str:
        """What does not stand in a full message yet."""
        return self._tail + self._arrived.getvalue()

    @property
    def raw(self) -> str:
        """The current message as written, with what the last one left open in front; empty while there is no word."""
        return self._opening.text + self._tail if self._tail.strip() else ""

    @property
    def seen_of_raw(self) -> int:
        """Characters of `raw` that people have seen, or may have."""
        return len(self._opening.text) + self._standing if self._standing else 0

    @property
    def _standing(self) -> int:
        """Characters of the current message that stay where they are, should people see them."""
        return max(self.sent, self.perhaps)

    def add(self, delta: str) -> None:
        """The answer goes on. The work does not grow with the text so far."""
        self._whole.write(delta)
        self._arrived.write(delta)
        self.written += len(delta)

    def cut(self, *, outlived: bool, spared: int = 0) -> Cut:
        """How far the current message reaches, with so much of its room spared; `outlived` when it takes no more
        text."""
        if self._arrived.tell():
            self._tail += self._arrived.getvalue()
            self._arrived = StringIO()
        if self._grows and not self._standing and not self._opening.text:
            whole, self._tail = len(self._tail), _without_blank_beginning(self._tail)
            self._passed += whole - len(self._tail)
        cut = take(self._tail, self._opening, limit=self._limit - spared, measure=self._measure)
        if self._grows and self._standing and (outlived or (cut.full and cut.end < self._standing)):
            return self.cut_here()
        return cut

    def fits(self, text: str) -> bool:
        """Whether the text is short enough for one message."""
        return self._measure(text) <= self._limit

    def cut_here(self) -> Cut:
        """The current message ends with what people have seen of it."""
        cut = seal(self._tail[: self._standing], self._opening)
        # The blanks at its end were not counted before, either.
        return cut if self.fits(cut.shown) else replace(cut, shown=cut.shown.rstrip())

    def turn_page(self, cut: Cut) -> None:
        """The current message is full up to the cut, and the next one begins."""
        self._tail = self._tail[cut.end :]
        self._passed += cut.end
        self._opening = cut.following
        self.position += 1
        self.sent = self.perhaps = 0

    def narrow(self) -> bool:
        """Messages are shorter from now on, since the platform counts more than we do; false at the shortest."""
        if self._limit <= SHORTEST_LIMIT:
            return False
        self._limit = max(SHORTEST_LIMIT, self._limit * 3 // 4)
        self.perhaps = 0  # what was not taken may have been too long
        return True


def _without_blank_beginning(text: str) -> str:
    """What can never be taken back must begin as it will end: a finished message is shown without these blanks."""
    body = text.lstrip(" \t\n")
    indent = text[: len(text) - len(body)].rpartition("\n")[2]
    return body if len(indent) >= DEEPEST_INDENT else indent + body
