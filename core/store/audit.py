"""The audit log: entries become rows, and the newest are read again."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.conversation import Platform
from core.incoming import Author
from core.privacy import Place
from core.store.tables import AuditRow


def recorded(session: AsyncSession, entry: AuditEntry) -> AuditRow:
    """The entry is in the log, if what it tells of is committed with it."""
    row = AuditRow(
        at=entry.at,
        platform=entry.place.platform.value,
        workspace=entry.place.workspace,
        channel=entry.place.channel or "",
        actor_id=entry.actor.id,
        actor_name=entry.actor.name,
        action=entry.action,
        allowed=entry.allowed,
        subject=entry.subject,
        details=dict(entry.details),
    )
    session.add(row)
    return row


async def newest(
    session: AsyncSession, place: Place, *, action: str, actor: str | None, limit: int
) -> tuple[AuditEntry, ...]:
    """The newest entries of the workspace, or of the one channel; those whose action begins so and of that actor."""
    query = select(AuditRow).where(AuditRow.platform == place.platform.value, AuditRow.workspace == place.workspace)
    if place.channel is not None:
        query = query.where(AuditRow.channel == place.channel)
    if action:
        query = query.where(func.substr(AuditRow.action, 1, len(action)) == action)
    if actor is not None:
        query = query.where(AuditRow.actor_id == actor)
    rows = await session.execute(query.order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit))
    return tuple(_entry(row) for row in rows.scalars())


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        place=Place(platform=Platform(row.platform), workspace=row.workspace, channel=row.channel or None),
        actor=Author(id=row.actor_id, name=row.actor_name),
        action=row.action,
        allowed=row.allowed,
        subject=row.subject,
        details=row.details,
    )
