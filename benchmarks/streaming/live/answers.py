"""What the sandbox's model says, exactly as fast as it shall: an answer of equal tokens for each question, told apart
by its number. A delta that goes out late does not make the next one late.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox

_NUMBER = re.compile(r"question (\d+)")
WARMING = 1_000
"""The number of a question that nobody counts, with a short answer."""
FEW = 20
"""Its tokens."""


@dataclass(slots=True, kw_only=True)
class Spoken:
    """One answer as it was given; times in seconds since 1970."""

    tokens: tuple[str, ...]
    begun: float
    """When the model was asked."""
    first: float = 0.0
    last: float = 0.0
    due: float = 0.0


@dataclass
class Speaker:
    """A model that answers `question N`, at a fixed speed."""

    tokens: int
    rate: float
    """Tokens a second."""
    spoken: dict[int, Spoken] = field(default_factory=dict)
    _of_task: dict[asyncio.Task[object] | None, Spoken] = field(default_factory=dict)

    def sandbox(self) -> ChatCompletionsSandbox:
        """The server, not yet started."""
        return ChatCompletionsSandbox(answering=self._answer, sleep=self._pause)

    def text(self, number: int) -> tuple[str, ...]:
        """The tokens of that answer."""
        return tuple(_words(number, FEW if number == WARMING else self.tokens))

    def _answer(self, question: Question) -> Answer:
        found = _NUMBER.search(question.last_said)
        number = int(found[1]) if found else 0
        now = time.time()
        spoken = Spoken(tokens=self.text(number), begun=now, due=now)
        self.spoken[number] = spoken
        self._of_task[asyncio.current_task()] = spoken
        return Answer(deltas=spoken.tokens, pace=self.rate)

    async def _pause(self, seconds: float) -> None:
        spoken = self._of_task[asyncio.current_task()]
        spoken.due += seconds
        await asyncio.sleep(max(0.0, spoken.due - time.time()))
        spoken.last = time.time()
        spoken.first = spoken.first or spoken.last


def _words(number: int, count: int) -> Iterator[str]:
    """Tokens of four characters: plain words, sentences and paragraphs, the same each time."""
    chance = random.Random(number)
    for token in range(count):
        letters = "".join(chance.choice("abcdefghijklmnoprstuvw") for _ in range(3))
        if token % 60 == 59 and token < count - 1:
            yield f"{letters[0]}.\n\n"
        else:
            yield f"{letters[:2]}. " if token % 12 == 11 or token == count - 1 else f"{letters} "
