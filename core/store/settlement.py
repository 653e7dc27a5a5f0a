"""The end of what was reserved: given back, or settled with what was really used.

Whatever holds a turn lies on its counters until here: the turn ends, is handed over, or is begun again by another
owner. See ledger.py for the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.amount import Measure
from core.quota.limit import Period
from core.quota.price import Price, cost, tokens_of
from core.quota.window import leaves, slice_of
from core.store import askers, counters, links
from core.store.tables import QuotaCounterRow, QuotaGrantRow, QuotaHoldRow, TurnRow
from core.turn import Usage

EXTRA = -1
"""Instead of a grant's number: how much of a hold is on grants."""
NOTHING: dict[Measure, int] = dict.fromkeys(Measure, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a turn is charged."""

    requests: int
    tokens: int
    cost: int | None
    """In nano-units; None where nobody knows the price."""
    price: Price | None

    @classmethod
    def of(cls, usage: Usage, price: Price | None, *, asked: bool) -> Charge:
        """For that use, at that price."""
        return cls(
            requests=int(asked),
            tokens=tokens_of(usage, price),
            cost=None if price is None else cost(usage, price),
            price=None if price is None else price.at(usage.prompt_tokens),
        )

    @property
    def amounts(self) -> dict[Measure, int]:
        """As counters count. A cost that nobody knows is noted in the accounts, and counts nothing here: where costs
        are limited, such a model is not asked."""
        return {Measure.REQUESTS: self.requests, Measure.TOKENS: self.tokens, Measure.COST: self.cost or 0}

    @property
    def document(self) -> dict[str, Any] | None:
        """The price, as the accounts keep it."""
        if self.price is None:
            return None
        cached = None if self.price.cached is None else str(self.price.cached)
        return {
            "prompt": str(self.price.prompt),
            "cached": cached,
            "completion": str(self.price.completion),
            "currency": self.price.currency,
            "source": self.price.source,
        }


async def settled(
    session: AsyncSession, row: TurnRow, charge: Charge, *, persona_id: int | None, now: datetime
) -> None:
    """The turn's charge is on every counter that counts it, and nothing is held for it any more."""
    holds = await holds_of(session, row.id)
    asker = await links.resolved(session, askers.asker_of(row, persona_id))
    asker = await askers.in_session(session, asker, turn=row.id)
    rows = await charged(session, asker, charge, at=row.asked_at or now, beside=numbers(holds))
    if holds:
        await _given_back(session, holds, rows, charge.amounts)


async def charged(
    session: AsyncSession, asker: askers.Asker, charge: Charge, *, at: datetime, beside: Collection[int] = ()
) -> dict[int, QuotaCounterRow]:
    """The charge is on every counter that counts what was asked at that time. Returns these and those `beside`, all of
    them locked."""
    for place in asker.places:
        await counters.lock_with_others(session, place)
    counting = await _counting(session, asker, at)
    rows = await counters.locked(session, sorted({*counting, *beside}))
    for number in counting:
        rows[number].used += charge.amounts[Measure(rows[number].measure)]
    return rows


def earlier(row: TurnRow) -> Usage:
    """What the turn took before its owner asked: what was set aside, and the prompt of an owner who died over it."""
    dead = row.asked_tokens if row.asked_lease != row.lease_number else None
    return Usage(prompt_tokens=row.spent_prompt + (dead or 0), completion_tokens=row.spent_completion)


def with_earlier(row: TurnRow, usage: Usage) -> Usage:
    """The turn's use, with that of askings that did not end it."""
    before = earlier(row)
    if not before.prompt_tokens and not before.completion_tokens:
        return usage
    return usage + replace(before, estimated=True, model=usage.model)


def set_aside(row: TurnRow, usage: Usage) -> None:
    """What was used counts at the turn's end. What is held for it stays, so that there is room for that, until the
    model is asked again."""
    whole = earlier(row) + usage
    row.spent_prompt, row.spent_completion, row.asked_tokens = whole.prompt_tokens, whole.completion_tokens, None


async def released(session: AsyncSession, holds: list[QuotaHoldRow]) -> None:
    """What was held for the turn is not any more, and nothing of it was used."""
    if holds:
        rows = await counters.locked(session, sorted(numbers(holds)))
        await _given_back(session, holds, rows, NOTHING)


async def held_again(session: AsyncSession, holds: list[QuotaHoldRow]) -> None:
    """What was just released is held as before: it is what the turn has used already."""
    rows = await counters.locked(session, sorted(numbers(holds)))
    for hold in holds:
        session.add(
            QuotaHoldRow(turn_id=hold.turn_id, counter_id=hold.counter_id, grant_id=hold.grant_id, amount=hold.amount)
        )
        if hold.counter_id in rows:
            counter = rows[hold.counter_id]
            counter.reserved += hold.amount if hold.grant_id == 0 else 0
            counter.extra += hold.amount if hold.grant_id == EXTRA else 0
    taken = {hold.grant_id: hold.amount for hold in holds if hold.grant_id > 0}
    for grant in await _grants(session, taken):
        grant.left -= taken[grant.id]


async def holds_of(session: AsyncSession, turn_id: int) -> list[QuotaHoldRow]:
    return list((await session.execute(select(QuotaHoldRow).where(QuotaHoldRow.turn_id == turn_id))).scalars())


def numbers(holds: list[QuotaHoldRow]) -> set[int]:
    """The counters on which something is held."""
    return {hold.counter_id for hold in holds if hold.counter_id}


async def _counting(session: AsyncSession, asker: askers.Asker, at: datetime) -> list[int]:
    """Every counter that counts what was asked at that time, whether or not it was there then."""
    counter = QuotaCounterRow
    of_accounts = or_(
        *(
            and_(
                askers.of_place(counter, asker.place_of(account)),
                counter.account_kind == account[0],
                counter.account_id == account[1],
            )
            for account in askers.accounts_of(asker)
        )
    )
    calendar = and_(counter.sliding.is_(False), counter.begins <= at, counter.ends > at)
    query = select(counter).where(
        of_accounts,
        or_(calendar, *_sliding(at)),
    )
    found = list((await session.execute(query)).scalars())
    first = _first_slices(one for one in found if one.sliding)
    return [one.id for one in found if not one.sliding or first[_series(one)] == one.begins]


def _sliding(at: datetime) -> Iterator[ColumnElement[bool]]:
    """The slice of that time and those since. Only the first of them counts: where a limit was set after the model was
    asked, that is one of a later time, and what has been counted once is not looked for again."""
    counter = QuotaCounterRow
    for period in Period:
        begins = slice_of(period, at)
        since = and_(counter.begins >= begins, counter.begins < leaves(period, begins))
        yield and_(counter.sliding.is_(True), counter.period == period.value, since)


def _series(counter: QuotaCounterRow) -> tuple[str, str, str, str]:
    return counter.account_kind, counter.account_id, counter.measure, counter.period


def _first_slices(found: Iterable[QuotaCounterRow]) -> dict[tuple[str, str, str, str], datetime]:
    first: dict[tuple[str, str, str, str], datetime] = {}
    for one in found:
        first[_series(one)] = min(one.begins, first.get(_series(one), one.begins))
    return first


async def _given_back(
    session: AsyncSession,
    holds: list[QuotaHoldRow],
    rows: dict[int, QuotaCounterRow],
    amounts: dict[Measure, int],
) -> None:
    """What was held is not any more. What was on grants stays there as far as it was used: a turn uses its part of the
    limit first."""
    extras = {hold.counter_id: hold.amount for hold in holds if hold.grant_id == EXTRA}
    needed: dict[tuple[str, str], int] = {}
    for hold in holds:
        if hold.grant_id == 0 and hold.counter_id in rows:
            counter = rows[hold.counter_id]
            counter.reserved -= hold.amount
            extra = extras.get(counter.id, 0)
            kept = min(extra, max(0, amounts[Measure(counter.measure)] - (hold.amount - extra)))
            counter.extra -= extra - kept
            purse = counter.account_kind, counter.measure
            needed[purse] = max(needed.get(purse, 0), kept)
    if taken := [hold for hold in holds if hold.grant_id > 0]:
        await _returned(session, taken, needed)
    await session.execute(delete(QuotaHoldRow).where(QuotaHoldRow.turn_id.in_({hold.turn_id for hold in holds})))


async def _returned(session: AsyncSession, taken: list[QuotaHoldRow], needed: dict[tuple[str, str], int]) -> None:
    """Grants get back what was taken from them and not used."""
    amounts = {hold.grant_id: hold.amount for hold in taken}
    for grant in await _grants(session, amounts):
        purse = grant.account_kind, grant.measure  # of each kind a turn has one account
        kept = min(amounts[grant.id], needed.get(purse, 0))
        needed[purse] = needed.get(purse, 0) - kept
        grant.left += amounts[grant.id] - kept


async def _grants(session: AsyncSession, numbers: Collection[int]) -> list[QuotaGrantRow]:
    """Locked in their order; without those that are gone."""
    if not numbers:
        return []
    query = select(QuotaGrantRow).where(QuotaGrantRow.id.in_(numbers)).order_by(QuotaGrantRow.id)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    return list((await session.execute(fresh)).scalars())
