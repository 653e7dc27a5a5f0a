"""Personas: every change is a new version, and the one nearest to a conversation answers there.

A name belongs to one persona of a workspace at a time. A change says which version it was made from; where that is no
longer the newest, nothing happens and the newest is given back, so that two admins at once never overwrite each other.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey, Platform
from core.incoming import Author
from core.persona import Persona, PersonaVersion
from core.persona_document import recalled, written
from core.privacy import Place
from core.store import conversations
from core.store.columns import storable
from core.store.database import upsert
from core.store.results import Conflict, NameTaken, PersonaScope, PersonaUse, Revision
from core.store.tables import ConversationRow, PersonaRow, PersonaUseRow, PersonaVersionRow
from core.turn import Turn

BUILT_IN = 0
"""As a version: the persona of the operator's settings."""


def folded(name: str) -> str:
    """The name as names are compared."""
    return " ".join(name.split()).casefold()


# ── reading ──


async def listed(session: AsyncSession, place: Place) -> tuple[PersonaVersion, ...]:
    """The newest version of each persona of the workspace that is not archived, by name."""
    query = _newest().where(_of(place), PersonaRow.archived_at.is_(None)).order_by(PersonaRow.folded_name)
    return tuple(_version(*row) for row in (await session.execute(query)))


async def named(session: AsyncSession, place: Place, name: str) -> PersonaVersion | None:
    """The newest version of the persona of that name."""
    query = _newest().where(
        _of(place), PersonaRow.archived_at.is_(None), PersonaRow.folded_name == storable(folded(name))
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _version(*row)


async def revisions(session: AsyncSession, place: Place, persona_id: int, *, limit: int) -> tuple[Revision, ...]:
    """The newest versions of that persona, newest first."""
    query = (
        select(PersonaRow, PersonaVersionRow)
        .join(PersonaVersionRow, PersonaVersionRow.persona_id == PersonaRow.id)
        .where(_of(place), PersonaRow.id == persona_id)
        .order_by(PersonaVersionRow.version.desc())
        .limit(limit)
    )
    return tuple(_revision(*row) for row in (await session.execute(query)))


async def revision(session: AsyncSession, place: Place, persona_id: int, version: int) -> Revision | None:
    """That version of that persona."""
    query = (
        select(PersonaRow, PersonaVersionRow)
        .join(PersonaVersionRow, PersonaVersionRow.persona_id == PersonaRow.id)
        .where(_of(place), PersonaRow.id == persona_id, PersonaVersionRow.version == version)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _revision(*row)


def _newest() -> Select[PersonaRow, PersonaVersionRow]:
    newest = (PersonaVersionRow.persona_id == PersonaRow.id) & (PersonaVersionRow.version == PersonaRow.latest)
    return select(PersonaRow, PersonaVersionRow).join(PersonaVersionRow, newest)


def _of(place: Place) -> ColumnElement[bool]:
    return (PersonaRow.platform == place.platform.value) & (PersonaRow.workspace == place.workspace)


def _version(persona: PersonaRow, version: PersonaVersionRow) -> PersonaVersion:
    return PersonaVersion(
        id=persona.id,
        version=version.version,
        persona=recalled(version.document),
        archived=persona.archived_at is not None,
    )


def _revision(persona: PersonaRow, version: PersonaVersionRow) -> Revision:
    return Revision(
        of=_version(persona, version),
        author=Author(id=version.author_id, name=version.author_name),
        at=version.at,
        note=version.note,
    )


# ── changing ──


async def created(
    session: AsyncSession, place: Place, persona: Persona, *, by: Author, note: str, now: datetime
) -> PersonaVersion | NameTaken:
    """The persona is there, in version 1."""
    row = PersonaRow(
        platform=place.platform.value, workspace=place.workspace, folded_name=folded(persona.name), latest=1
    )
    session.add(row)
    if not await _flushed(session):
        return NameTaken(name=persona.name)
    return await _with_version(session, row, persona, by=by, note=note, now=now)


async def changed(
    session: AsyncSession,
    place: Place,
    persona_id: int,
    persona: Persona,
    *,
    based_on: int,
    by: Author,
    note: str,
    now: datetime,
) -> PersonaVersion | Conflict | NameTaken | None:
    """The persona has a new version, made from version `based_on`; none where there is no such persona any more."""
    row = await _locked(session, place, persona_id)
    if row is None or row.archived_at is not None:
        return None
    newest = await revision(session, place, persona_id, row.latest)
    assert newest is not None
    if row.latest != based_on:
        return Conflict(newest=newest)
    row.folded_name = folded(persona.name)
    row.latest += 1
    if not await _flushed(session):
        return NameTaken(name=persona.name)
    return await _with_version(session, row, persona, by=by, note=note, now=now)


async def archived(session: AsyncSession, place: Place, persona_id: int, *, now: datetime) -> tuple[PersonaUse, ...]:
    """The persona is used nowhere any more but in threads that began with it, and its name is free. Returns where it
    was used."""
    row = await _locked(session, place, persona_id)
    if row is None or row.archived_at is not None:
        return ()
    row.archived_at = now
    gone = delete(PersonaUseRow).where(PersonaUseRow.persona_id == persona_id).returning(PersonaUseRow)
    return tuple(_use(use) for use in (await session.execute(gone)).scalars())


async def _locked(session: AsyncSession, place: Place, persona_id: int) -> PersonaRow | None:
    query = select(PersonaRow).where(_of(place), PersonaRow.id == persona_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def _flushed(session: AsyncSession) -> bool:
    """False where another persona has the name: then nothing of the transaction remains."""
    try:
        await session.flush()
    except IntegrityError:
        await session.rollback()
        return False
    return True


async def _with_version(
    session: AsyncSession, row: PersonaRow, persona: Persona, *, by: Author, note: str, now: datetime
) -> PersonaVersion:
    version = PersonaVersionRow(
        persona_id=row.id,
        version=row.latest,
        document=written(persona),
        author_id=by.id,
        author_name=by.name,
        at=now,
        note=note,
    )
    session.add(version)
    await session.flush()
    return _version(row, version)


# ── who answers where ──


async def used(session: AsyncSession, use: PersonaUse, *, now: datetime) -> None:
    """In that place the persona answers from now on; with none, whoever answers around it."""
    names = _names(use)
    if use.persona_id is None:
        wheres = [getattr(PersonaUseRow, name) == value for name, value in names.items()]
        await session.execute(delete(PersonaUseRow).where(*wheres))
        return
    changed = {"persona_id": use.persona_id, "at": now}
    statement = upsert(session, PersonaUseRow).values(**names, **changed)
    await session.execute(statement.on_conflict_do_update(index_elements=list(names), set_=changed))


def _names(use: PersonaUse) -> dict[str, str]:
    return {
        "platform": use.place.platform.value,
        "workspace": use.place.workspace,
        "scope": use.scope.value,
        "channel": use.place.channel or "",
    }


async def uses(session: AsyncSession, place: Place) -> tuple[PersonaUse, ...]:
    """Where personas answer in the workspace."""
    query = select(PersonaUseRow).where(
        PersonaUseRow.platform == place.platform.value, PersonaUseRow.workspace == place.workspace
    )
    return tuple(_use(row) for row in (await session.execute(query)).scalars())


def _use(row: PersonaUseRow) -> PersonaUse:
    place = Place(platform=Platform(row.platform), workspace=row.workspace, channel=row.channel or None)
    return PersonaUse(place=place, scope=PersonaScope(row.scope), persona_id=row.persona_id)


async def moved(
    session: AsyncSession, key: ConversationKey, persona_id: int | None, version: int, *, shared: bool, now: datetime
) -> None:
    """That version answers in the conversation from its next turn on. The conversation is there afterwards."""
    row = await conversations.created(session, key, now, shared=shared)
    row.persona_id, row.persona_version = persona_id, version


async def answering(session: AsyncSession, turn: Turn) -> PersonaVersion | None:
    """Who answers that turn: what its thread began with, else the nearest that is used; none for the built-in one. A
    thread keeps what is found now."""
    conversation = await conversations.of_turn(session, turn)
    if conversation.persona_version is not None:
        return await _kept(session, conversation)
    found = await nearest(session, conversations.key_of(conversation), shared=conversation.shared)
    if conversation.thread:
        # Only the first to ask decides: a move by an admin in this very moment goes before us.
        await session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation.id, ConversationRow.persona_version.is_(None))
            .values(persona_id=found and found.id, persona_version=found.version if found else BUILT_IN)
        )
    return found


async def begun_with(session: AsyncSession, key: ConversationKey) -> tuple[int | None, int] | None:
    """What the thread's conversation keeps."""
    query = select(ConversationRow.persona_id, ConversationRow.persona_version).where(conversations.names(key))
    found = (await session.execute(query)).one_or_none()
    return None if found is None or found.persona_version is None else (found.persona_id, found.persona_version)


async def _kept(session: AsyncSession, conversation: ConversationRow) -> PersonaVersion | None:
    if conversation.persona_id is None or conversation.persona_version is None:
        return None
    place = Place.of(conversations.key_of(conversation))
    found = await revision(session, place, conversation.persona_id, conversation.persona_version)
    return None if found is None else found.of


async def nearest(session: AsyncSession, key: ConversationKey, *, shared: bool) -> PersonaVersion | None:
    """The persona for new conversations there: the channel's, that of direct messages, the workspace's."""
    here = (PersonaUseRow.scope == PersonaScope.CHANNEL.value) & (PersonaUseRow.channel == key.channel)
    wider = [PersonaScope.WORKSPACE.value] if shared else [PersonaScope.WORKSPACE.value, PersonaScope.DMS.value]
    query = (
        select(PersonaUseRow.scope, PersonaUseRow.persona_id)
        .join(PersonaRow, PersonaRow.id == PersonaUseRow.persona_id)
        .where(
            PersonaUseRow.platform == key.platform.value,
            PersonaUseRow.workspace == key.workspace,
            or_(here, PersonaUseRow.scope.in_(wider)),
            PersonaRow.archived_at.is_(None),
        )
    )
    found = {PersonaScope(scope): number for scope, number in (await session.execute(query))}
    number = next((found[scope] for scope in PersonaScope if scope in found), None)
    if number is None:
        return None
    row = (await session.execute(_newest().where(PersonaRow.id == number))).one()
    return _version(*row)
