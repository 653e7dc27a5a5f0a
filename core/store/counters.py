"""Counters of what limits count: found, or begun with what the accounts of use say.

What is reserved and settled on them is ledger.py and settlement.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.limit import Limit, Measure
from core.quota.window import Window, leaves, slice_length, slice_of
from core.store.askers import CHANNEL, PERSON, PERSONA, Account, Place, of_place
from core.store.database import upsert
from core.store.tables import QuotaCounterRow, QuotaGrantRow, UsageRow

LOCK = 0x70617271
"""On PostgreSQL: the number beside the workspace's hash in an advisory lock."""


async def of_window(
    session: AsyncSession, place: Place, account: Account, limit: Limit, window: Window, *, now: datetime
) -> list[int]:
    """The numbers of the counters that the limit looks at, oldest first. The last of them is that of this moment: it
    is begun if need be, as are those before it when the limit is new."""
    found = await known(session, place, account, limit, window)
    current = slice_of(limit.period, now) if limit.sliding else window.begins
    if not found or found[-1][1] != current:
        await _lock_alone(session, place)
        if limit.sliding:
            await _begin_slices(session, place, account, limit, window, current)
        else:
            await _begin(session, place, account, limit, window.begins, window.ends, counted_to=window.ends)
        found = await known(session, place, account, limit, window)
    return [number for number, _ in found]


async def known(
    session: AsyncSession, place: Place, account: Account, limit: Limit, window: Window
) -> list[tuple[int, datetime]]:
    """The counters that there are of that window, with their beginnings, oldest first."""
    counter = QuotaCounterRow
    begins = counter.begins >= window.begins if limit.sliding else counter.begins == window.begins
    query = select(counter.id, counter.begins).where(
        of_place(counter, place),
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
    """The slice of this moment; and those since the last one, or in the whole window, in which something was used while
    there was no such limit."""
    length = slice_length(limit.period)
    begun = await known(session, place, account, limit, window)
    first = min(begun[-1][1] + length, current) if begun else window.begins  # a clock may have gone back
    if first < current and not await spent(session, place, account, limit.measure, first, current):
        first = current
    while first <= current:
        if first == current or await spent(session, place, account, limit.measure, first, first + length):
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
    used = await spent(session, place, account, limit.measure, begins, counted_to)
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


async def spent(
    session: AsyncSession, place: Place, account: Account, measure: Measure, begins: datetime, ends: datetime
) -> int:
    """As the accounts of use have it. What this takes grows with what they hold of that time: ask once a window."""
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


async def purged(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """About that many counters and grants that ended before that time are gone; how many."""
    gone = 0
    for table, ended in ((QuotaCounterRow, QuotaCounterRow.ends), (QuotaGrantRow, QuotaGrantRow.expires_at)):
        old = select(table.id).where(ended < before).order_by(ended).limit(limit).with_for_update(skip_locked=True)
        numbers = (await session.execute(old)).scalars().all()
        if numbers:
            await session.execute(delete(table).where(table.id.in_(numbers)))
        gone += len(numbers)
    return gone
