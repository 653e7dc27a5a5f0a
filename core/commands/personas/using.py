"""`/persona use`: who answers new conversations in a channel, in direct messages or everywhere, and who goes on in a
thread.
"""

from __future__ import annotations

import structlog

from core.audit import entry
from core.commands.catalogue import PLACES
from core.commands.personas.desk import Desk, token, whole
from core.commands.personas.listing import Listing
from core.commands.personas.naming import folded
from core.commands.personas.permissions import Permissions
from core.conversation import Platform
from core.errors import SurfaceError
from core.incoming import Incoming
from core.interaction import Answer
from core.persona import PersonaVersion
from core.privacy import Place
from core.store import PersonaScope, PersonaUse

log = structlog.get_logger()

USE = "persona.use"
HERE, THREAD, WORKSPACE, DMS = PLACES
NOBODY = "default"
"""As a name: whoever answers around that place, and in the end the operator's own."""
USAGE = "Write it so: `/persona use here Tutor`; or `thread`, `workspace` or `dms` instead of `here`."
NO_THREAD = "This is no thread. In a Slack thread write `!persona use thread Tutor`; on Discord use the command in it."
APART = frozenset({Platform.DISCORD})
"""Platforms whose direct messages belong to no workspace (discord.md, section 2)."""
DMS_APART = (
    "On Discord direct messages belong to no server, so none can choose who answers there: "
    "it is the persona of my operator's settings."
)
_SCOPES = {HERE: PersonaScope.CHANNEL, WORKSPACE: PersonaScope.WORKSPACE, DMS: PersonaScope.DMS}
_SAID = {HERE: "here", WORKSPACE: "in the whole workspace", DMS: "in direct messages", THREAD: "in this thread"}


class Using:
    """Puts personas to use."""

    def __init__(self, desk: Desk, permissions: Permissions, listing: Listing) -> None:
        self._desk = desk
        self._permissions = permissions
        self._listing = listing

    # ── verbs and buttons ──

    async def use(self, incoming: Incoming) -> Answer:
        """The persona answers there."""
        where, words = incoming.options.get("where", "").strip().lower(), incoming.options.get("name", "")
        if where not in PLACES:
            return Answer(text=USAGE)
        refused = await self._refusal(incoming, where, words)
        if refused is not None:
            return refused
        found = await self._listing.found(incoming, words)
        if not isinstance(found, Answer):
            return await self._used(incoming, where, found)
        return await self._used(incoming, where, None) if folded(words) == NOBODY else found

    async def here(self, incoming: Incoming) -> Answer:
        """The persona whose button was pressed answers in this channel."""
        return await self._pressed(incoming, HERE)

    async def move(self, incoming: Incoming) -> Answer:
        """The version whose button was pressed goes on in this thread."""
        return await self._pressed(incoming, THREAD)

    async def _pressed(self, incoming: Incoming, where: str) -> Answer:
        refused = await self._refusal(incoming, where, "")
        if refused is not None:
            return refused
        meant = token(incoming.options.get("value", ""))
        newest = await self._listing.meant(incoming, meant)
        if isinstance(newest, Answer):
            return newest
        if newest.of.archived:
            return Answer(text=f"**{newest.of.persona.name}** is archived.")
        assert meant is not None
        named = await self._desk.revision(incoming, meant) if where == THREAD else newest
        return await self._used(incoming, where, (named or newest).of)

    async def _refusal(self, incoming: Incoming, where: str, subject: str) -> Answer | None:
        in_channel = where in (HERE, THREAD)
        refused = await self._permissions.refusal(incoming, USE, subject=subject, in_channel=in_channel)
        if refused is not None:
            return refused
        if where == THREAD and incoming.key.thread is None:
            return Answer(text=NO_THREAD)
        if where == DMS and incoming.key.platform in APART:
            return Answer(text=DMS_APART)
        return None

    # ── doing it ──

    async def _used(self, incoming: Incoming, where: str, chosen: PersonaVersion | None) -> Answer:
        place = Place.of(incoming.key) if where in (HERE, THREAD) else whole(incoming)
        now, name = self._desk.now(), chosen.persona.name if chosen else NOBODY
        by = entry(incoming, USE, now=now, subject=name, place=place, where=where, version=chosen and chosen.version)
        if where == THREAD:
            await self._desk.store.move_thread(incoming.key, chosen, shared=incoming.shared, entry=by, now=now)
        else:
            use = PersonaUse(place=place, scope=_SCOPES[where], persona_id=chosen.id if chosen else None)
            await self._desk.store.use_persona(use, entry=by, now=now)
        welcomed = await self._welcome(incoming, where, chosen)
        return Answer(text=_told(where, chosen, welcomed=welcomed))

    async def _welcome(self, incoming: Incoming, where: str, chosen: PersonaVersion | None) -> bool:
        """The welcome line stands where the persona answers now; false where it could not be posted. It is already put
        to use, so that is no reason to undo anything."""
        if chosen is None or not chosen.persona.welcome or where not in (HERE, THREAD):
            return True
        outlet = self._desk.outlets[incoming.key.platform]
        try:
            await outlet.send(incoming.target, chosen.persona.welcome, key=f"welcome-{incoming.event_id}")
        except SurfaceError as error:
            log.info("welcome not said", action="persona.no_welcome", detail=error.detail)
            return False
        return True


def _told(where: str, chosen: PersonaVersion | None, *, welcomed: bool) -> str:
    if chosen is None:
        return f"Nobody in particular answers {_SAID[where]} any more: whoever is chosen around it does."
    name = f"**{chosen.persona.name}**"
    if where == THREAD:
        text = f"{name} goes on {_SAID[where]}, in version {chosen.version}."
    else:
        text = f"{name} answers {_SAID[where]} from now on. Running threads go on as they began."
    return text if welcomed else f"{text} I could not post its welcome line."
