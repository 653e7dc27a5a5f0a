"""What admins have set for a workspace or a channel: one document each, in which every feature has its own part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Place
from core.store.database import upsert
from core.store.tables import ChannelRow, WorkspaceRow


async def document(session: AsyncSession, place: Place) -> dict[str, Any]:
    """All settings of that very place; empty where nobody has set any."""
    found = (await session.execute(_settings(place))).scalar_one_or_none()
    return {} if found is None else dict(found)


async def set_part(session: AsyncSession, place: Place, part: Mapping[str, Any], *, now: datetime) -> None:
    """The place's settings of these names have these values; the others stay."""
    merged = {**await locked_document(session, place, now=now), **part}
    row, names = _row(place)
    changed = upsert(session, row).values(**names, settings=merged, updated_at=now)
    await session.execute(
        changed.on_conflict_do_update(index_elements=list(names), set_={"settings": merged, "updated_at": now})
    )


async def locked_document(session: AsyncSession, place: Place, *, now: datetime) -> dict[str, Any]:
    """The place's settings, which nobody else changes until the transaction ends: two admins at once do not undo each
    other's change. The row is there afterwards, since only a row can be locked."""
    row, names = _row(place)
    await session.execute(upsert(session, row).values(**names, settings={}, updated_at=now).on_conflict_do_nothing())
    return dict((await session.execute(_settings(place).with_for_update())).scalar_one())


def _row(place: Place) -> tuple[type[WorkspaceRow] | type[ChannelRow], dict[str, str]]:
    names = {"platform": place.platform.value, "workspace": place.workspace}
    return (WorkspaceRow, names) if place.channel is None else (ChannelRow, {**names, "channel": place.channel})


def _settings(place: Place) -> Select[dict[str, Any]]:
    if place.channel is None:
        return select(WorkspaceRow.settings).where(
            WorkspaceRow.platform == place.platform.value, WorkspaceRow.workspace == place.workspace
        )
    return select(ChannelRow.settings).where(
        ChannelRow.platform == place.platform.value,
        ChannelRow.workspace == place.workspace,
        ChannelRow.channel == place.channel,
    )
