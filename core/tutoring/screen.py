"""What of a tutor's prose may be shown: nothing that gives an open answer away, and no question beside the one asked.

Pure, and fed piece by piece as the model writes. Text passes sentence by sentence. A question that ends a paragraph is
meant for the learner: it is held back, to be asked in due form or not at all. One that the next sentence of the same
paragraph takes up is rhetoric, and passes. Code passes line by line.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_END = re.compile(r"(?<=[^\s])[.!?…。！？]+[\"')\]*_»”]*(?=\s)|\n")
_QUESTION = re.compile(r"[^\s][?？]+[\"')\]*_»”]*\s*\Z")
_FENCE = re.compile(r"\s*(?:```|~~~)")
LONGEST = 1_200
"""Characters without a sentence's end after which what came is looked at as it is."""


class Screen:
    """The screen before one message."""

    def __init__(self, *, gives_away: Callable[[str], bool], questions: bool = False) -> None:
        """`questions` lets them pass, where nothing else is asked."""
        self._gives_away = gives_away
        self._questions = questions
        self._waiting = ""
        self._held = ""
        """A question, until it is known whether it is rhetoric."""
        self._fenced = False
        self._shown = ""
        self.asked: list[str] = []
        """Questions for the learner that were held back."""
        self.withheld = 0
        """Sentences that would have given an answer away."""

    def feed(self, text: str) -> str:
        """What may be shown now of all that came."""
        self._waiting += text
        passed = []
        while (match := _END.search(self._waiting)) is not None:
            end = match.end()
            while end < len(self._waiting) and self._waiting[end] in " \t":
                end += 1
            if end == len(self._waiting) and match[0] != "\n":
                break  # what follows decides whether the paragraph ends here
            passed.append(self._sentence(self._waiting[:end]))
            self._waiting = self._waiting[end:]
        if len(self._waiting) > LONGEST:
            passed.append(self._sentence(self._waiting))
            self._waiting = ""
        return self._gone("".join(passed))

    def flush(self) -> str:
        """What is left, at the end."""
        rest = self._sentence(self._waiting) if self._waiting else ""
        self._waiting = ""
        self._hold_back()
        return self._gone(rest)

    def _gone(self, text: str) -> str:
        self._shown += text
        return text

    def _sentence(self, text: str) -> str:
        if _FENCE.match(text):
            self._fenced = not self._fenced
            return self._released() + text
        if text.strip() and self._gives_away(text):
            self.withheld += 1
            return "\n" if text.endswith("\n") else ""
        if self._fenced or self._questions:
            return text
        if not text.strip():
            self._hold_back()
            return text
        if _QUESTION.search(text.rstrip()):
            self._held += text
            if text.endswith("\n"):
                self._hold_back()
                return "\n"
            return ""
        return self._released() + text

    def _released(self) -> str:
        held, self._held = self._held, ""
        return held

    def _hold_back(self) -> None:
        if self._held.strip():
            self.asked.append(self._held.strip())
        self._held = ""
