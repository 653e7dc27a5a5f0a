"""Who may change the personas of a workspace beside its admins: a part of the workspace's settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Place
from core.store import places
from core.store.results import Editors

PART = "persona_editors"
"""In the settings of a workspace."""


async def named(session: AsyncSession, place: Place) -> Editors:
    """The workspace's; nobody where no admin has named anybody."""
    return _read(await places.document(session, place.whole))


async def added(session: AsyncSession, place: Place, more: Editors, *, now: datetime) -> Editors:
    """They may from now on. Returns all who may."""
    before = _read(await places.locked_document(session, place.whole, now=now))
    after = Editors(people=before.people | more.people, roles=before.roles | more.roles)
    return await _set(session, place, after, now=now)


async def removed(session: AsyncSession, place: Place, gone: Editors, *, now: datetime) -> Editors:
    """They may no more. Returns all who still may."""
    before = _read(await places.locked_document(session, place.whole, now=now))
    after = replace(before, people=before.people - gone.people, roles=before.roles - gone.roles)
    return await _set(session, place, after, now=now)


async def _set(session: AsyncSession, place: Place, editors: Editors, *, now: datetime) -> Editors:
    part = {"people": sorted(editors.people), "roles": sorted(editors.roles)}
    await places.set_part(session, place.whole, {PART: part}, now=now)
    return editors


def _read(document: dict[str, Any]) -> Editors:
    part = document.get(PART) or {}
    return Editors(people=_ids(part.get("people") or ()), roles=_ids(part.get("roles") or ()))


def _ids(found: Iterable[object]) -> frozenset[str]:
    return frozenset(str(one) for one in found)
