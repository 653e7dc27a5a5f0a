"""A server as its operator or an admin declares it. Pure values, which show no secret when they are printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SERVER_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,23}")
"""No underscore: `server__tool` can be taken apart in one way only."""
SECONDS = 20.0
"""A call takes no longer, unless the operator says so."""
HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
"""Characters. What is shorter stands in common words too."""
_SECRET_NAME = re.compile(r"token|key|secret|passw|credential|auth", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A server that we start, and speak to through its pipes."""

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Beside the few variables that every program needs; nothing else of our environment is handed on."""
    folder: str | None = None
    """Where it runs; our own working folder otherwise."""
    hidden: frozenset[str] = frozenset()
    """Names of variables that hold secrets, beside those whose names say so."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        return tuple(value for name, value in self.env.items() if name in self.hidden or _SECRET_NAME.search(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A server that is called over HTTP."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    guarded: bool = False
    """Somebody in a chat named it: only public addresses are called."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        values = [value for name, value in self.headers.items() if _SECRET_NAME.search(name)]
        return (*values, *(value.partition(" ")[2] for value in values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server and how far it is believed."""

    name: str
    """As SERVER_NAME; unique in a workspace."""
    reach: Program | Site
    admins_only: bool = False
    """Only admins of a workspace may use its tools."""
    trusted: bool = False
    """What it says of its own tools is believed: that one changes nothing, and what patterns its arguments have."""
    seconds: float = SECONDS
    enabled: bool = False
    """In workspaces whose admins have not said otherwise."""
    workspaces: frozenset[tuple[str, str]] | None = None
    """The platforms and workspaces that may have it; None for all."""

    def redacted(self, text: str) -> str:
        """The text without any secret of this server."""
        secrets = {secret for secret in self.reach.secrets if len(secret) >= SHORTEST_SECRET}
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text
