"""`/persona list` and `show`: for everybody, but for private personas."""

from __future__ import annotations

from dataclasses import replace

from core.commands.personas import showing
from core.commands.personas.desk import Desk, Token, whole
from core.commands.personas.naming import Known, unknown
from core.commands.personas.permissions import Permissions
from core.incoming import Incoming
from core.interaction import Answer
from core.persona import Persona, PersonaVersion
from core.presets import presets, teachers
from core.store import Revision

BEGUN = "This thread goes on with the one that answered first, or to whom it was moved:"
GONE = "I no longer know this persona."


class Listing:
    """Looks at personas, as far as the person may."""

    def __init__(self, desk: Desk, permissions: Permissions) -> None:
        self._desk = desk
        self._permissions = permissions

    # ── verbs ──

    async def list_all(self, incoming: Incoming) -> Answer:
        """The personas that this person may see, and who answers here."""
        known = await self.visible(incoming)
        uses = await self._desk.store.persona_uses(whole(incoming))
        here = await self._here(incoming)
        names = [preset.name for preset in (*presets(), *teachers().values())]
        return Answer(text=showing.listed(known, uses, here, names))

    async def show(self, incoming: Incoming) -> Answer:
        """The persona that was named, or who answers here."""
        words = incoming.options.get("name", "")
        if not words.strip():
            kept = await self._kept(incoming)
            if kept is not None:
                return kept
            here = await self._here(incoming)
            return showing.built_in(self._desk.built_in) if here is None else await self.shown(incoming, here.id)
        found = await self.found(incoming, words)
        return found if isinstance(found, Answer) else await self.shown(incoming, found.id)

    async def shown(self, incoming: Incoming, persona_id: int, *, above: str = "", replaces: bool = False) -> Answer:
        """The newest version with what this person may do to it, below a sentence."""
        newest = await self._desk.newest(incoming, persona_id)
        if newest is None:
            return Answer(text=GONE)
        editor = await self._permissions.may_edit(incoming)
        answer = showing.shown(
            newest, editor=editor, channel=incoming.author.runs_channel, in_thread=incoming.key.thread is not None
        )
        text = f"{above}\n\n{answer.text}".strip()
        return Answer(text=text, buttons=answer.buttons, files=answer.files, replaces=replaces)

    # ── for other verbs ──

    async def visible(self, incoming: Incoming) -> tuple[PersonaVersion, ...]:
        """The personas that this person may know of."""
        return await self._desk.personas(incoming, private=await self._permissions.may_edit(incoming))

    async def known(self, incoming: Incoming) -> Known[PersonaVersion]:
        """The same by their names."""
        return Known((one.persona.name, one) for one in await self.visible(incoming))

    async def found(self, incoming: Incoming, words: str) -> PersonaVersion | Answer:
        """The persona of exactly that name, or an answer that says that there is none."""
        known = await self.known(incoming)
        meant = known.meant(words)
        return meant[0] if meant is not None and not meant[1] else Answer(text=unknown(words, known))

    async def begun(self, incoming: Incoming, words: str) -> tuple[PersonaVersion, str] | Answer:
        """The persona with whose name the words begin, and what follows it."""
        known = await self.known(incoming)
        return known.meant(words) or Answer(text=unknown(words, known))

    async def meant(self, incoming: Incoming, token: Token | None) -> Revision | Answer:
        """The newest version of the persona whose button was pressed, if the person may see it."""
        newest = None if token is None else await self._desk.newest(incoming, token.persona_id)
        if newest is None or (newest.of.persona.private and not await self._permissions.may_edit(incoming)):
            return Answer(text=GONE)
        return newest

    async def _kept(self, incoming: Incoming) -> Answer | None:
        """Who answers in this very thread, if it has begun."""
        begun = None if incoming.key.thread is None else await self._desk.store.persona_begun_with(incoming.key)
        if begun is None:
            return None
        persona_id, version = begun
        if persona_id is None:
            answer = showing.built_in(self._desk.built_in)
        else:
            found = await self._desk.revision(incoming, Token(persona_id=persona_id, version=version))
            editor = await self._permissions.may_edit(incoming)
            if found is None or (found.of.persona.private and not editor):
                return None
            answer = showing.shown(found, editor=editor, channel=incoming.author.runs_channel, in_thread=True)
        return replace(answer, text=f"{BEGUN}\n\n{answer.text}")

    async def _here(self, incoming: Incoming) -> PersonaVersion | None:
        found = await self._desk.store.nearest_persona(incoming.key, shared=incoming.shared)
        if found is not None and found.persona.private and not await self._permissions.may_edit(incoming):
            return None
        return found


def known_presets() -> Known[Persona]:
    """The presets by their names."""
    return Known((preset.name, preset) for preset in (*presets(), *teachers().values()))
