"""What stands in a database that has been in use for a while, as rows of plain values.

Most conversations are a question and its answer; each tenth has five of them. Two hundred conversations make a
workspace. Everything is computed from its number, so that two databases hold the same things as far as they go, and
nothing need be kept in memory. How rows get into a database is loading.py's part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.conversation import ConversationKey, Platform

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""The moment at which everything here has been said."""
DAYS = 60
"""How far the past reaches."""
REMEMBERED = timedelta(days=7)
"""Deliveries of before that are forgotten (core/worker.py)."""
OFTEN = 10
"""Each conversation whose number this divides is longer than a question and its answer."""
TURNS = 5
"""Turns of such a conversation: ten messages."""
PER_WORKSPACE = 200
QUESTION_TOKENS = 30
ANSWER_TOKENS = 120
FRAMING = 4
"""Tokens that the store adds to each message (core/store/history.py)."""
TURN_TOKENS = QUESTION_TOKENS + ANSWER_TOKENS + 2 * FRAMING

_WORDS = (
    "The deploy of the billing service failed because the migration took a lock that the nightly report was holding; "
    "we could run the report from a replica, give the migration a lock timeout and try again, or move it to Sunday. "
    "What speaks for the replica is that the report never needed fresh figures, and that nobody has to remember. "
)
_PROSE = _WORDS * 4
QUESTION_LENGTH = 120
"""Characters."""
ANSWER_LENGTH = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """How much a database holds."""

    conversations: int
    long: tuple[int, ...] = ()
    """Messages of further conversations, numbered after the others."""
    waiting: int = 0
    """Further conversations in which somebody waits for an answer."""

    @property
    def size(self) -> int:
        """All conversations."""
        return self.conversations + len(self.long) + self.waiting

    def turns_of(self, number: int) -> int:
        """How many turns the conversation has."""
        if number > self.conversations + len(self.long):
            return 1
        if number > self.conversations:
            return self.long[number - self.conversations - 1] // 2
        return TURNS if number % OFTEN == 0 else 1

    def ten_messages(self, count: int) -> tuple[ConversationKey, ...]:
        """Conversations of ten messages each, spread over all there are."""
        numbers = range(OFTEN, self.conversations + 1, OFTEN)
        return tuple(key_of(number) for number in numbers[:: max(1, len(numbers) // count)][:count])

    def long_key(self, index: int) -> ConversationKey:
        """That one of the long conversations."""
        return key_of(self.conversations + 1 + index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One turn of the corpus, of which its rows are made."""

    id: int
    conversation: int
    seq: int
    key: ConversationKey
    at: datetime
    waiting: bool

    @property
    def question(self) -> str:
        """What the person wrote."""
        return _text(self.id, QUESTION_LENGTH)

    @property
    def answer(self) -> str:
        """What the model wrote."""
        return _text(self.id * 7, ANSWER_LENGTH)

    @property
    def person(self) -> str:
        """Who asked: one of five thousand."""
        return f"U{self.id % 5_000:08}"

    @property
    def message_id(self) -> str:
        """The platform's id of what the person wrote."""
        return f"{1_760_000_000 + self.id}.{self.id % 1_000_000:06}"

    @property
    def post_id(self) -> str:
        """The platform's id of the answer."""
        return f"{1_760_000_004 + self.id}.{self.id % 1_000_000:06}"


def key_of(number: int) -> ConversationKey:
    """The key of the conversation of that number. Workspaces take turns at being Slack's and Discord's."""
    workspace = (number - 1) // PER_WORKSPACE
    return ConversationKey(
        platform=Platform.DISCORD if workspace % 2 else Platform.SLACK,
        workspace=f"T{workspace:08}",
        channel=f"C{number % 20:02}{workspace:08}",
        thread=f"{1_760_000_000 + number}.000100",
    )


def entries(corpus: Corpus) -> Iterator[Entry]:
    """All turns, in the order of their ids."""
    turn = 0
    for number in range(1, corpus.size + 1):
        key = key_of(number)
        count, begun = corpus.turns_of(number), begun_at(corpus, number)
        for seq in range(1, count + 1):
            turn += 1
            yield Entry(
                id=turn,
                conversation=number,
                seq=seq,
                key=key,
                at=begun + timedelta(seconds=seq),
                waiting=number > corpus.conversations + len(corpus.long),
            )


def begun_at(corpus: Corpus, number: int) -> datetime:
    """When the conversation began: they are spread evenly over the past."""
    return NOW - timedelta(days=DAYS) * (1 - number / (corpus.size + 1)) - timedelta(days=1)


def _text(number: int, length: int) -> str:
    start = number * 37 % len(_WORDS)
    return _PROSE[start : start + length]
