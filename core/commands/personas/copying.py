"""`/persona copy` and `archive`: personas out of others and of presets, and personas put away."""

from __future__ import annotations

from dataclasses import replace

from core.audit import entry
from core.commands.foreign import coded
from core.commands.personas import forms
from core.commands.personas.desk import Desk, Token, token, whole
from core.commands.personas.listing import Listing, known_presets
from core.commands.personas.naming import unknown
from core.commands.personas.permissions import Permissions
from core.commands.personas.saving import Change, Saving, complaint, taken
from core.commands.personas.showing import danger, used_in
from core.incoming import Incoming
from core.interaction import Answer
from core.persona import Persona
from core.persona_document import PersonaInvalid, written
from core.store import NameTaken

ARCHIVE = "persona.archive"
PRESET = "preset:"
"""Begins what the form of a copy carries where a preset is copied."""
_BETWEEN = frozenset({"as", "to"})


class Copying:
    """Copies personas, and puts them away."""

    def __init__(self, desk: Desk, permissions: Permissions, listing: Listing, saving: Saving) -> None:
        self._desk = desk
        self._permissions = permissions
        self._listing = listing
        self._saving = saving

    # ── copy ──

    async def copy(self, incoming: Incoming) -> Answer:
        """A persona like the one that was named, under another name; a form asks for the name where none was given
        and the old one is not free."""
        words = incoming.options.get("name", "")
        refused = await self._permissions.refusal(incoming, "persona.copy", subject=words)
        if refused is not None:
            return refused
        own, presets = await self._listing.known(incoming), known_presets()
        if (found := own.meant(words)) is not None:
            name = incoming.options.get("as", "").strip() or _name_in(found[1])
            meant = str(Token(persona_id=found[0].id, version=found[0].version))
            return await self._copied(incoming, found[0].persona, name, meant)
        if (preset := presets.meant(words)) is not None:
            name = incoming.options.get("as", "").strip() or _name_in(preset[1]) or preset[0].name
            return await self._copied(incoming, preset[0], name, f"{PRESET}{preset[0].name}")
        near = presets.near(words)
        return Answer(text=unknown(words, presets) if near else unknown(words, own))

    async def submitted(self, incoming: Incoming) -> Answer:
        """The copy under the name that was typed."""
        carried, name = incoming.options.get("value", ""), incoming.options.get("name", "").strip()
        refused = await self._permissions.refusal(incoming, "persona.copy", subject=name)
        if refused is not None:
            return refused
        source = await self._source(incoming, carried)
        return source if isinstance(source, Answer) else await self._copied(incoming, source, name, carried)

    async def _source(self, incoming: Incoming, carried: str) -> Persona | Answer:
        if carried.startswith(PRESET):
            found = known_presets().meant(carried.removeprefix(PRESET))
            return found[0] if found is not None else Answer(text="I no longer know this preset.")
        newest = await self._listing.meant(incoming, token(carried))
        return newest if isinstance(newest, Answer) else newest.of.persona

    async def _copied(self, incoming: Incoming, source: Persona, name: str, carried: str) -> Answer:
        if not name:
            return Answer(form=forms.copy_form("", carried), text="Say what the copy shall be called, behind `as`.")
        try:
            persona = self._saving.checked(written(replace(source, name=name)), [])
        except PersonaInvalid as error:
            return Answer(text=complaint(error.problems), form=forms.copy_form(name, carried))
        change = Change(persona=persona, action="persona.copy", note=f"copied from {source.name}")
        result = await self._saving.create(incoming, change)
        if isinstance(result, NameTaken):
            return Answer(text=taken(name), form=forms.copy_form(name, carried))
        return result

    # ── archive ──

    async def archive(self, incoming: Incoming) -> Answer:
        """Where the persona answers, and a button that puts it away."""
        words = incoming.options.get("name", "")
        refused = await self._permissions.refusal(incoming, ARCHIVE, subject=words)
        if refused is not None:
            return refused
        found = await self._listing.found(incoming, words)
        if isinstance(found, Answer):
            return found
        uses = [use for use in await self._desk.store.persona_uses(whole(incoming)) if use.persona_id == found.id]
        where = f"It answers {used_in(uses)}: there whoever answers around it takes over. " if uses else ""
        text = (
            f"Put **{found.persona.name}** away? {where}"
            "Threads that began with it keep it, its history stays, and its name is free."
        )
        meant = str(Token(persona_id=found.id, version=found.version))
        return Answer(text=text, buttons=(danger("Archive", ARCHIVE, meant),))

    async def pressed(self, incoming: Incoming) -> Answer:
        """The persona is put away."""
        refused = await self._permissions.refusal(incoming, ARCHIVE)
        if refused is not None:
            return refused
        newest = await self._listing.meant(incoming, token(incoming.options.get("value", "")))
        if isinstance(newest, Answer):
            return newest
        name, now, place = newest.of.persona.name, self._desk.now(), whole(incoming)
        if newest.of.archived:
            return Answer(text=f"{coded(name)} is archived already.", replaces=True)
        by = entry(incoming, ARCHIVE, now=now, subject=name, place=place, version=newest.of.version)
        uses = await self._desk.store.archive_persona(place, newest.of.id, entry=by, now=now)
        where = f" It answered {used_in(uses)}." if uses else ""
        return Answer(text=f"**{name}** is archived.{where}", replaces=True)


def _name_in(words: str) -> str:
    """The name in `as Bob`, `to Bob` or `Bob`."""
    parts = words.split()
    return " ".join(parts[1:] if parts and parts[0].lower() in _BETWEEN else parts)
