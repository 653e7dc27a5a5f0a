"""What the store promises about personas: their versions, and who answers where.

A part of Store, like keeping.py. Changes take their entry of the audit log along: both are there, or neither.
"""

from __future__ import annotations

from datetime import datetime

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.incoming import Author
from core.persona import Persona, PersonaVersion
from core.privacy import Place
from core.store import audit, editors, personas
from core.store.database import Database
from core.store.results import Conflict, Editors, NameTaken, PersonaUse, Revision
from core.turn import Turn


class Casting:
    """Personas, and where which one answers."""

    _database: Database

    # ── reading ──

    async def personas(self, place: Place) -> tuple[PersonaVersion, ...]:
        """The newest version of each persona of the workspace that is not archived, by name."""
        async with self._database.reading() as session:
            return await personas.listed(session, place)

    async def persona(self, place: Place, name: str) -> PersonaVersion | None:
        """The newest version of the persona of that name, however its letters are written."""
        async with self._database.reading() as session:
            return await personas.named(session, place, name)

    async def persona_revisions(self, place: Place, persona_id: int, *, limit: int = 20) -> tuple[Revision, ...]:
        """The newest versions of that persona with who made them, newest first."""
        async with self._database.reading() as session:
            return await personas.revisions(session, place, persona_id, limit=limit)

    async def persona_revision(self, place: Place, persona_id: int, version: int) -> Revision | None:
        """That version of that persona."""
        async with self._database.reading() as session:
            return await personas.revision(session, place, persona_id, version)

    async def persona_uses(self, place: Place) -> tuple[PersonaUse, ...]:
        """Where personas answer in the workspace."""
        async with self._database.reading() as session:
            return await personas.uses(session, place)

    async def nearest_persona(self, key: ConversationKey, *, shared: bool) -> PersonaVersion | None:
        """Who answers in new conversations there; none for the built-in one."""
        async with self._database.reading() as session:
            return await personas.nearest(session, key, shared=shared)

    async def persona_begun_with(self, key: ConversationKey) -> tuple[int | None, int] | None:
        """With which persona and version that thread goes on; none for the built-in one's number. None where nobody
        has answered there yet."""
        async with self._database.reading() as session:
            return await personas.begun_with(session, key)

    async def persona_editors(self, place: Place) -> Editors:
        """Who may change the workspace's personas beside its admins."""
        async with self._database.reading() as session:
            return await editors.named(session, place)

    # ── changing ──

    async def allow_editors(self, place: Place, more: Editors, *, entry: AuditEntry, now: datetime) -> Editors:
        """They may change the workspace's personas from now on. Returns all who may."""
        async with self._database.writing() as session:
            audit.recorded(session, entry)
            return await editors.added(session, place, more, now=now)

    async def disallow_editors(self, place: Place, gone: Editors, *, entry: AuditEntry, now: datetime) -> Editors:
        """They may no more. Returns all who still may."""
        async with self._database.writing() as session:
            audit.recorded(session, entry)
            return await editors.removed(session, place, gone, now=now)

    async def create_persona(
        self, place: Place, persona: Persona, *, by: Author, note: str, entry: AuditEntry, now: datetime
    ) -> PersonaVersion | NameTaken:
        """The persona is there, in version 1."""
        async with self._database.writing() as session:
            result = await personas.created(session, place, persona, by=by, note=note, now=now)
            if isinstance(result, PersonaVersion):
                audit.recorded(session, entry)
            return result

    async def change_persona(
        self,
        place: Place,
        persona_id: int,
        persona: Persona,
        *,
        based_on: int,
        by: Author,
        note: str,
        entry: AuditEntry,
        now: datetime,
    ) -> PersonaVersion | Conflict | NameTaken | None:
        """The persona has a new version, made from version `based_on`. A Conflict where somebody was faster, None where
        there is no such persona any more; then nothing has changed."""
        async with self._database.writing() as session:
            result = await personas.changed(
                session, place, persona_id, persona, based_on=based_on, by=by, note=note, now=now
            )
            if isinstance(result, PersonaVersion):
                audit.recorded(session, entry)
            return result

    async def archive_persona(
        self, place: Place, persona_id: int, *, entry: AuditEntry, now: datetime
    ) -> tuple[PersonaUse, ...]:
        """The persona answers nowhere any more but in threads that began with it. Returns where it answered."""
        async with self._database.writing() as session:
            audit.recorded(session, entry)
            return await personas.archived(session, place, persona_id, now=now)

    async def use_persona(self, use: PersonaUse, *, entry: AuditEntry, now: datetime) -> None:
        """In that place the persona answers new conversations; with none, whoever answers around it."""
        async with self._database.writing() as session:
            audit.recorded(session, entry)
            await personas.used(session, use, now=now)

    async def move_thread(
        self, key: ConversationKey, persona: PersonaVersion | None, *, shared: bool, entry: AuditEntry, now: datetime
    ) -> None:
        """That version (none: the built-in one) answers in the conversation from its next turn on."""
        async with self._database.writing() as session:
            audit.recorded(session, entry)
            number, version = (persona.id, persona.version) if persona else (None, personas.BUILT_IN)
            await personas.moved(session, key, number, version, shared=shared, now=now)

    async def answering_persona(self, turn: Turn) -> PersonaVersion | None:
        """Who answers that turn; none for the built-in one. A thread keeps what its first turn found."""
        async with self._database.writing() as session:
            return await personas.answering(session, turn)
