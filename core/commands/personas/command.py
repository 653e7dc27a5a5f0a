"""Which verb, button or form of `/persona` is whose. What they do stands in the modules beside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from core.commands.catalogue import PERSONA
from core.commands.personas import forms
from core.commands.personas.copying import Copying
from core.commands.personas.desk import Desk
from core.commands.personas.editing import Editing
from core.commands.personas.files import Files
from core.commands.personas.listing import Listing, known_presets
from core.commands.personas.naming import suggested
from core.commands.personas.permissions import Permissions
from core.commands.personas.preview import Preview
from core.commands.personas.saving import Saving
from core.commands.personas.using import NOBODY, Using
from core.commands.personas.versions import Versions
from core.incoming import Incoming
from core.interaction import Answer, Choice

Verb = Callable[[Incoming], Awaitable[Answer]]

UNKNOWN_BUTTON = "I no longer know what this button was for. Please use `/persona` again."
UNKNOWN_FORM = "I no longer know what this form was for. Please use `/persona` again."


class PersonaCommand:
    """`/persona`, from the word to whoever does it."""

    def __init__(self, desk: Desk) -> None:
        permissions = Permissions(desk)
        self._listing = Listing(desk, permissions)
        saving = Saving(desk, self._listing)
        editing = Editing(desk, permissions, self._listing, saving)
        copying = Copying(desk, permissions, self._listing, saving)
        versions = Versions(desk, permissions, self._listing, saving)
        using = Using(desk, permissions, self._listing)
        preview = Preview(desk, permissions, self._listing)
        files = Files(desk, permissions, self._listing, saving)
        self._verbs: Mapping[str, Verb] = {
            "list": self._listing.list_all,
            "show": self._listing.show,
            "create": editing.create,
            "edit": editing.edit,
            "copy": copying.copy,
            "use": using.use,
            "preview": preview.preview,
            "history": versions.history,
            "diff": versions.diff,
            "rollback": versions.rollback,
            "archive": copying.archive,
            "export": files.export,
            "import": files.import_,
            "allow": permissions.allow,
            "disallow": permissions.disallow,
        }
        self._buttons: Mapping[str, Verb] = {
            "persona.prompt": editing.pressed,
            "persona.model": editing.pressed,
            "persona.style": editing.pressed,
            "persona.tools": editing.pressed,
            "persona.preview": preview.pressed,
            "persona.here": using.here,
            "persona.move": using.move,
            "persona.history": versions.history_pressed,
            "persona.rollback": versions.rollback_pressed,
            "persona.archive": copying.pressed,
        }
        self._forms: Mapping[str, Verb] = {
            forms.SAVE: editing.submitted,
            forms.CREATE: editing.submitted,
            forms.COPY: copying.submitted,
            forms.ASK: preview.submitted,
            forms.IMPORT: files.submitted,
        }

    async def call(self, incoming: Incoming) -> Answer:
        """What the verb does."""
        verb = self._verbs.get((incoming.command or "").partition(" ")[2])
        return Answer(text=usage()) if verb is None else await verb(incoming)

    async def pressed(self, incoming: Incoming) -> Answer:
        """What the button or the list does."""
        button = self._buttons.get(incoming.text)
        return Answer(text=UNKNOWN_BUTTON) if button is None else await button(incoming)

    async def submitted(self, incoming: Incoming) -> Answer:
        """What becomes of the form."""
        form = self._forms.get(incoming.text)
        return Answer(text=UNKNOWN_FORM) if form is None else await form(incoming)

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """Names of personas that this person may know of, and for a copy of presets too."""
        if option != "name":
            return ()
        names = (await self._listing.known(incoming)).names
        verb = (incoming.command or "").partition(" ")[2]
        if verb == "copy":
            names = list(dict.fromkeys([*names, *known_presets().names]))
        elif verb == "use":
            names.append(NOBODY)
        return suggested(names, typed)


def usage() -> str:
    """All verbs, with how each is typed."""
    lines = [f"- `/persona {verb.usage.removeprefix('/')}`: {verb.summary}" for verb in PERSONA.verbs]
    return "\n".join(lines)
