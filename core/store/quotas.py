"""Limits as they are set, and the counters of what they count: found, or begun with what the accounts say.

What is reserved and settled on counters is ledger.py and settlement.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.window import Window, leaves, slice_length, slice_of
from core.store.database import upsert
from core.store.tables import QuotaCounterRow, QuotaGrantRow, QuotaLimitRow, TurnRow, UsageRow

Place = tuple[str, str]
"""A platform and a workspace."""
Account = tuple[str, str]
"""Whose use is counted: the kind, and the id there."""
PERSON, CHANNEL, WORKSPACE, PERSONA = "person", "channel", "workspace", "persona"
_KINDS = {
    SubjectKind.EACH_USER: PERSON,
    SubjectKind.USER: PERSON,
    SubjectKind.ROLE: PERSON,
    SubjectKind.CHANNEL: CHANNEL,
    SubjectKind.WORKSPACE: WORKSPACE,
    SubjectKind.PERSONA: PERSONA,
}
LOCK = 0x70617271
"""On PostgreSQL: the number beside the workspace's hash in an advisory lock."""


# ── limits ──


async def concerning(
    session: AsyncSession, row: TurnRow, persona_id: int | None, defaults: Sequence[Limit]
) -> list[Limit]:
    """The limits that may hold for the turn; a default holds where the workspace has set nothing in its place."""
    kind, subject = QuotaLimitRow.subject_kind, QuotaLimitRow.subject_id
    named = [
        (SubjectKind.USER, [row.asker_id]),
        (SubjectKind.ROLE, row.asker_roles),
        (SubjectKind.CHANNEL, [row.channel]),
        (SubjectKind.PERSONA, [str(persona_id or 0)]),
    ]
    concerned = or_(
        kind.in_([SubjectKind.EACH_USER.value, SubjectKind.WORKSPACE.value]),
        *(and_(kind == one.value, subject.in_(ids)) for one, ids in named if ids),
    )
    query = select(QuotaLimitRow).where(_of_place(QuotaLimitRow, (row.platform, row.workspace)), concerned)
    return with_defaults([limit_of(found) for found in (await session.execute(query)).scalars()], defaults)


async def limits(session: AsyncSession, place: Place) -> list[Limit]:
    """All that are set there, in the order in which people look for them."""
    query = select(QuotaLimitRow).where(_of_place(QuotaLimitRow, place)).order_by(QuotaLimitRow.id)
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
        _of_place(QuotaLimitRow, place),
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
    if subject.kind in (SubjectKind.EACH_USER, SubjectKind.ROLE):
        raise ValueError(f"a grant is for one: {subject.kind.value}")
    session.add(
        QuotaGrantRow(
            platform=place[0],
            workspace=place[1],
            account_kind=_KINDS[subject.kind],
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


def _of_place(
    table: type[QuotaLimitRow] | type[QuotaCounterRow] | type[QuotaGrantRow], place: Place
) -> ColumnElement[bool]:
    return and_(table.platform == place[0], table.workspace == place[1])


# ── accounts ──


def account_of(limit: Limit, row: TurnRow, persona_id: int | None) -> Account:
    """Whose use the limit counts of the turn's."""
    return next(one for one in accounts_of(row, persona_id) if one[0] == _KINDS[limit.subject.kind])


def accounts_of(row: TurnRow, persona_id: int | None) -> tuple[Account, ...]:
    """All on which the turn's use is."""
    return (
        (PERSON, row.asker_id),
        (CHANNEL, row.channel),
        (WORKSPACE, ""),
        (PERSONA, str(persona_id or 0)),
    )


# ── counters ──


async def counters(
    session: AsyncSession, place: Place, account: Account, limit: Limit, window: Window, *, now: datetime
) -> list[int]:
    """The numbers of the counters that the limit looks at, oldest first. The last of them is that of this moment: it
    is begun if need be, as are those before it when the limit is new."""
    found = await _known(session, place, account, limit, window)
    current = slice_of(limit.period, now) if limit.sliding else window.begins
    if not found or found[-1][1] != current:
        await _lock_alone(session, place)
        if limit.sliding:
            await _begin_slices(session, place, account, limit, window, current)
        else:
            await _begin(session, place, account, limit, window.begins, window.ends, counted_to=window.ends)
        found = await _known(session, place, account, limit, window)
    return [number for number, _ in found]


async def _known(
    session: AsyncSession, place: Place, account: Account, limit: Limit, window: Window
) -> list[tuple[int, datetime]]:
    counter = QuotaCounterRow
    begins = counter.begins >= window.begins if limit.sliding else counter.begins == window.begins
    query = select(counter.id, counter.begins).where(
        _of_place(counter, place),
        counter.account_kind == account[0],
        counter.account_id == account[1],
        counter.measure == limit.measure.value,
        counter.period == limit.period.value,
        counter.sliding == limit.sliding,
        begins,
    )
    return [(number, at) for number, at in await session.execute(query.order_by(counter.begins))]


async def _begin_slices(
    session: AsyncSession, place: Place, account: Account, limit: Limit, window: Window, current: datetime
) -> None:
    """The slice of this moment; and for a limit that nobody has counted for in this window, those before it in which
    something was used."""
    length = slice_length(limit.period)
    first = current if await _known(session, place, account, limit, window) else window.begins
    while first <= current:
        if first == current or await _spent(session, place, account, limit.measure, first, first + length):
            ends = leaves(limit.period, first)
            await _begin(session, place, account, limit, first, ends, counted_to=first + length)
        first += length


async def _begin(
    session: AsyncSession,
    place: Place,
    account: Account,
    limit: Limit,
    begins: datetime,
    ends: datetime,
    *,
    counted_to: datetime,
) -> None:
    used = await _spent(session, place, account, limit.measure, begins, counted_to)
    statement = upsert(session, QuotaCounterRow).values(
        platform=place[0],
        workspace=place[1],
        account_kind=account[0],
        account_id=account[1],
        measure=limit.measure.value,
        period=limit.period.value,
        sliding=limit.sliding,
        begins=begins,
        ends=ends,
        used=used,
        reserved=0,
        extra=0,
        warned=False,
    )
    await session.execute(statement.on_conflict_do_nothing())


async def _spent(
    session: AsyncSession, place: Place, account: Account, measure: Measure, begins: datetime, ends: datetime
) -> int:
    """As the accounts of use have it. Grows with what they hold of that time, and is asked once for a window."""
    column = {Measure.REQUESTS: UsageRow.requests, Measure.TOKENS: UsageRow.tokens, Measure.COST: UsageRow.cost}
    query = select(func.coalesce(func.sum(column[measure]), 0)).where(
        UsageRow.platform == place[0], UsageRow.workspace == place[1], UsageRow.at >= begins, UsageRow.at < ends
    )
    kind, number = account
    if kind == PERSON:
        query = query.where(UsageRow.person_id == number)
    elif kind == CHANNEL:
        query = query.where(UsageRow.channel == number)
    elif kind == PERSONA:
        query = query.where(UsageRow.persona_id == int(number) if number != "0" else UsageRow.persona_id.is_(None))
    return int((await session.execute(query)).scalar_one() or 0)


async def _lock_alone(session: AsyncSession, place: Place) -> None:
    await _lock(session, place, func.pg_advisory_xact_lock)


async def lock_with_others(session: AsyncSession, place: Place) -> None:
    """No counter of the workspace is begun until the transaction has ended. SQLite has one writer at a time anyway."""
    await _lock(session, place, func.pg_advisory_xact_lock_shared)


async def _lock(session: AsyncSession, place: Place, lock: Callable[..., ColumnElement[None]]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(lock(LOCK, func.hashtext(f"{place[0]}:{place[1]}"))))


async def locked(session: AsyncSession, numbers: Sequence[int]) -> dict[int, QuotaCounterRow]:
    """The counters of these numbers, locked in their order, so that no two transactions wait for each other."""
    if not numbers:
        return {}
    query = select(QuotaCounterRow).where(QuotaCounterRow.id.in_(numbers)).order_by(QuotaCounterRow.id)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    return {counter.id: counter for counter in (await session.execute(fresh)).scalars()}
