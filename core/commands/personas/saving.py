"""A new version of a persona, or a new persona: checked against the model, stored with its entry of the audit log, and
shown. Whatever goes wrong is said, and nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.audit import entry
from core.commands.foreign import coded, plain
from core.commands.personas import showing
from core.commands.personas.desk import Desk, whole
from core.commands.personas.listing import Listing
from core.context import crowding
from core.incoming import Incoming
from core.interaction import Answer
from core.persona import Persona, PersonaVersion
from core.persona_document import PersonaInvalid, read
from core.store import Conflict, NameTaken

ARCHIVED = (
    "Somebody has archived this persona meanwhile. What you made of it is in the file: "
    "`/persona import` makes a new persona of it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be stored."""

    persona: Persona
    action: str
    """For the audit log."""
    note: str
    """For the history, in a few words of ours."""


class Saving:
    """Stores personas."""

    def __init__(self, desk: Desk, listing: Listing) -> None:
        self._desk = desk
        self._listing = listing

    def checked(self, document: Mapping[str, Any], more: list[str]) -> Persona:
        """The persona of the document. Raises PersonaInvalid with all that is wrong, the `more` that is known of
        included."""
        try:
            persona = read(document)
        except PersonaInvalid as error:
            raise PersonaInvalid((*error.problems, *more)) from None
        problems = [*self.problems(persona), *more]
        if problems:
            raise PersonaInvalid(tuple(problems))
        return persona

    def problems(self, persona: Persona) -> list[str]:
        """A sentence where the prompt leaves too little room in its model's window, with the figures, and one for each
        tool that nobody knows. What a server brings is not asked here: it may be down."""
        own = [tool.name for tool in self._desk.toolbox.own]
        return [
            *(_no_tool(name, own) for name in persona.tools if name not in own and "/" not in name),
            *self._crowding(persona),
        ]

    def _crowding(self, persona: Persona) -> list[str]:
        return crowding(self._desk.model.window(persona.model), persona, self._desk.counter)

    async def create(self, incoming: Incoming, change: Change) -> Answer | NameTaken:
        """The persona is there and shown."""
        created = await self.created(incoming, change)
        if isinstance(created, NameTaken):
            return created
        return await self._listing.shown(incoming, created.id, above=f"**{created.persona.name}** is there.")

    async def created(self, incoming: Incoming, change: Change) -> PersonaVersion | NameTaken:
        """The persona is there."""
        now, place = self._desk.now(), whole(incoming)
        by = entry(incoming, change.action, now=now, subject=change.persona.name, place=place, version=1)
        return await self._desk.store.create_persona(
            place, change.persona, by=incoming.author, note=change.note, entry=by, now=now
        )

    async def changed(
        self, incoming: Incoming, persona_id: int, change: Change, *, based_on: int
    ) -> PersonaVersion | Conflict | NameTaken | None:
        """The persona has a new version. See Store.change_persona."""
        now, place = self._desk.now(), whole(incoming)
        details: dict[str, object] = {"version": based_on + 1, "note": change.note}
        by = replace(entry(incoming, change.action, now=now, subject=change.persona.name, place=place), details=details)
        return await self._desk.store.change_persona(
            place,
            persona_id,
            change.persona,
            based_on=based_on,
            by=incoming.author,
            note=change.note,
            entry=by,
            now=now,
        )

    async def shown(self, incoming: Incoming, stored: PersonaVersion, *, replaces: bool = True) -> Answer:
        """The new version."""
        above = f"**{stored.persona.name}** has version {stored.version}. Running threads keep the version they have."
        return await self._listing.shown(incoming, stored.id, above=above, replaces=replaces)


def _no_tool(name: str, own: Sequence[str]) -> str:
    known = ", ".join(own) or "none"
    return f"tools: there is no {coded(name)}. There are: {known}; those of a server are written as server/tool."


def taken(name: str) -> str:
    """That another persona has the name."""
    return f"There is already a persona called **{name}** here. Choose another name."


def complaint(problems: tuple[str, ...]) -> str:
    """What is wrong, as a list."""
    return "I cannot save this yet:\n" + "\n".join(f"- {problem}" for problem in problems)


def conflict(found: Conflict, base: Persona, typed: Persona) -> str:
    """That somebody was faster: what they changed, and what this person was about to change."""
    newest = found.newest
    theirs = showing.difference(base, newest.of.persona) or "nothing but the version"
    mine = showing.difference(base, typed) or "nothing"
    who = plain(newest.author.name)
    return (
        f"{who} has saved version {newest.of.version} of **{newest.of.persona.name}** meanwhile, so nothing of yours "
        f"is saved yet. This is what {who} changed:\n{showing.difference_block(theirs)}\n"
        f"And this is what you changed:\n{showing.difference_block(mine)}\n"
        "The form holds what you typed, and the newest of what you did not touch. Saving it makes the next version."
    )


def rescued(persona: Persona, sentence: str) -> Answer:
    """The sentence, with the persona as a file."""
    return Answer(text=sentence, files=(showing.toml_file((persona,)),))
