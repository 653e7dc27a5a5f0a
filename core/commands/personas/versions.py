"""`/persona history`, `diff` and `rollback`: what a persona was, what changed, and the way back: a new version."""

from __future__ import annotations

from core.commands.foreign import coded, plain
from core.commands.personas import showing
from core.commands.personas.desk import Desk, Token, is_number, token, whole
from core.commands.personas.listing import Listing
from core.commands.personas.naming import unknown
from core.commands.personas.permissions import Permissions
from core.commands.personas.saving import Change, Saving, rescued, taken
from core.incoming import Incoming
from core.interaction import Answer, Choice, File, Select
from core.persona import PersonaVersion
from core.store import Conflict, NameTaken, Revision

ROLLBACK = "persona.rollback"
LISTED = 20
"""Versions of a history that are shown at once."""
NO_VERSION = "**{}** has no version {}; `/persona history` shows its versions."
FIRST = "**{}** has only one version, so there is nothing to compare."
SAME = "Version {} and version {} of **{}** are the same."
GONE_BACK = "This persona is archived and takes no changes any more."
FASTER = (
    "{} has saved version {} of **{}** meanwhile, so I did not go back. Look at it with `/persona diff`, "
    "and use the command again if you still want to."
)


class Versions:
    """Looks at versions of personas, and brings them back."""

    def __init__(self, desk: Desk, permissions: Permissions, listing: Listing, saving: Saving) -> None:
        self._desk = desk
        self._permissions = permissions
        self._listing = listing
        self._saving = saving

    # ── history ──

    async def history(self, incoming: Incoming) -> Answer:
        """The newest versions of the persona that was named."""
        found = await self._listing.found(incoming, incoming.options.get("name", ""))
        return found if isinstance(found, Answer) else await self._told(incoming, found.id)

    async def history_pressed(self, incoming: Incoming) -> Answer:
        """The same of the persona whose button was pressed."""
        newest = await self._listing.meant(incoming, token(incoming.options.get("value", "")))
        return newest if isinstance(newest, Answer) else await self._told(incoming, newest.of.id)

    async def _told(self, incoming: Incoming, persona_id: int) -> Answer:
        place = whole(incoming)
        found = await self._desk.store.persona_revisions(place, persona_id, limit=LISTED)
        newest = found[0].of
        lines = [_line(one) for one in found]
        if found[-1].of.version > 1:
            lines.append(f"- … and {found[-1].of.version - 1} before")
        text = f"Versions of **{newest.persona.name}**:\n" + "\n".join(lines)
        back = () if newest.archived or not await self._permissions.may_edit(incoming) else _back(found)
        return Answer(text=text, selects=back)

    # ── diff ──

    async def diff(self, incoming: Incoming) -> Answer:
        """What changed between two versions, by default the newest and the one before."""
        meant = await self._with_numbers(incoming, "from", "to")
        if isinstance(meant, Answer):
            return meant
        persona, numbers = meant
        name, newest = persona.persona.name, persona.version
        if newest == 1:
            return Answer(text=FIRST.format(name))
        older, newer = (*numbers, newest)[:2] if numbers else (newest - 1, newest)
        found = []
        for version in (older, newer):
            revision = await self._desk.revision(incoming, Token(persona_id=persona.id, version=version))
            if revision is None:
                return Answer(text=NO_VERSION.format(name, version))
            found.append(revision.of)
        return _compared(found[0], found[1], name)

    # ── rollback ──

    async def rollback(self, incoming: Incoming) -> Answer:
        """The persona is again as it was in that version, by default the one before the newest."""
        words = incoming.options.get("name", "")
        refused = await self._permissions.refusal(incoming, ROLLBACK, subject=words)
        if refused is not None:
            return refused
        meant = await self._with_numbers(incoming, "version")
        if isinstance(meant, Answer):
            return meant
        persona, numbers = meant
        version = numbers[0] if numbers else persona.version - 1
        return await self._back_to(incoming, persona, version)

    async def rollback_pressed(self, incoming: Incoming) -> Answer:
        """The same with the version that was chosen from the history; it is based on what the history showed."""
        refused = await self._permissions.refusal(incoming, ROLLBACK)
        if refused is not None:
            return refused
        meant = token(incoming.options.get("value", ""))
        newest = await self._listing.meant(incoming, meant)
        if isinstance(newest, Answer):
            return newest
        assert meant is not None
        based_on = int(meant.more) if is_number(meant.more) else newest.of.version
        if based_on != newest.of.version:
            return _faster(newest)
        return await self._back_to(incoming, newest.of, meant.version)

    async def _back_to(self, incoming: Incoming, newest: PersonaVersion, version: int) -> Answer:
        name = newest.persona.name
        old = await self._desk.revision(incoming, Token(persona_id=newest.id, version=version))
        if old is None:
            return Answer(text=NO_VERSION.format(name, version))
        if old.of.persona == newest.persona:
            return Answer(text=SAME.format(version, newest.version, name))
        problems = self._saving.problems(old.of.persona)
        if problems:
            return Answer(text="\n".join(problems))
        change = Change(persona=old.of.persona, action=ROLLBACK, note=f"back to version {version}")
        result = await self._saving.changed(incoming, newest.id, change, based_on=newest.version)
        match result:
            case Conflict(newest=faster):
                return _faster(faster)
            case NameTaken(name=another):
                return Answer(text=taken(another))
            case None:
                return rescued(old.of.persona, GONE_BACK)
            case _:
                return await self._saving.shown(incoming, result)

    # ── numbers ──

    async def _with_numbers(self, incoming: Incoming, *names: str) -> tuple[PersonaVersion, list[int]] | Answer:
        """The persona that was named and the versions behind it, from options of their own or from the words."""
        words = incoming.options.get("name", "")
        found = await self._listing.begun(incoming, words)
        if isinstance(found, Answer):
            return found
        given = [incoming.options[name] for name in names if incoming.options.get(name)] or found[1].split()
        numbers = [one.lower().removeprefix("v") for one in given]
        if len(numbers) > len(names) or (found[1] and not all(is_number(one) for one in numbers)):
            return Answer(text=unknown(words, await self._listing.known(incoming)))
        if not all(is_number(one) for one in numbers):
            return Answer(text=f"A version is a number, and not {coded(' '.join(given))}.")
        return found[0], [int(one) for one in numbers]


def _compared(older: PersonaVersion, newer: PersonaVersion, name: str) -> Answer:
    names = (f"version {older.version}", f"version {newer.version}")
    text = showing.difference(older.persona, newer.persona, names=names)
    if not text:
        return Answer(text=SAME.format(older.version, newer.version, name))
    heading = f"What changed in **{name}** from {names[0]} to {names[1]}:"
    shown = Answer(text=f"{heading}\n{showing.difference_block(text)}")
    if len(text) <= showing.DIFFERENCE_SHOWN:
        return shown
    title = f"{showing.file_name(name)}-{older.version}-{newer.version}.diff"
    file = File(name=title, media_type="text/x-diff", content=text.encode())
    return Answer(text=f"{shown.text}\nAll of it is in the file.", files=(file,))


def _faster(newest: Revision) -> Answer:
    return Answer(text=FASTER.format(plain(newest.author.name), newest.of.version, newest.of.persona.name))


def _line(one: Revision) -> str:
    note = f": {plain(one.note)}" if one.note else ""
    return f"- version {one.of.version}, {one.at:%Y-%m-%d %H:%M} UTC, {plain(one.author.name)}{note}"


def _back(found: tuple[Revision, ...]) -> tuple[Select, ...]:
    newest = found[0].of
    choices = tuple(
        Choice(
            value=str(Token(persona_id=newest.id, version=one.of.version, more=str(newest.version))),
            label=f"version {one.of.version}" + (f" ({one.note[:50]})" if one.note else ""),
        )
        for one in found[1:]
    )
    return (Select(action=ROLLBACK, placeholder="Go back to…", choices=choices),) if choices else ()
