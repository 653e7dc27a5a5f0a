"""Messages and the book that holds them: what each channel shows now.

A message is a value; a change puts a new one in its place and adds what was shown to its history. Who may change
what is decided by the callers, and what events a change causes by `workspace`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sandbox.slack.values import Json
from sandbox.slack.world import Person

Format = Literal["mrkdwn", "markdown"]
Streaming = Literal["streaming", "stopped", "expired", "stopped_by_user"]

_PING = re.compile(r"<(@[UW][A-Z0-9]+|!channel|!here|!everyone|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text that people could read from this moment on (seconds since 1970)."""

    text: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it stands now."""

    ts: str
    channel: str
    author: Person
    text: str
    at: float
    format: Format = "mrkdwn"
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[Json, ...] = ()
    thread_ts: str | None = None
    """The parent's ts, for a reply; None at the top level, also when it has replies."""
    subtype: str | None = None
    client_msg_id: str | None = None
    edited: int = 0
    edited_ts: str | None = None
    ephemeral_for: str | None = None
    """The id of the only person who sees it."""
    streaming: Streaming | None = None
    """None for a message that was never a stream."""
    metadata: Json | None = None
    unfurl: bool = True
    """False when the app asked for no previews of links."""
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    history: tuple[Shown, ...] = ()
    """Every text it has shown, the present one last."""

    @property
    def pings(self) -> tuple[str, ...]:
        """Who is notified by its text: `@U…`, `!channel`, `!here`, `!everyone`, `!subteam^S…`."""
        return tuple(_PING.findall(self.text))

    @property
    def is_tombstone(self) -> bool:
        return self.subtype == "tombstone"


class MessageBook:
    """All messages of the workspace, by channel in the order of their ts."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, Message]] = defaultdict(dict)
        self._replies: dict[tuple[str, str], list[str]] = defaultdict(list)

    def get(self, channel: str, ts: str) -> Message | None:
        return self._channels[channel].get(ts)

    def put(self, message: Message) -> Message:
        """The message stands in its channel; a text not shown before joins its history."""
        known = self.get(message.channel, message.ts)
        if known is None and message.thread_ts and message.ephemeral_for is None:
            self._replies[message.channel, message.thread_ts].append(message.ts)
        self._channels[message.channel][message.ts] = message
        return message

    def shown(self, message: Message, text: str, at: float) -> Message:
        """The same message showing this text since `at`."""
        if message.history and message.history[-1].text == text:
            return replace(message, text=text)
        return replace(message, text=text, history=(*message.history, Shown(text=text, at=at)))

    def remove(self, message: Message) -> None:
        del self._channels[message.channel][message.ts]
        if message.thread_ts and message.ephemeral_for is None:
            self._replies[message.channel, message.thread_ts].remove(message.ts)

    def in_channel(self, channel: str) -> list[Message]:
        return list(self._channels[channel].values())

    def replies(self, parent: Message) -> list[Message]:
        """What was answered under it, oldest first, without what only one person sees."""
        return [self._channels[parent.channel][ts] for ts in self._replies[parent.channel, parent.ts]]

    def has_replies(self, parent: Message) -> bool:
        return bool(self._replies.get((parent.channel, parent.ts)))

    def thread(self, channel: str, thread_ts: str) -> list[Message]:
        """The parent and everything under it, ephemeral messages included."""
        return [m for m in self._channels[channel].values() if thread_ts in (m.ts, m.thread_ts)]

    def everything(self) -> Iterable[Message]:
        for channel in self._channels.values():
            yield from channel.values()
