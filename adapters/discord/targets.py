"""Where a reply goes on Discord: four ways, each kept as plain strings so that any process can take a turn over.

A `ReplyTarget` carries one of these; nobody but this adapter reads its details.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import assert_never

from core.conversation import ConversationKey
from core.incoming import ReplyTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class InThread:
    """In a thread made from the message that asked; a reply in the channel where no thread may be made."""

    channel: str
    message: str
    """The message that asked. Its thread has the same id."""
    name: str
    """What the thread is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsReply:
    """In the channel, as a reply to the message."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InChannel:
    """Simply below what was said: in direct messages, and in a thread that is there already."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BySlash:
    """As the response to a slash command, while its token lives; then as messages of the channel."""

    channel: str
    application: str
    interaction: str
    """Its id tells when it was made."""
    token: str


Way = InThread | AsReply | InChannel | BySlash

_KINDS: dict[str, type[Way]] = {"thread": InThread, "reply": AsReply, "channel": InChannel, "slash": BySlash}


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
        case AsReply():
            return "reply"
        case InChannel():
            return "channel"
        case BySlash():
            return "slash"
        case _:
            assert_never(way)
