"""Conversations and the messages in them.

A conversation is one key's persisted, ordered list of messages. A message is a pure value: two messages
with the same content are equal, and which row holds one is the store's affair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import quote, unquote


class Platform(StrEnum):
    """Where people talk to Parley."""

    SLACK = "slack"
    DISCORD = "discord"
    CONSOLE = "console"
    """A terminal, where one person talks to Parley in a process of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationKey:
    """Names one conversation. Its text form is `slack:T1:C1:171.5`; without a thread, `discord:@me:D1`."""

    platform: Platform
    workspace: str
    """Slack team, Discord guild, or `@me` for Discord's direct messages."""
    channel: str
    thread: str | None = None
    """Slack's parent ts, Discord's root message or thread id; none where the channel is the conversation."""

    def __str__(self) -> str:
        parts = [self.platform.value, self.workspace, self.channel]
        if self.thread is not None:
            parts.append(self.thread)
        return ":".join(quote(part, safe="@.-_") for part in parts)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key whose text form this is. Raises ValueError for any other text."""
        parts = [unquote(part) for part in text.split(":")]
        if len(parts) not in (3, 4) or not all(parts):
            raise ValueError(f"not a conversation key: {text!r}")
        return cls(
            platform=Platform(parts[0]),
            workspace=parts[1],
            channel=parts[2],
            thread=parts[3] if len(parts) == 4 else None,
        )

    @property
    def workspace_name(self) -> str:
        """The workspace around this conversation, written as keys are: `slack:T1`."""
        return f"{self.platform.value}:{quote(self.workspace, safe='@.-_')}"

    @property
    def channel_key(self) -> ConversationKey:
        """The channel around this conversation; settings hang on it."""
        return ConversationKey(platform=self.platform, workspace=self.workspace, channel=self.channel)


class Role(StrEnum):
    """Who speaks, in the words of the chat completions API."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """Plain Markdown text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePart:
    """A picture, as a `data:` or https URL that the model's server can read; or `attachment:ID`, one that is put in, or
    taken out, before a model is asked (attachments.py)."""

    url: str
    detail: str = "auto"


Part = TextPart | ImagePart


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One function that the model asked for. `arguments` is the model's own JSON text, perhaps broken."""

    id: str
    name: str
    arguments: str
    extra: dict[str, object] = field(default_factory=dict)
    """Fields we do not know that some servers want back (Gemini's thought_signature)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of the list that a model reads."""

    role: Role
    parts: tuple[Part, ...] = ()
    author: str | None = None
    """The shown name of who wrote it, where several people speak."""
    author_id: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    """On a tool's result: which call it answers."""
    tokens: int | None = None
    """Counted once, when the message was stored; none for a message not stored yet."""

    @property
    def text(self) -> str:
        """The text parts joined; pictures are left out."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


def text_message(role: Role, text: str, *, author: str | None = None, author_id: str | None = None) -> Message:
    """A message of a single text part."""
    return Message(role=role, parts=(TextPart(text=text),), author=author, author_id=author_id)
