"""The ledger: what is reserved before a model is asked (law 6). How a turn's end is settled is in settlement.py.

For every limit that holds for a turn there is a counter of the account that it counts, in the window of the moment.
Reserving locks these counters, in the order of their numbers, and looks at each: either all of them have room and hold
the same turn, or nothing changes. Ending the turn gives back what was held and adds what was used, to those counters
and to any other that counts the same account at that time. So used + reserved never passes a limit by reserving; only a
provider that counts more than we did can bring it past, by that difference.

A counter begins with what the accounts of use say of its window, once. Nobody may end a turn there meanwhile, so
nothing is counted twice or left out: whoever begins a counter holds a lock of the workspace alone, and whoever ends a
turn holds it with others. That lock goes before those of counters. A grant is taken from where a limit is short; what
was taken too much is given back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreUnavailable
from core.quota.amount import Measure
from core.quota.limit import Limit
from core.quota.reservation import Ask, OverQuota, Reserved, Standing, Terms
from core.quota.window import Window, window
from core.quota.words import WARNED_FROM
from core.store import askers, counters, leases, limits, links, settlement
from core.store.settlement import EXTRA
from core.store.tables import QuotaCounterRow, QuotaGrantRow, QuotaHoldRow, TurnRow
from core.turn import Turn, Usage

Purses = Mapping[tuple[askers.Account, Measure], list[QuotaGrantRow]]
"""The grants of each account for each measure, those that expire first at the front."""

_AMOUNTS = ("used", "reserved", "extra")


@dataclass(slots=True, kw_only=True)
class _Count:
    """One limit with the counters of its window, newest last."""

    limit: Limit
    account: askers.Account
    window: Window
    counters: list[QuotaCounterRow]

    @property
    def now(self) -> QuotaCounterRow:
        return self.counters[-1]

    @property
    def free(self) -> int:
        return self.limit.amount - sum(one.used + one.reserved - one.extra for one in self.counters)

    def standing(self) -> Standing:
        used, reserved, extra = (sum(getattr(one, name) for one in self.counters) for name in _AMOUNTS)
        return Standing(limit=self.limit, used=used, reserved=reserved, extra=extra, resets_at=self.window.ends)

    def free_at(self, need: int, granted: int) -> datetime | None:
        """When so much will be free, if nobody spends anything until then."""
        if need > self.limit.amount + granted:
            return None
        if not self.limit.sliding:
            return self.window.ends
        free = self.free + granted
        for counter in self.counters:
            free += counter.used + counter.reserved - counter.extra
            if free >= need:
                return counter.ends
        return self.window.ends


async def reserved(
    session: AsyncSession,
    turn: Turn,
    ask: Ask,
    *,
    persona_id: int | None,
    terms: Terms,
    now: datetime,
) -> Reserved | OverQuota:
    """The turn may ask the model, and what it may use is held; or nothing is. What an earlier owner asked and did not
    live to account for counts with its prompt. The turn's row is locked last: who waits for a counter keeps nobody from
    renewing leases. Raises LeaseLost."""
    row = await leases.held(session, turn, lock=False)
    asker = await links.resolved(session, askers.asker_of(row, persona_id))
    asker = await askers.in_session(session, asker, turn=row.id)
    holding = await limits.holding(session, asker, terms.limits)
    held = await settlement.holds_of(session, row.id)
    counts = await _counts(session, asker, holding, held, terms=terms, now=now)
    purses = await _purses(session, asker, counts, now)
    before = settlement.earlier(row)
    refusal = _refusal(counts, purses, ask, before)
    await leases.held(session, turn)
    row.spent_prompt, row.asked_tokens = before.prompt_tokens, None
    if refusal is not None:
        await settlement.held_again(session, held)
        return refusal
    answer = min((_longest(count, purses, ask, before) for count in counts), default=ask.answer_most)
    short = dict.fromkeys(purses, 0)
    for count in counts:
        key = count.account, count.limit.measure
        short[key] = max(short[key], _held(session, row, count, ask.need(count.limit.measure, answer, before)))
    for key, grants in purses.items():
        _taken(session, row, grants, short[key])
    row.asked_tokens, row.asked_lease, row.asked_at = ask.prompt_tokens, row.lease_number, now
    bounded = any(count.limit.measure is not Measure.REQUESTS for count in counts)
    return Reserved(
        answer_most=answer, bounded=bounded, near=tuple(_warned(count) for count in counts if _is_near(count))
    )


async def _counts(
    session: AsyncSession,
    asker: askers.Asker,
    holding: Sequence[Limit],
    held: list[QuotaHoldRow],
    *,
    terms: Terms,
    now: datetime,
) -> list[_Count]:
    """Each limit with its counters, all of them locked. What was held for the turn is not any more."""
    found: dict[Limit, tuple[askers.Account, Window, list[int]]] = {}
    accounts = {limit: askers.account_of(limit, asker) for limit in holding}
    for limit in sorted(holding, key=lambda one: asker.place_of(accounts[one])):  # as everybody locks them
        spell = window(limit.period, now, terms.zone, limit.sliding)
        numbers = await counters.of_window(
            session, asker, accounts[limit], limit, spell, currency=terms.currency, now=now
        )
        found[limit] = accounts[limit], spell, numbers
    needed = {number for *_, several in found.values() for number in several}
    await counters.locked(session, sorted(needed | settlement.numbers(held)))
    await settlement.released(session, held)
    rows = await counters.locked(session, sorted(needed))
    if len(rows) < len(needed):
        raise StoreUnavailable("counters were begun anew meanwhile")  # somebody was linked: ask again
    return [
        _Count(limit=limit, account=account, window=spell, counters=[rows[number] for number in numbers])
        for limit, (account, spell, numbers) in ((limit, found[limit]) for limit in holding)
    ]


async def _purses(session: AsyncSession, asker: askers.Asker, counts: Sequence[_Count], now: datetime) -> Purses:
    found = {}
    for key in sorted({(count.account, count.limit.measure) for count in counts}):
        account, measure = key
        query = select(QuotaGrantRow).where(
            askers.of_account(QuotaGrantRow, account, asker),
            QuotaGrantRow.measure == measure.value,
            QuotaGrantRow.left > 0,
            QuotaGrantRow.expires_at > now,
        )
        fresh = query.with_for_update().execution_options(populate_existing=True)
        grants = (await session.execute(fresh.order_by(QuotaGrantRow.id))).scalars()
        found[key] = sorted(grants, key=lambda grant: grant.expires_at)
    return found


def _granted(purses: Purses, count: _Count) -> int:
    return sum(grant.left for grant in purses[count.account, count.limit.measure])


def _longest(count: _Count, purses: Purses, ask: Ask, before: Usage) -> int:
    return ask.longest(count.limit.measure, count.free + _granted(purses, count), before)


def _refusal(counts: Sequence[_Count], purses: Purses, ask: Ask, before: Usage) -> OverQuota | None:
    """Of several limits that are reached, the one that holds longest."""
    least = min(ask.answer_least, ask.answer_most)
    found = []
    for count in counts:
        if count.limit.measure is Measure.COST and ask.price is None:
            return OverQuota(standing=count.standing(), needed=0, resets_at=None, unpriced=True)
        if _longest(count, purses, ask, before) < least:
            need = ask.need(count.limit.measure, least, before)
            resets_at = count.free_at(need, _granted(purses, count))
            found.append(OverQuota(standing=count.standing(), needed=need, resets_at=resets_at))
    return max(found, key=lambda over: over.resets_at or datetime.max.replace(tzinfo=UTC), default=None)


def _held(session: AsyncSession, row: TurnRow, count: _Count, need: int) -> int:
    """So much is reserved on the counter; how much of it the limit has no room for."""
    extra = max(0, need - count.free)
    count.now.reserved += need
    count.now.extra += extra
    session.add(QuotaHoldRow(turn_id=row.id, counter_id=count.now.id, grant_id=0, amount=need))
    if extra:
        session.add(QuotaHoldRow(turn_id=row.id, counter_id=count.now.id, grant_id=EXTRA, amount=extra))
    return extra


def _taken(session: AsyncSession, row: TurnRow, grants: Sequence[QuotaGrantRow], wanted: int) -> None:
    """So much has left the grants. Limits of one account share it: what goes beyond all of them is one thing."""
    for grant in grants:
        taken = min(wanted, grant.left)
        wanted -= taken
        if taken:
            grant.left -= taken
            session.add(QuotaHoldRow(turn_id=row.id, counter_id=0, grant_id=grant.id, amount=taken))


def _is_near(count: _Count) -> bool:
    used = sum(one.used for one in count.counters)
    little = count.limit.amount > 0 and used * 100 >= count.limit.amount * WARNED_FROM
    return little and not any(one.warned for one in count.counters)


def _warned(count: _Count) -> Standing:
    count.now.warned = True
    return count.standing()
