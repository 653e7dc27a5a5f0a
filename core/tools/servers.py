"""Servers that bring tools, as commands see them: what a workspace has, how it stands, and who keeps tokens sealed.

What is set up in a workspace is the store's; what the operator declares, and the connections, are an adapter's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.conversation import ConversationKey
from core.privacy import Place
from core.tools.tool import Tool, ToolSource
from core.turn import Turn


class Standing(StrEnum):
    """How a server stands."""

    OFF = "off"
    UNUSED = "not used yet"
    OPENING = "being connected"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A tool that a server brings."""

    name: str
    """As the server calls it."""
    model_name: str
    asks: bool
    """It may change something, so a person is asked first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """One server of a workspace."""

    name: str
    added: bool
    """By an admin from the chat; otherwise the operator declared it."""
    standing: Standing
    problem: str = ""
    """A sentence, where it is down."""
    tools: tuple[Brought, ...] = ()
    host: str = ""
    """Of one that was added."""

    @property
    def enabled(self) -> bool:
        """Whether the workspace uses it."""
        return self.standing is not Standing.OFF


class NotAdded(Exception):
    """The server cannot be added; the text is a sentence that says why."""


class ToolServers(ToolSource, Protocol):
    """All servers of one process."""

    async def views(self, place: Place, *, wait: float) -> Sequence[ServerView]:
        """The workspace's servers by name; those that are enabled are connected, as far as they are in that time.
        Raises StoreUnavailable."""
        ...

    async def tested(self, place: Place, name: str) -> ServerView | None:
        """That server after it was connected anew, enabled or not. None where the workspace has none of that name.
        Raises StoreUnavailable."""
        ...

    async def checked(self, address: str) -> str:
        """The address as it is stored. Raises NotAdded where it is none to call."""
        ...

    def sealed(self, token: str) -> str:
        """The token as it is stored. Raises NotAdded where there is no key to seal it with, or it is no token."""
        ...

    async def aclose(self) -> None:
        """No connection and no program is left."""
        ...


class NoServers:
    """Where nobody has set any up."""

    async def known(self, key: ConversationKey) -> Sequence[str]:
        """See ToolSource."""
        return ()

    async def tools(self, turn: Turn, allowed: Sequence[str]) -> Sequence[Tool]:
        """See ToolSource."""
        return ()

    async def views(self, place: Place, *, wait: float) -> Sequence[ServerView]:
        """See ToolServers."""
        return ()

    async def tested(self, place: Place, name: str) -> ServerView | None:
        """See ToolServers."""
        return None

    async def checked(self, address: str) -> str:
        """See ToolServers."""
        raise NotAdded("This Parley does not connect to servers.")

    def sealed(self, token: str) -> str:
        """See ToolServers."""
        raise NotAdded("This Parley does not connect to servers.")

    async def aclose(self) -> None:
        """See ToolServers."""
