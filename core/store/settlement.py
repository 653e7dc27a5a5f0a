"""The end of what was reserved: given back, or settled with what was really used.

Whatever holds a turn lies on its counters until here: the turn ends, is handed over, or is begun again by another
owner. See ledger.py for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.amount import Measure
from core.quota.limit import Period
from core.quota.price import Price, cost, tokens_of
from core.quota.window import slice_of
from core.store import askers, counters
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
    place = row.platform, row.workspace
    await counters.lock_with_others(session, place)
    holds = await _holds(session, row.id)
    counting = await _counting(session, row, persona_id, row.asked_at or now)
    rows = await counters.locked(session, sorted({*counting, *_numbers(holds)}))
    for counter in rows.values():
        counter.used += charge.amounts[Measure(counter.measure)]
    if holds:
        await _given_back(session, holds, rows, charge.amounts)


def with_earlier(row: TurnRow, usage: Usage) -> Usage:
    """The turn's use, with that of owners who did not end it."""
    if not row.spent_prompt and not row.spent_completion:
        return usage
    return usage + Usage(
        prompt_tokens=row.spent_prompt, completion_tokens=row.spent_completion, estimated=True, model=usage.model
    )


async def set_aside(session: AsyncSession, row: TurnRow, usage: Usage) -> None:
    """Nothing is held for the turn until its next owner asks, and what this one used counts at its end."""
    await released(session, row.id)
    row.spent_prompt += usage.prompt_tokens
    row.spent_completion += usage.completion_tokens
    row.asked_tokens = None


async def held_on(session: AsyncSession, turn_id: int) -> set[int]:
    """The counters on which something is held for the turn."""
    return _numbers(await _holds(session, turn_id))


async def released(session: AsyncSession, turn_id: int) -> None:
    """Nothing is held for the turn, and nothing of it was used."""
    holds = await _holds(session, turn_id)
    if holds:
        rows = await counters.locked(session, sorted(_numbers(holds)))
        await _given_back(session, holds, rows, NOTHING)


async def _holds(session: AsyncSession, turn_id: int) -> list[QuotaHoldRow]:
    return list((await session.execute(select(QuotaHoldRow).where(QuotaHoldRow.turn_id == turn_id))).scalars())


def _numbers(holds: list[QuotaHoldRow]) -> set[int]:
    return {hold.counter_id for hold in holds if hold.counter_id}


async def _counting(session: AsyncSession, row: TurnRow, persona_id: int | None, at: datetime) -> list[int]:
    """Every counter that counts the turn at that time, whether or not it was there when the model was asked."""
    counter = QuotaCounterRow
    of_accounts = or_(
        *(
            and_(counter.account_kind == kind, counter.account_id == number)
            for kind, number in askers.accounts_of(askers.asker_of(row, persona_id))
        )
    )
    slices = [and_(counter.period == period.value, counter.begins == slice_of(period, at)) for period in Period]
    in_time = or_(
        and_(counter.sliding.is_(False), counter.begins <= at, counter.ends > at),
        and_(counter.sliding.is_(True), or_(*slices)),
    )
    query = select(counter.id).where(
        counter.platform == row.platform, counter.workspace == row.workspace, of_accounts, in_time
    )
    return list((await session.execute(query)).scalars())


async def _given_back(
    session: AsyncSession,
    holds: list[QuotaHoldRow],
    rows: dict[int, QuotaCounterRow],
    amounts: dict[Measure, int],
) -> None:
    """What was held is not any more. What was on grants stays there as far as it was used: a turn uses its part of the
    limit first."""
    extras = {hold.counter_id: hold.amount for hold in holds if hold.grant_id == EXTRA}
    needed: dict[tuple[str, str, str], int] = {}
    for hold in holds:
        if hold.grant_id == 0 and hold.counter_id in rows:
            counter = rows[hold.counter_id]
            counter.reserved -= hold.amount
            extra = extras.get(counter.id, 0)
            kept = min(extra, max(0, amounts[Measure(counter.measure)] - (hold.amount - extra)))
            counter.extra -= extra - kept
            purse = counter.account_kind, counter.account_id, counter.measure
            needed[purse] = max(needed.get(purse, 0), kept)
    if taken := [hold for hold in holds if hold.grant_id > 0]:
        await _returned(session, taken, needed)
    await session.execute(delete(QuotaHoldRow).where(QuotaHoldRow.turn_id.in_({hold.turn_id for hold in holds})))


async def _returned(session: AsyncSession, taken: list[QuotaHoldRow], needed: dict[tuple[str, str, str], int]) -> None:
    """Grants get back what was taken from them and not used."""
    amounts = {hold.grant_id: hold.amount for hold in taken}
    query = select(QuotaGrantRow).where(QuotaGrantRow.id.in_(amounts)).order_by(QuotaGrantRow.id)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    for grant in (await session.execute(fresh)).scalars():
        purse = grant.account_kind, grant.account_id, grant.measure
        kept = min(amounts[grant.id], needed.get(purse, 0))
        needed[purse] = needed.get(purse, 0) - kept
        grant.left += amounts[grant.id] - kept
