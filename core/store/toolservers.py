"""MCP servers of a workspace: which of the operator's are switched on, and those that admins added."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Place
from core.store.database import upsert
from core.store.tables import ToolServerRow
from core.toolservers import ServerChoice


async def chosen(session: AsyncSession, place: Place) -> tuple[ServerChoice, ...]:
    """Those that something was decided of, by name."""
    query = select(ToolServerRow).where(_of(place)).order_by(ToolServerRow.name)
    return tuple(
        ServerChoice(name=row.name, enabled=row.enabled, url=row.url, sealed_token=row.sealed_token)
        for row in (await session.execute(query)).scalars()
    )


async def put(session: AsyncSession, place: Place, choice: ServerChoice) -> None:
    """The decision stands, in place of an earlier one."""
    key = {"platform": place.platform.value, "workspace": place.workspace, "name": choice.name}
    decided = {"enabled": choice.enabled, "url": choice.url, "sealed_token": choice.sealed_token}
    statement = upsert(session, ToolServerRow).values(**key, **decided)
    await session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=decided))


async def dropped(session: AsyncSession, place: Place, name: str) -> bool:
    """Nothing is decided of it any more; false where nothing was."""
    gone = delete(ToolServerRow).where(_of(place), ToolServerRow.name == name).returning(ToolServerRow.name)
    return (await session.execute(gone)).scalar_one_or_none() is not None


def _of(place: Place) -> ColumnElement[bool]:
    return and_(ToolServerRow.platform == place.platform.value, ToolServerRow.workspace == place.workspace)
