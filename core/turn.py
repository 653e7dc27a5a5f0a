"""A turn: one reply being made, and the one table that says how it may move.

    queued ──a──► running ──b──► streaming ──c──► done
      │ │          │ │  │          │ │  └─f─► queued
      │ └──g──►    │ │  └─f─► queued  │
      │  refused ◄─┘ └────d──► failed ◄─d
      └──e──► cancelled ◄──e── (running, streaming)

a  claimed with a lease             b  the first text is posted
c  the last edit is shown           d  model or platform failed: what came stays, one sentence follows
e  a person asked to stop           f  the lease ended: another owner takes over in the same message
g  the quota said no, told in private
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from core.conversation import ConversationKey
from core.incoming import Author, ReplyTarget

if TYPE_CHECKING:
    from core.quota.price import Price


class TurnState(StrEnum):
    """Where a turn stands."""

    QUEUED = "queued"
    RUNNING = "running"
    STREAMING = "streaming"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


MOVES: dict[TurnState, frozenset[TurnState]] = {
    TurnState.QUEUED: frozenset({TurnState.RUNNING, TurnState.REFUSED, TurnState.CANCELLED}),
    TurnState.RUNNING: frozenset(
        {
            TurnState.STREAMING,
            TurnState.DONE,
            TurnState.FAILED,
            TurnState.CANCELLED,
            TurnState.REFUSED,
            TurnState.QUEUED,
        }
    ),
    TurnState.STREAMING: frozenset({TurnState.DONE, TurnState.FAILED, TurnState.CANCELLED, TurnState.QUEUED}),
    TurnState.DONE: frozenset(),
    TurnState.FAILED: frozenset(),
    TurnState.CANCELLED: frozenset(),
    TurnState.REFUSED: frozenset(),
}
"""What may follow what. A short answer may go from running to done: its first text is also its last."""

OPEN = frozenset(state for state, following in MOVES.items() if following)
"""States in which somebody still waits for an answer."""
LIVE = frozenset({TurnState.RUNNING, TurnState.STREAMING})
"""States in which a process holds the lease. At most one turn of a conversation is in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a turn, until a time. The number grows with each owner and fences the old one off."""

    owner: str
    until: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """A message of ours on a platform."""

    channel: str
    message: str
    root: str | None = None
    """The message under which it was posted, where we made that one too (Slack's `/ask`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens that one answer took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Part of the prompt tokens."""
    reasoning_tokens: int = 0
    """Part of the completion tokens."""
    estimated: bool = False
    """Counted here because the provider sent no figures."""
    model: str = ""
    """As the provider named it in its answer."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            estimated=self.estimated or other.estimated,
            model=other.model or self.model,
        )


class Signal(StrEnum):
    """What somebody asks of a turn that another task, perhaps of another process, is working on."""

    STOP = "stop"
    RESTART = "restart"
    """Its question was edited: begin the answer anew, in the same message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One reply being made."""

    id: int
    key: ConversationKey
    seq: int
    """Its place among the turns of the conversation, from 1."""
    state: TurnState
    asker: Author
    target: ReplyTarget
    queued_at: datetime
    attempt: int = 0
    """How often a process has begun it."""
    lease: Lease | None = None
    posts: tuple[MessageRef, ...] = ()
    """Messages of the reply so far, in order."""
    replaces: int | None = None
    """The turn whose answer this one gives anew, in the same messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a turn ended."""

    state: TurnState
    text: str
    """What the model wrote, whole, without our own notices."""
    reason: str = "stop"
    """Why it ended: stop, length, filter, refusal, empty, cut, stopped, or an error's class name."""
    usage: Usage = Usage()
    persona_id: int | None = None
    """Whose answer it is; None for the built-in persona."""
    persona_version: int | None = None
    """0 for the built-in one; None where it was not asked who answers."""
    price: Price | None = None
    """Of the model that was asked; None where nobody knows it."""
