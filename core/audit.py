"""The audit log: what admins did and what was refused to them. It tells who, when and what, and quotes nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.incoming import Author, Incoming
from core.privacy import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that somebody did, or tried to do."""

    at: datetime
    place: Place
    actor: Author
    action: str
    """The command and what it did, such as `retention.set`. At most 64 characters."""
    allowed: bool = True
    subject: str = ""
    """What it was done to, in a few words of ours."""
    details: Mapping[str, object] = field(default_factory=dict)
    """Values before and after, as JSON knows them."""


def entry(
    incoming: Incoming,
    action: str,
    *,
    now: datetime,
    allowed: bool = True,
    subject: str = "",
    place: Place | None = None,
    **details: object,
) -> AuditEntry:
    """What the author of `incoming` did; in its channel where no other place is named."""
    return AuditEntry(
        at=now,
        place=place or Place.of(incoming.key),
        actor=incoming.author,
        action=action,
        allowed=allowed,
        subject=subject,
        details=details,
    )
