"""A function that a model may call, declared once: what the model reads of it, what people see, and who runs it.

Pure values. Arguments were checked against the schema before a handler sees them, and a handler is cut off after
`seconds`. What it returns is read by the model as data, never as an instruction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.conversation import ConversationKey
from core.ports import ToolSpec
from core.turn import Turn

SECONDS = 20.0
"""A call takes no longer, unless its tool says so."""


class ToolFailed(Exception):
    """A call came to nothing. The text is read by the model, so it says in plain words what to do instead; it holds no
    secret and nothing of a traceback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where and for whom a tool is called."""

    turn: Turn
    now: datetime
    time_zone: str = "UTC"
    """Of who asks, as the IANA database names it."""
    first_read: int = 0
    """The earliest turn of the conversation (`Turn.seq`) that the model reads as it was said; 0 where nobody says, as
    if it read nothing but the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a call gave."""

    text: str
    """For the model, whole; whoever runs the tool cuts it."""
    failed: bool = False
    """The tool itself says that it did not work; the text tells why."""


Handler = Callable[[Scene, Mapping[str, object]], Awaitable[Handed]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that a model may call."""

    spec: ToolSpec
    doing: str
    """What people read while it runs, such as `Reading a web page`."""
    handler: Handler
    """Raises ToolFailed. Any other error is told to the model as a fault, without its text."""
    changes: bool = False
    """It changes something in the world: a person is asked first."""
    admins_only: bool = False
    """Only those may use it who run the place, as the platform says when it is called."""
    seconds: float = SECONDS
    secrets: frozenset[str] = frozenset()
    """Arguments that nobody reads again: neither the conversation nor a model, and no reason quotes them."""
    source: str = ""
    """The MCP server that brings it; empty for our own."""

    @property
    def name(self) -> str:
        """As the model calls it; unique."""
        return self.spec.name


class ToolSource(Protocol):
    """Where tools come from that are not our own."""

    async def tools(self, turn: Turn, allowed: Sequence[str]) -> Sequence[Tool]:
        """Those that the workspace of the turn has, of those a persona may use (names, or `server/*`). Quick: what a
        server does not say in time is left out. Never raises."""
        ...

    async def known(self, key: ConversationKey) -> Sequence[str]:
        """What personas of that workspace may be allowed: `server/tool` and `server/*`. Quick, and never raises."""
        ...
