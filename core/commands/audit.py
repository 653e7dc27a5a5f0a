"""`/audit`: admins read who changed what, and what was refused to whom."""

from __future__ import annotations

from core.audit import AuditEntry, entry
from core.commands.foreign import plain
from core.commands.settings import ADMINS_ONLY
from core.incoming import Incoming
from core.interaction import Answer
from core.ports import Clock
from core.privacy import Place
from core.store import Store

SHOWN = 20
"""Entries at once."""
EMPTY = "The log has no such entry."


class AuditCommand:
    """The audit log of a workspace, read from the chat."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def call(self, incoming: Incoming) -> Answer:
        """The newest entries of the workspace, in private. That somebody else tried is itself an entry."""
        place = Place.of(incoming.key).whole
        if not incoming.author.admin:
            now = self._clock.now()
            await self._store.record_audit(entry(incoming, "audit.read", now=now, allowed=False, place=place))
            return Answer(text=ADMINS_ONLY)
        action, person = incoming.options.get("action", ""), incoming.options.get("person")
        entries = await self._store.audit(place, action=action.strip().lower(), actor=person, limit=SHOWN)
        return Answer(text="\n".join(_line(one) for one in entries) or EMPTY)


def _line(one: AuditEntry) -> str:
    where = "the workspace" if one.place.channel is None else f"channel {one.place.channel}"
    refused = "" if one.allowed else " **refused**"
    subject = f" {one.subject}" if one.subject else ""
    details = ", ".join(f"{name}: {_value(value)}" for name, value in one.details.items())
    at = one.at.strftime("%Y-%m-%d %H:%M")
    return f"- {at} UTC `{one.action}`{refused}{subject} in {where} by {plain(one.actor.name)} ({one.actor.id})" + (
        f": {details}" if details else ""
    )


def _value(value: object) -> str:
    return "–" if value is None else plain(str(value))
