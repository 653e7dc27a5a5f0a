"""Where a reply goes on Slack: four ways, each kept as plain strings so that any process can take a turn over.

A `ReplyTarget` carries one of these; nobody but this adapter reads its details.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import assert_never

from core.conversation import ConversationKey
from core.incoming import ReplyTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class InThread:
    """In the thread under a message."""

    channel: str
    thread: str
    """The ts of the thread's first message."""
    user: str
    """Who asked."""
    begun: str = ""
    """Not empty where the thread had replies then: only there does Slack show what is for one person alone
    (docs.slack.dev/reference/methods/chat.postEphemeral)."""

    @property
    def private_thread(self) -> str | None:
        """The thread in which one person can be told something."""
        return self.thread if self.begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InChannel:
    """In the channel itself, below what was said."""

    channel: str
    user: str
    """Who asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InDirect:
    """In a thread of the direct messages with one person, by Slack's own streaming where it may be used."""

    channel: str
    thread: str
    message: str
    """The message that asked."""
    user: str
    """Whom the stream is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BySlash:
    """Under a message that repeats the question; to the asker alone where the bot may not write."""

    channel: str
    user: str
    name: str
    """The asker's, as people see it."""
    question: str
    """Markdown, cut."""
    trigger: str
    """Names this use of the command."""
    response_url: str


BEGUN = "begun"

Way = InThread | InChannel | InDirect | BySlash

_KINDS: dict[str, type[Way]] = {"thread": InThread, "channel": InChannel, "dm": InDirect, "slash": BySlash}


def target(key: ConversationKey, way: Way) -> ReplyTarget:
    """The way as a target that can be stored."""
    return ReplyTarget(key=key, kind=_kind(way), details=asdict(way))


def way_of(target: ReplyTarget) -> Way:
    """The way that the target was made of. Raises KeyError or TypeError for one that this adapter did not make."""
    return _KINDS[target.kind](**target.details)


def _kind(way: Way) -> str:
    match way:
        case InThread():
            return "thread"
        case InChannel():
            return "channel"
        case InDirect():
            return "dm"
        case BySlash():
            return "slash"
        case _:
            assert_never(way)
