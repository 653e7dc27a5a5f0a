"""`/persona create` and `edit`: forms, and what becomes of them.

A form carries the version from which it was opened. Where somebody has saved another one meanwhile, the person sees
both changes and gets the form again with what they typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.commands.catalogue import PARTS
from core.commands.foreign import coded
from core.commands.personas import forms, showing
from core.commands.personas.desk import Desk, Token, token
from core.commands.personas.filling import document_with, merged, same, values_of
from core.commands.personas.listing import Listing
from core.commands.personas.naming import unknown
from core.commands.personas.permissions import Permissions
from core.commands.personas.saving import ARCHIVED, Change, Saving, complaint, conflict, rescued, taken
from core.commands.personas.uploads import Unreadable, read_text
from core.incoming import Incoming
from core.interaction import Answer, File, Form
from core.persona import Persona
from core.persona_document import PersonaInvalid
from core.store import Conflict, NameTaken, Revision

UNCLEAR = "I no longer know what this form was for. What you typed is in the file; please use the command again."
ARCHIVED_ALREADY = "This persona is archived and takes no changes any more."
UNCHANGED = "Nothing was changed, so there is no new version."
_LABELS = {"prompt": "prompt", "model": "model", "style": "style", "tools": "tools"}
_EMPTY = Persona(name="", prompt="")


class Editing:
    """Makes and changes personas in forms."""

    def __init__(self, desk: Desk, permissions: Permissions, listing: Listing, saving: Saving) -> None:
        self._desk = desk
        self._permissions = permissions
        self._listing = listing
        self._saving = saving

    # ── opening forms ──

    async def create(self, incoming: Incoming) -> Answer:
        """The form of a new persona."""
        name = incoming.options.get("name", "").strip()
        refused = await self._permissions.refusal(incoming, "persona.create", subject=name)
        values = {**values_of(_EMPTY, "prompt"), "name": name}
        return refused or Answer(form=forms.create_form(values, incoming.key.platform))

    async def edit(self, incoming: Incoming) -> Answer:
        """The form of a part of the persona that was named."""
        words, part = incoming.options.get("name", ""), incoming.options.get("part", "")
        refused = await self._permissions.refusal(incoming, "persona.edit", subject=words)
        if refused is not None:
            return refused
        found = await self._listing.begun(incoming, words)
        if isinstance(found, Answer):
            return found
        part = part or found[1].strip().lower() or "prompt"
        if part not in PARTS:
            if found[1]:
                return Answer(text=unknown(words, await self._listing.known(incoming)))
            return Answer(text=f"There is no part {coded(part)}: say prompt, model, style or tools.")
        return await self._opened(incoming, Token(persona_id=found[0].id, version=found[0].version), part)

    async def pressed(self, incoming: Incoming) -> Answer:
        """The form whose button was pressed, of the newest version."""
        meant = token(incoming.options.get("value", ""))
        refused = await self._permissions.refusal(incoming, "persona.edit")
        if refused is not None:
            return refused
        found = await self._listing.meant(incoming, meant)
        if isinstance(found, Answer):
            return found
        part = incoming.text.partition(".")[2]
        return await self._opened(incoming, Token(persona_id=found.of.id, version=found.of.version), part)

    async def _opened(self, incoming: Incoming, meant: Token, part: str) -> Answer:
        found = await self._desk.revision(incoming, meant)
        if found is None or found.of.archived:
            return Answer(text=ARCHIVED_ALREADY)
        return Answer(form=await self._form(incoming, meant, part, values_of(found.of.persona, part)))

    async def _form(self, incoming: Incoming, meant: Token, part: str, values: Mapping[str, str]) -> Form:
        carried, platform = str(replace(meant, more=part)), incoming.key.platform
        known: Sequence[str] = ()
        if part == forms.TOOLS:
            known = await self._desk.toolbox.known(incoming.key)
        elif part == forms.MODEL and self._desk.names is not None:
            known = await self._desk.names.models()
        return forms.part_form(part, values, value=carried, platform=platform, known=known)

    # ── what was typed ──

    async def submitted(self, incoming: Incoming) -> Answer:
        """A new persona, or a new version; or the form again with what was typed."""
        creating = incoming.text == forms.CREATE
        action = "persona.create" if creating else "persona.edit"
        refused = await self._permissions.refusal(incoming, action, subject=incoming.options.get("name", ""))
        if refused is not None:
            return replace(refused, files=typed_file(incoming.options))
        values = forms.with_tools_joined({name: text for name, text in incoming.options.items() if name != "value"})
        return await (self._create(incoming, values) if creating else self._save(incoming, values))

    async def _create(self, incoming: Incoming, values: dict[str, str]) -> Answer:
        try:
            values = await self._with_file(incoming, values)
            document, problems = document_with(_EMPTY, "prompt", values)
            persona = self._saving.checked(document, problems)
        except (PersonaInvalid, Unreadable) as error:
            return self._create_again(incoming, values, _said(error))
        change = Change(persona=persona, action="persona.create", note="created")
        result = await self._saving.create(incoming, change)
        if isinstance(result, NameTaken):
            return self._create_again(incoming, values, taken(result.name))
        return result

    def _create_again(self, incoming: Incoming, values: dict[str, str], sentence: str) -> Answer:
        form = forms.create_form(values, incoming.key.platform)
        return Answer(text=sentence, form=form, files=_unshown(values, incoming))

    async def _save(self, incoming: Incoming, values: dict[str, str]) -> Answer:
        meant = token(incoming.options.get("value", ""))
        base = None if meant is None else await self._desk.revision(incoming, meant)
        if meant is None or base is None or meant.more not in PARTS:
            return Answer(text=UNCLEAR, files=typed_file(incoming.options))
        before = base.of.persona
        try:
            values = _untouched(before, meant.more, await self._with_file(incoming, values))
            persona = self._saving.checked(*document_with(before, meant.more, values))
        except (PersonaInvalid, Unreadable) as error:
            return await self._again(incoming, meant, values, _said(error))
        if persona == before:
            return await self._listing.shown(incoming, meant.persona_id, above=UNCHANGED, replaces=True)
        return await self._stored(incoming, meant, base, values, persona)

    async def _stored(
        self, incoming: Incoming, meant: Token, base: Revision, values: dict[str, str], persona: Persona
    ) -> Answer:
        change = Change(persona=persona, action="persona.edit", note=f"{_LABELS[meant.more]} edited")
        result = await self._saving.changed(incoming, meant.persona_id, change, based_on=meant.version)
        match result:
            case Conflict(newest=newest):
                both = merged(base.of.persona, newest.of.persona, meant.more, values)
                again = replace(meant, version=newest.of.version)
                return await self._again(incoming, again, both, conflict(result, base.of.persona, persona))
            case NameTaken(name=name):
                return await self._again(incoming, meant, values, taken(name))
            case None:
                return rescued(persona, ARCHIVED)
            case _:
                return await self._saving.shown(incoming, result)

    async def _again(self, incoming: Incoming, meant: Token, values: Mapping[str, str], sentence: str) -> Answer:
        form = await self._form(incoming, meant, meant.more, values)
        return Answer(text=sentence, form=form, files=_unshown(values, incoming))

    async def _with_file(self, incoming: Incoming, values: dict[str, str]) -> dict[str, str]:
        """With the prompt of the file, where one came. Raises Unreadable."""
        if not incoming.attachments:
            return values
        return values | {"prompt": await read_text(self._desk, incoming, incoming.attachments[0])}


def _untouched(before: Persona, part: str, values: dict[str, str]) -> dict[str, str]:
    """A platform may drop blanks at the edges of what it shows; that is no change of anybody's."""
    shown = values_of(before, part)
    return {name: shown[name] if name in shown and same(text, shown[name]) else text for name, text in values.items()}


def _said(error: PersonaInvalid | Unreadable) -> str:
    return complaint(error.problems) if isinstance(error, PersonaInvalid) else str(error)


def _unshown(values: Mapping[str, str], incoming: Incoming) -> tuple[File, ...]:
    """A prompt that came as a file and is too long for the form."""
    prompt = values.get("prompt", "")
    if len(prompt) <= forms.TYPED[incoming.key.platform]:
        return ()
    return (showing.prompt_file(values.get("name", ""), prompt),)


def typed_file(options: Mapping[str, str]) -> tuple[File, ...]:
    """What was typed into a form, for a person whose form is lost."""
    said = "\n\n".join(f"{name}:\n{text}" for name, text in options.items() if name != "value" and text.strip())
    if not said:
        return ()
    return (File(name="what-you-typed.md", media_type="text/markdown", content=said.encode()),)
