"""Servers that bring tools into a workspace, as its admins have set them up. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEntry:
    """What a workspace says of one server."""

    name: str
    enabled: bool
    address: str = field(default="", repr=False)
    """Where an admin of the workspace added it; empty for a server of the operator's."""
    token: str = field(default="", repr=False)
    """Sealed, as it is stored; empty where the server wants none."""
