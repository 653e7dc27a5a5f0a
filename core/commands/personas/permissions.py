"""Who may do what with personas: admins, and whom they have named. Refusals are private, say who may and are logged."""

from __future__ import annotations

from dataclasses import replace

from core.audit import AuditEntry, entry
from core.commands.people import Whom, whom
from core.commands.personas.desk import Desk, whole
from core.incoming import Incoming
from core.interaction import Answer
from core.store import Editors

ADMINS = "admins (on Slack workspace admins and owners, on Discord those who may manage the server)"
ONLY_ADMINS = f"Only {ADMINS} can decide who else may change personas."
ALLOWED = "They may change personas now."
DISALLOWED = "They may not change personas any more, unless they are admins or have a role that may."


class Permissions:
    """Decides, and changes on whom it depends."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def may_edit(self, incoming: Incoming) -> bool:
        """Whether the person may change the workspace's personas."""
        return incoming.author.admin or _named(await self._editors(incoming), incoming)

    async def refusal(
        self, incoming: Incoming, action: str, *, subject: str = "", in_channel: bool = False
    ) -> Answer | None:
        """Why the person may not do that, which is logged; none where they may. `in_channel`: it concerns this channel
        alone, so that whoever runs it may."""
        if incoming.author.admin or (in_channel and incoming.author.manages_channel):
            return None
        editors = await self._editors(incoming)
        if _named(editors, incoming):
            return None
        await self._refused(incoming, action, subject)
        also = " Who manages this channel on Discord may choose who answers in it." if in_channel else ""
        return Answer(text=f"You may not do that here. Those who may are {ADMINS}{_others(editors)}.{also}")

    # ── /persona allow, disallow ──

    async def allow(self, incoming: Incoming) -> Answer:
        """Those who are named may change personas; without a name it is told who may."""
        if not incoming.options:
            return Answer(text=_listed(await self._editors(incoming), full=incoming.author.admin))
        return await self._change(incoming, "persona.allow")

    async def disallow(self, incoming: Incoming) -> Answer:
        """Those who are named may not change personas any more."""
        return await self._change(incoming, "persona.disallow")

    async def _change(self, incoming: Incoming, action: str) -> Answer:
        if not incoming.author.admin:
            await self._refused(incoming, action, "")
            return Answer(text=ONLY_ADMINS)
        meant = whom(incoming.options)
        if isinstance(meant, str):
            return Answer(text=meant)
        store, now = self._desk.store, self._desk.now()
        named = Editors(people=meant.people, roles=meant.roles)
        by = replace(self._entry(incoming, action), details=_told(meant))
        if action == "persona.allow":
            editors = await store.allow_editors(whole(incoming), named, entry=by, now=now)
            return Answer(text=f"{ALLOWED}\n\n{_listed(editors, full=True)}")
        editors = await store.disallow_editors(whole(incoming), named, entry=by, now=now)
        return Answer(text=f"{DISALLOWED}\n\n{_listed(editors, full=True)}")

    # ── beneath ──

    async def _editors(self, incoming: Incoming) -> Editors:
        return await self._desk.store.persona_editors(whole(incoming))

    async def _refused(self, incoming: Incoming, action: str, subject: str) -> None:
        refused = self._entry(incoming, action, allowed=False, subject=subject)
        await self._desk.store.record_audit(refused)

    def _entry(self, incoming: Incoming, action: str, *, allowed: bool = True, subject: str = "") -> AuditEntry:
        return entry(incoming, action, now=self._desk.now(), allowed=allowed, subject=subject, place=whole(incoming))


def _named(editors: Editors, incoming: Incoming) -> bool:
    return incoming.author.id in editors.people or bool(incoming.author.roles & editors.roles)


def _told(meant: Whom) -> dict[str, object]:
    return {"people": ", ".join(sorted(meant.people)), "roles": ", ".join(sorted(meant.roles))}


def _others(editors: Editors) -> str:
    counts = [
        f"{len(found)} {word}{'' if len(found) == 1 else 's'}"
        for found, word in ((editors.people, "person"), (editors.roles, "role"))
        if found
    ]
    if not counts:
        return "; they can let you with `/persona allow`"
    return f", and whom they have named with `/persona allow` ({', '.join(counts).replace('persons', 'people')})"


def _listed(editors: Editors, *, full: bool) -> str:
    if not full:
        return f"Personas can be changed by {ADMINS}{_others(editors)}."
    people, roles = ", ".join(sorted(editors.people)) or "nobody", ", ".join(sorted(editors.roles)) or "none"
    return f"Beside {ADMINS}, personas can be changed by:\n- people: {people}\n- roles: {roles}"
