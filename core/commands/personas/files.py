"""`/persona export` and `import`: personas as files, so that a team can keep them where it keeps its other work."""

from __future__ import annotations

from dataclasses import replace

from core.audit import entry
from core.commands.personas import forms, showing
from core.commands.personas.desk import Desk, whole
from core.commands.personas.listing import Listing
from core.commands.personas.permissions import Permissions
from core.commands.personas.saving import Change, Saving
from core.commands.personas.uploads import Unreadable, read_text
from core.incoming import Incoming
from core.interaction import Answer
from core.persona import Persona
from core.persona_document import PersonaInvalid
from core.persona_file import loaded
from core.store import Conflict, NameTaken

EXPORT, IMPORT = "persona.export", "persona.import"
MOST = 100
"""Personas of one file."""
NOTHING = "There is no persona to export yet."
NO_FILE = "Put a file in: TOML, as `/persona export` writes it."
TOO_MANY = f"The file has more than {MOST} personas."
NONE_IN_IT = "There is no persona in the file."
SLOW = "Write `!persona import` with the file, or use the command with `/` outside of threads: that opens a form."


class Files:
    """Writes personas to files, and reads them."""

    def __init__(self, desk: Desk, permissions: Permissions, listing: Listing, saving: Saving) -> None:
        self._desk = desk
        self._permissions = permissions
        self._listing = listing
        self._saving = saving

    async def export(self, incoming: Incoming) -> Answer:
        """A file with the persona that was named, or with all, for that person."""
        words = incoming.options.get("name", "").strip()
        refused = await self._permissions.refusal(incoming, EXPORT, subject=words)
        if refused is not None:
            return refused
        if words:
            found = await self._listing.found(incoming, words)
            if isinstance(found, Answer):
                return found
            personas = [found.persona]
        else:
            personas = [one.persona for one in await self._listing.visible(incoming)]
        if not personas:
            return Answer(text=NOTHING)
        await self._log(incoming, EXPORT, personas)
        names = ", ".join(f"**{one.name}**" for one in personas[:10]) + (" and others" if len(personas) > 10 else "")
        return Answer(text=f"The file holds {names}.", files=(showing.toml_file(personas),))

    async def import_(self, incoming: Incoming) -> Answer:
        """The file's personas are there; where none came with the command, a form asks for it."""
        refused = await self._permissions.refusal(incoming, IMPORT)
        if refused is not None:
            return refused
        return await self._read(incoming) if incoming.attachments else Answer(form=forms.import_form(), text=SLOW)

    async def submitted(self, incoming: Incoming) -> Answer:
        """The personas of the form's file are there."""
        refused = await self._permissions.refusal(incoming, IMPORT)
        if refused is not None:
            return refused
        return await self._read(incoming) if incoming.attachments else Answer(text=NO_FILE, form=forms.import_form())

    async def _read(self, incoming: Incoming) -> Answer:
        try:
            personas = loaded(await read_text(self._desk, incoming, incoming.attachments[0]))
        except Unreadable as error:
            return Answer(text=str(error))
        except PersonaInvalid as error:
            return _faults(list(error.problems))
        if not personas:
            return Answer(text=NONE_IN_IT)
        if len(personas) > MOST:
            return Answer(text=TOO_MANY)
        if problems := [f"{one.name}: {problem}" for one in personas for problem in self._saving.problems(one)]:
            return _faults(problems)
        return await self._stored(incoming, personas)

    async def _stored(self, incoming: Incoming, personas: tuple[Persona, ...]) -> Answer:
        lines = [f"- **{one.name}**: {await self._put(incoming, one)}" for one in personas]
        text = "From the file:\n" + "\n".join(lines)
        if len(personas) > 1:
            return Answer(text=text)
        found = await self._desk.store.persona(whole(incoming), personas[0].name)
        return Answer(text=text) if found is None else await self._listing.shown(incoming, found.id, above=text)

    async def _put(self, incoming: Incoming, persona: Persona) -> str:
        """What became of one persona, in a few words."""
        change = Change(persona=persona, action=IMPORT, note="imported")
        present = await self._desk.store.persona(whole(incoming), persona.name)
        if present is not None and present.persona == persona:
            return f"unchanged, version {present.version}"
        if present is None:
            created = await self._saving.created(incoming, change)
            return "somebody has just made one of that name" if isinstance(created, NameTaken) else "new"
        result = await self._saving.changed(incoming, present.id, change, based_on=present.version)
        if result is None or isinstance(result, Conflict | NameTaken):
            return "somebody is changing it at this moment; import it again"
        return f"version {result.version}"

    async def _log(self, incoming: Incoming, action: str, personas: list[Persona]) -> None:
        names = ", ".join(one.name for one in personas[:10])
        by = entry(incoming, action, now=self._desk.now(), subject=names[:200], place=whole(incoming))
        await self._desk.store.record_audit(replace(by, details={"personas": len(personas)}))


def _faults(problems: list[str]) -> Answer:
    listed = "\n".join(f"- {problem}" for problem in problems[:20])
    return Answer(text=f"Nothing was imported, because of this:\n{listed}")
