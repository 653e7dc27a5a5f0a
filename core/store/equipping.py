"""The store's part about servers that bring tools. Changes take their entry of the audit log along."""

from __future__ import annotations

from core.audit import AuditEntry
from core.equipment import ServerEntry
from core.privacy import Place
from core.store import audit, equipment
from core.store.database import Database


class Equipping:
    """Mixed into Store."""

    _database: Database

    async def server_entries(self, place: Place) -> tuple[ServerEntry, ...]:
        """What the workspace says of servers, by name."""
        async with self._database.reading() as session:
            return await equipment.listed(session, place)

    async def add_server(self, place: Place, entry: ServerEntry, *, most: int, by: AuditEntry) -> bool:
        """The workspace has the server, in place of one of that name; and the log says by whom. Or false: it has added
        that many already."""
        async with self._database.writing() as session:
            known = {one.name for one in await equipment.listed(session, place) if one.address}
            if entry.name not in known and len(known) >= most:
                return False
            audit.recorded(session, by)
            await equipment.put(session, place, entry)
            return True

    async def enable_server(self, place: Place, name: str, *, on: bool, by: AuditEntry) -> None:
        """The workspace uses that server, or does not; and the log says by whom."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            await equipment.enabled(session, place, name, on=on)

    async def remove_server(self, place: Place, name: str, *, by: AuditEntry) -> bool:
        """The server that was added there is gone with its token, and the log says by whom; false where there is
        none."""
        async with self._database.writing() as session:
            removed = await equipment.removed(session, place, name)
            if removed:
                audit.recorded(session, by)
            return removed
