"""Limits as they are set, and what was granted beyond them once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind, nearest
from core.store.askers import KINDS, Asker, Place, of_place
from core.store.database import upsert
from core.store.tables import QuotaGrantRow, QuotaLimitRow


async def holding(session: AsyncSession, asker: Asker, defaults: Sequence[Limit]) -> tuple[Limit, ...]:
    """The limits that hold for who asks; a default holds where the workspace has set nothing in its place."""
    found = await _concerning(session, asker, defaults)
    return nearest(found, asker.person, asker.roles, asker.channel, asker.persona_id, tutoring=asker.tutoring)


async def _concerning(session: AsyncSession, asker: Asker, defaults: Sequence[Limit]) -> list[Limit]:
    kind, subject = QuotaLimitRow.subject_kind, QuotaLimitRow.subject_id
    named = [
        (SubjectKind.USER, [asker.person]),
        (SubjectKind.ROLE, asker.roles),
        (SubjectKind.CHANNEL, [asker.channel]),
        (SubjectKind.PERSONA, [str(asker.persona_id or 0)]),
    ]
    concerned = or_(
        kind.in_([one.value for one in (SubjectKind.EACH_USER, SubjectKind.EACH_LEARNER, SubjectKind.WORKSPACE)]),
        *(and_(kind == one.value, subject.in_(ids)) for one, ids in named if ids),
    )
    query = select(QuotaLimitRow).where(of_place(QuotaLimitRow, asker.place), concerned)
    return with_defaults([limit_of(found) for found in (await session.execute(query)).scalars()], defaults)


async def listed(session: AsyncSession, place: Place) -> list[Limit]:
    """All that are set there, in the order in which people look for them."""
    query = select(QuotaLimitRow).where(of_place(QuotaLimitRow, place)).order_by(QuotaLimitRow.id)
    return [limit_of(found) for found in (await session.execute(query)).scalars()]


async def set_limit(session: AsyncSession, place: Place, limit: Limit) -> None:
    """The limit holds from now on, in place of another amount for the same."""
    values = {
        "platform": place[0],
        "workspace": place[1],
        "subject_kind": limit.subject.kind.value,
        "subject_id": limit.subject.id,
        "measure": limit.measure.value,
        "period": limit.period.value,
        "sliding": limit.sliding,
    }
    statement = upsert(session, QuotaLimitRow).values(**values, amount=limit.amount)
    await session.execute(statement.on_conflict_do_update(index_elements=list(values), set_={"amount": limit.amount}))


async def clear_limits(
    session: AsyncSession, place: Place, subject: Subject, *, measure: Measure | None, period: Period | None
) -> int:
    """The subject has no limit of that measure and period any more, none at all where they are None; how many went."""
    gone = delete(QuotaLimitRow).where(
        of_place(QuotaLimitRow, place),
        QuotaLimitRow.subject_kind == subject.kind.value,
        QuotaLimitRow.subject_id == subject.id,
    )
    if measure is not None:
        gone = gone.where(QuotaLimitRow.measure == measure.value)
    if period is not None:
        gone = gone.where(QuotaLimitRow.period == period.value)
    return len((await session.execute(gone.returning(QuotaLimitRow.id))).all())


def granted(
    session: AsyncSession, place: Place, subject: Subject, measure: Measure, amount: int, *, until: datetime
) -> None:
    """The subject has so much extra until that time. Roles and everybody have none: each of them would have it."""
    if subject.kind in (SubjectKind.EACH_USER, SubjectKind.EACH_LEARNER, SubjectKind.ROLE):
        raise ValueError(f"a grant is for one: {subject.kind.value}")
    session.add(
        QuotaGrantRow(
            platform=place[0],
            workspace=place[1],
            account_kind=KINDS[subject.kind],
            account_id=subject.id,
            measure=measure.value,
            amount=amount,
            left=amount,
            expires_at=until,
        )
    )


def with_defaults(found: list[Limit], defaults: Sequence[Limit]) -> list[Limit]:
    """With the defaults that nothing stands for."""
    known = {_ground(limit) for limit in found}
    return [*found, *(limit for limit in defaults if _ground(limit) not in known)]


def _ground(limit: Limit) -> tuple[Subject, Measure, Period, bool]:
    return limit.subject, limit.measure, limit.period, limit.sliding


def limit_of(row: QuotaLimitRow) -> Limit:
    """The value that the row holds."""
    return Limit(
        subject=Subject(kind=SubjectKind(row.subject_kind), id=row.subject_id),
        measure=Measure(row.measure),
        period=Period(row.period),
        amount=row.amount,
        sliding=row.sliding,
    )
