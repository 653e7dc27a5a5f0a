"""MCP servers as a workspace has them: what its admins decided. Pure; connecting is an adapter's affair."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from core.conversation import ConversationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerChoice:
    """What a workspace decided of one server."""

    name: str
    enabled: bool = True
    url: str = ""
    """Where it was added in the chat; empty for one that the operator has."""
    sealed_token: str = field(default="", repr=False)
    """What it is shown, encrypted; empty where it wants nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """One server, as admins see it."""

    name: str
    own: bool
    """The operator has it; else an admin added it here."""
    enabled: bool
    up: bool = False
    tools: tuple[str, ...] = ()
    """Names of its tools, where it was asked."""
    asks_first: int = 0
    """How many of them ask a person before they run."""
    fault: str = ""


class ServerMistake(ValueError):
    """What was asked cannot be done. The text tells the admin why."""


class Servers(Protocol):
    """The servers that a workspace may have. Implemented by adapters/mcp."""

    async def states(self, key: ConversationKey) -> tuple[ServerState, ...]:
        """All of them, without asking any. Raises StoreUnavailable."""
        ...

    async def tested(self, key: ConversationKey, name: str) -> ServerState:
        """That one, asked now. Raises ServerMistake where there is none of that name."""
        ...

    def checked(self, name: str, url: str, token: str) -> ServerChoice:
        """A server as it would be added in the chat, its token sealed. Raises ServerMistake."""
        ...
