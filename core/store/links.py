"""Linked people: whose use is whose, and how they come to be linked.

Counters of a person who is linked are kept at one of their places, their home, and begin with what all of their places
used. When that changes, they are begun anew. So nobody may be linked, or unlinked, while something is held on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.linking import LIVES, TRIES, TRIES_IN, LinkEnd
from core.privacy import Reach
from core.store import counters, telling
from core.store.askers import PERSON, Asker, Identity
from core.store.database import upsert
from core.store.tables import LinkCodeRow, LinkRow, QuotaCounterRow


async def resolved(session: AsyncSession, asker: Asker) -> Asker:
    """With all the places in which they are known, where they are linked."""
    kin = await kin_of(session, asker.identity)
    return replace(asker, kin=kin) if kin else asker


async def kin_of(session: AsyncSession, person: Identity) -> tuple[Identity, ...]:
    """All the places of a linked person, their home first; none where they are not linked."""
    own = await _row(session, person)
    if own is None:
        return ()
    home = own.home_platform, own.home_workspace, own.home_person_id
    query = select(LinkRow).where(
        LinkRow.home_platform == home[0], LinkRow.home_workspace == home[1], LinkRow.home_person_id == home[2]
    )
    rows = (await session.execute(query)).scalars()
    others = sorted({(row.platform, row.workspace, row.person_id) for row in rows} - {home})
    return home, *others


async def _row(session: AsyncSession, person: Identity) -> LinkRow | None:
    return (await session.execute(select(LinkRow).where(_is(LinkRow, person)))).scalar_one_or_none()


def _is(table: type[LinkRow] | type[LinkCodeRow], person: Identity) -> Any:
    return and_(table.platform == person[0], table.workspace == person[1], table.person_id == person[2])


async def code_shown(session: AsyncSession, person: Identity, hashed: str, *, now: datetime) -> None:
    """That code opens for a while, and none that was shown to the person before."""
    values = dict(zip(("platform", "workspace", "person_id"), person, strict=True))
    statement = upsert(session, LinkCodeRow).values(
        **values, code_hash=hashed, expires_at=now + LIVES, wrong=0, wrong_since=now
    )
    fresh = {"code_hash": hashed, "expires_at": now + LIVES}
    await session.execute(statement.on_conflict_do_update(index_elements=list(values), set_=fresh))


async def entered(session: AsyncSession, person: Identity, hashed: str, *, now: datetime) -> LinkEnd:
    """Both are one person from now on, or why not. A code that has been entered opens no more."""
    if await _tried_too_often(session, person, now):
        return LinkEnd.TOO_MANY
    query = select(LinkCodeRow).where(LinkCodeRow.code_hash == hashed, LinkCodeRow.expires_at > now)
    found = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if found is None:
        await _wrong(session, person, now)
        return LinkEnd.UNKNOWN
    other = found.platform, found.workspace, found.person_id
    if other == person:
        return LinkEnd.OWN
    mine, theirs = await kin_of(session, person), await kin_of(session, other)
    if mine and theirs:
        return LinkEnd.ALREADY
    kin = theirs or mine or (other,)
    if not await _begun_anew(session, {*kin, person, other}):
        return LinkEnd.BUSY
    found.code_hash = None
    for one in sorted({*kin, person, other} - {*mine, *theirs}):
        session.add(_linked(one, kin[0], now))
    return LinkEnd.DONE


def _linked(person: Identity, home: Identity, now: datetime) -> LinkRow:
    return LinkRow(
        platform=person[0],
        workspace=person[1],
        person_id=person[2],
        home_platform=home[0],
        home_workspace=home[1],
        home_person_id=home[2],
        linked_at=now,
    )


async def unlinked(session: AsyncSession, person: Identity) -> LinkEnd:
    """The person counts by themselves again; so do all, where this was their home or there were but two."""
    kin = await kin_of(session, person)
    if not kin:
        return LinkEnd.UNKNOWN
    if not await _begun_anew(session, kin):
        return LinkEnd.BUSY
    await _parted(session, person, kin)
    return LinkEnd.DONE


async def _parted(session: AsyncSession, person: Identity, kin: Sequence[Identity]) -> None:
    gone = kin if person == kin[0] or len(kin) <= 2 else (person,)
    await session.execute(delete(LinkRow).where(or_(*(_is(LinkRow, one) for one in gone))))


async def _begun_anew(session: AsyncSession, people: set[Identity] | Sequence[Identity]) -> bool:
    """Counters of these are gone, so that the next question begins them anew; false, and nothing is, where something is
    held on one of them."""
    for place in sorted({(platform, workspace) for platform, workspace, _ in people}):
        await counters.lock_alone(session, place)
    counter = QuotaCounterRow
    theirs = or_(
        *(
            and_(counter.platform == one[0], counter.workspace == one[1], counter.account_id == one[2])
            for one in sorted(people)
        )
    )
    mine = and_(counter.account_kind == PERSON, theirs)
    held = select(counter.id).where(mine, counter.reserved > 0).limit(1).with_for_update()
    if (await session.execute(held)).first() is not None:
        return False
    await session.execute(delete(counter).where(mine, counter.reserved == 0))
    return (await session.execute(select(counter.id).where(mine).limit(1))).first() is None


async def _tried_too_often(session: AsyncSession, person: Identity, now: datetime) -> bool:
    row = (await session.execute(select(LinkCodeRow).where(_is(LinkCodeRow, person)))).scalar_one_or_none()
    return row is not None and row.wrong >= TRIES and now < row.wrong_since + TRIES_IN


async def _wrong(session: AsyncSession, person: Identity, now: datetime) -> None:
    values = dict(zip(("platform", "workspace", "person_id"), person, strict=True))
    statement = upsert(session, LinkCodeRow).values(**values, code_hash=None, expires_at=now, wrong=0, wrong_since=now)
    await session.execute(statement.on_conflict_do_nothing())
    query = select(LinkCodeRow).where(_is(LinkCodeRow, person)).with_for_update()
    row = (await session.execute(query)).scalar_one()
    if now >= row.wrong_since + TRIES_IN:
        row.wrong, row.wrong_since = 0, now
    row.wrong += 1


async def purged(session: AsyncSession, *, before: datetime) -> int:
    """Codes that were too old by then are gone, with the wrong ones that were counted beside them; how many."""
    old = delete(LinkCodeRow).where(LinkCodeRow.expires_at < before, LinkCodeRow.wrong_since < before)
    return len((await session.execute(old.returning(LinkCodeRow.person_id))).all())


# ── what is kept of people ──


async def forgotten(session: AsyncSession, reach: Reach) -> int:
    """Nobody is linked to the person any more, where all of theirs in the workspace is meant; how many links went."""
    person = _meant(reach)
    if person is None:
        return 0
    await session.execute(delete(LinkCodeRow).where(_is(LinkCodeRow, person)))
    kin = await kin_of(session, person)
    if kin:
        await _parted(session, person, kin)
    return len(kin)


async def told(session: AsyncSession, reach: Reach, mark: telling.Mark | None) -> telling.Page:
    """The places to which the person is linked."""
    person = _meant(reach)
    row = None if person is None else await _row(session, person)
    if person is None or row is None:
        return telling.Page(entries=(), next=None)
    others = [one for one in await kin_of(session, person) if one != person]
    entry = {
        "linked_at": row.linked_at.isoformat(),
        "with": [{"platform": one[0], "workspace": one[1], "person": one[2]} for one in others],
    }
    return telling.Page(entries=(entry,), next=None)


def _meant(reach: Reach) -> Identity | None:
    if reach.person is None or reach.place.channel is not None or reach.conversation is not None:
        return None
    return reach.place.platform.value, reach.place.workspace, reach.person
