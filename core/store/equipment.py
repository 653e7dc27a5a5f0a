"""What workspaces say of servers that bring tools."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.equipment import ServerEntry
from core.privacy import Place
from core.store.database import upsert
from core.store.tables import ToolServerRow


async def listed(session: AsyncSession, place: Place) -> tuple[ServerEntry, ...]:
    """All of the workspace's, by name."""
    query = select(ToolServerRow).where(_of(place)).order_by(ToolServerRow.name)
    return tuple(_entry(row) for row in (await session.execute(query)).scalars())


async def put(session: AsyncSession, place: Place, entry: ServerEntry) -> None:
    """The workspace says this of the server, in place of what it said before."""
    key = {"platform": place.platform.value, "workspace": place.workspace, "name": entry.name}
    said = {"enabled": entry.enabled, "address": entry.address, "token": entry.token}
    statement = upsert(session, ToolServerRow).values(**key, **said)
    await session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=said))


async def enabled(session: AsyncSession, place: Place, name: str, *, on: bool) -> None:
    """The workspace uses the server, or does not; its address and token stay."""
    key = {"platform": place.platform.value, "workspace": place.workspace, "name": name}
    statement = upsert(session, ToolServerRow).values(**key, enabled=on, address="", token="")
    await session.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"enabled": on}))


async def removed(session: AsyncSession, place: Place, name: str) -> bool:
    """The server that was added there is gone, with its token; whether there was one."""
    gone = delete(ToolServerRow).where(_of(place), ToolServerRow.name == name, ToolServerRow.address != "")
    return bool((await session.execute(gone.returning(ToolServerRow.id))).all())


def _of(place: Place) -> ColumnElement[bool]:
    return and_(ToolServerRow.platform == place.platform.value, ToolServerRow.workspace == place.workspace)


def _entry(row: ToolServerRow) -> ServerEntry:
    return ServerEntry(name=row.name, enabled=row.enabled, address=row.address, token=row.token)
