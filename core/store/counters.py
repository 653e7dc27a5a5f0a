"""Counters of what limits count: found, or begun with what the accounts of use say.

What is reserved and settled on them is ledger.py and settlement.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.limit import Limit, Measure
from core.quota.window import Window, leaves, slice_length, slice_of
from core.store.askers import CHANNEL, LEARNER, PERSON, PERSONA, Account, Asker, Place, of_place
from core.store.database import upsert
from core.store.tables import QuotaCounterRow, QuotaGrantRow, StepRow, UsageRow

LOCK = 0x70617271
"""On PostgreSQL: the number beside the workspace's hash in an advisory lock."""


async def of_window(
    session: AsyncSession,
    asker: Asker,
    account: Account,
    limit: Limit,
    window: Window,
    *,
    currency: str,
    now: datetime,
) -> list[int]:
    """The numbers of the counters that the limit looks at, oldest first. The last of them is that of this moment, also
    where a clock has gone back and there are later ones: what is held on it is settled there. It is begun if need be,
    as are those before it when the limit is new."""
    found = await known(session, asker, account, limit, window)
    current = slice_of(limit.period, now) if limit.sliding else window.begins
    if not found or found[-1][1] != current:
        await lock_alone(session, asker.place_of(account))
        if limit.sliding:
            await _begin_slices(session, asker, account, limit, window, current, currency=currency)
        else:
            await _begin(
                session, asker, account, limit, window.begins, window.ends, counted_to=window.ends, currency=currency
            )
        found = await known(session, asker, account, limit, window)
    return [number for number, _ in sorted(found, key=lambda one: (one[1] == current, one[1]))]


async def known(
    session: AsyncSession, asker: Asker, account: Account, limit: Limit, window: Window
) -> list[tuple[int, datetime]]:
    """The counters that there are of that window, with their beginnings, oldest first."""
    counter = QuotaCounterRow
    begins = counter.begins >= window.begins if limit.sliding else counter.begins == window.begins
    query = select(counter.id, counter.begins).where(
        of_place(counter, asker.place_of(account)),
        counter.account_kind == account[0],
        counter.account_id == account[1],
        counter.measure == limit.measure.value,
        counter.period == limit.period.value,
        counter.sliding == limit.sliding,
        begins,
    )
    return [(number, at) for number, at in await session.execute(query.order_by(counter.begins))]


async def _begin_slices(
    session: AsyncSession,
    asker: Asker,
    account: Account,
    limit: Limit,
    window: Window,
    current: datetime,
    *,
    currency: str,
) -> None:
    """The slice of this moment; and those since the last one, or in the whole window, in which something was used while
    there was no such limit."""
    length = slice_length(limit.period)
    # Those of a later time are there where a clock has gone back.
    begun = [at for _, at in await known(session, asker, account, limit, window) if at < current]
    first = begun[-1] + length if begun else window.begins
    if first < current and not await spent(session, asker, account, limit.measure, first, current, currency):
        first = current
    while first <= current:
        if first == current or await spent(session, asker, account, limit.measure, first, first + length, currency):
            ends = leaves(limit.period, first)
            await _begin(session, asker, account, limit, first, ends, counted_to=first + length, currency=currency)
        first += length


async def _begin(
    session: AsyncSession,
    asker: Asker,
    account: Account,
    limit: Limit,
    begins: datetime,
    ends: datetime,
    *,
    counted_to: datetime,
    currency: str,
) -> None:
    used = await spent(session, asker, account, limit.measure, begins, counted_to, currency)
    statement = upsert(session, QuotaCounterRow).values(
        platform=asker.place_of(account)[0],
        workspace=asker.place_of(account)[1],
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
    session: AsyncSession,
    asker: Asker,
    account: Account,
    measure: Measure,
    begins: datetime,
    ends: datetime,
    currency: str = "",
) -> int:
    """As the accounts of use have it; costs in that currency alone, where one is named. What this takes grows with
    what they hold of that time: ask once a window."""
    column = {Measure.REQUESTS: UsageRow.requests, Measure.TOKENS: UsageRow.tokens, Measure.COST: UsageRow.cost}
    query = select(func.coalesce(func.sum(column[measure]), 0)).where(
        UsageRow.at >= begins, UsageRow.at < ends, _of_account(account, asker)
    )
    if measure is Measure.COST and currency:
        query = query.where(UsageRow.price["currency"].as_string() == currency)
    return int((await session.execute(query)).scalar_one() or 0)


def _of_account(account: Account, asker: Asker) -> ColumnElement[bool]:
    """The accounts of use that it counts, in all the places of a linked person."""
    kind, number = account
    row = UsageRow
    if kind == PERSON:
        named = (
            and_(row.platform == platform, row.workspace == workspace, row.person_id == person)
            for platform, workspace, person in (asker.kin or (asker.identity,))
        )
        return or_(*named)
    within = and_(row.platform == asker.platform, row.workspace == asker.workspace)
    if kind == LEARNER:
        return and_(within, row.person_id == number, row.turn_id.in_(select(StepRow.turn_id)))
    if kind == CHANNEL:
        return and_(within, row.channel == number)
    if kind == PERSONA:
        return and_(within, row.persona_id == int(number) if number != "0" else row.persona_id.is_(None))
    return within


async def lock_alone(session: AsyncSession, place: Place) -> None:
    """Nobody else begins a counter of the workspace, or settles there, until the transaction has ended."""
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
