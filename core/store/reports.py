"""What was used, added up for people: by whom, where, with which model, on which day; and how limits stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Place
from core.quota.amount import Measure
from core.quota.limit import Limit, SubjectKind
from core.quota.reservation import Standing, Terms
from core.quota.window import Window, window
from core.store import askers, counters, limits
from core.store.days import day_of
from core.store.tables import QuotaCounterRow, QuotaGrantRow, TurnRow, UsageRow


class By(StrEnum):
    """What use is added up by."""

    PERSON = "person"
    CHANNEL = "channel"
    PERSONA = "persona"
    MODEL = "model"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What was used under one heading."""

    name: str
    """An id, a model's name, or a day as 2026-03-01; empty for the built-in persona and where no model was named."""
    called: str = ""
    """For a person: their name when they last asked, as long as that turn is kept."""
    requests: int
    prompt_tokens: int
    cached_tokens: int
    """Part of the prompt's."""
    completion_tokens: int
    tokens: int
    """As limits count them."""
    cost: int | None
    """In nano-units, of what has a known cost in the currency; None where nothing has."""
    unpriced: int
    """Requests whose cost nobody knows, or knows in another currency only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is added up."""

    since: datetime
    until: datetime
    """Without it."""
    zone: str = "UTC"
    """Whose dates days are."""
    person: str | None = None
    """None: everybody's."""
    currency: str = ""
    """The one that costs are added up in; empty: whichever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What is left of something that was granted."""

    kind: SubjectKind
    """For a user, channel, workspace or persona."""
    measure: Measure
    left: int
    expires_at: datetime


# ── accounts ──


async def totals(session: AsyncSession, place: Place, by: By, span: Span, *, limit: int) -> tuple[Total, ...]:
    """The largest first, by tokens; days by their dates."""
    heading = _heading(session, by, span)
    tokens = func.sum(UsageRow.tokens).label("counted")
    priced = _priced(span.currency)
    columns: list[Any] = [
        heading.label("heading"),
        func.max(UsageRow.turn_id),
        func.sum(UsageRow.requests),
        func.sum(UsageRow.prompt_tokens),
        func.sum(UsageRow.cached_tokens),
        func.sum(UsageRow.completion_tokens),
        tokens,
        func.sum(UsageRow.requests).filter(~priced),
        func.sum(UsageRow.cost).filter(priced),
    ]
    query = select(*columns).where(*_within(place, span)).group_by("heading")
    query = query.order_by("heading" if by is By.DAY else tokens.desc(), "heading").limit(limit)
    found = {int(turn): _total(name, *figures) for name, turn, *figures in await session.execute(query)}
    return await _named(session, found) if by is By.PERSON else tuple(found.values())


def _heading(session: AsyncSession, by: By, span: Span) -> SQLColumnExpression[Any]:
    match by:
        case By.PERSON:
            return UsageRow.person_id
        case By.CHANNEL:
            return UsageRow.channel
        case By.PERSONA:
            return UsageRow.persona_id
        case By.MODEL:
            return UsageRow.model
        case By.DAY:
            return day_of(session, UsageRow.at, span.zone, since=span.since, until=span.until)


def _priced(currency: str) -> ColumnElement[bool]:
    """Whether the cost is known in that currency. A row without a cost has no price either."""
    known = UsageRow.cost.is_not(None)
    if not currency:
        return known
    return and_(known, func.coalesce(UsageRow.price["currency"].as_string(), "") == currency)


def _within(place: Place, span: Span) -> list[ColumnElement[bool]]:
    conditions = [
        UsageRow.platform == place.platform.value,
        UsageRow.workspace == place.workspace,
        UsageRow.at >= span.since,
        UsageRow.at < span.until,
    ]
    if span.person is not None:
        conditions.append(UsageRow.person_id == span.person)
    return conditions


def _total(name: Any, *figures: Any) -> Total:
    *counts, cost = figures
    requests, prompt, cached, completion, tokens, unpriced = (int(count or 0) for count in counts)
    return Total(
        name="" if name is None else str(name),
        requests=requests,
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=completion,
        tokens=tokens,
        cost=None if cost is None else int(cost),
        unpriced=unpriced,
    )


AT_ONCE = 1_000
"""Ids in one query; databases bound them."""


async def _named(session: AsyncSession, found: dict[int, Total]) -> tuple[Total, ...]:
    """By the newest turn of each person. What was forgotten names nobody."""
    names: dict[int, str] = {}
    for some in _batches(list(found)):
        query = select(TurnRow.id, TurnRow.asker_name).where(TurnRow.id.in_(some))
        names.update({row.id: row.asker_name for row in await session.execute(query)})
    return tuple(replace(total, called=names.get(turn, "")) for turn, total in found.items())


def _batches(turns: Sequence[int]) -> Iterable[Sequence[int]]:
    return (turns[start : start + AT_ONCE] for start in range(0, len(turns), AT_ONCE))


# ── limits ──


async def standings(session: AsyncSession, asker: askers.Asker, terms: Terms, *, now: datetime) -> tuple[Standing, ...]:
    """How each limit stands that holds for who asks. Nothing is begun or locked."""
    found = []
    for limit in await limits.holding(session, asker, terms.limits):
        spell = window(limit.period, now, terms.zone, limit.sliding)
        used, reserved, extra = await _counted(session, asker, limit, spell, terms.currency)
        found.append(Standing(limit=limit, used=used, reserved=reserved, extra=extra, resets_at=spell.ends))
    return tuple(found)


async def _counted(
    session: AsyncSession, asker: askers.Asker, limit: Limit, spell: Window, currency: str
) -> tuple[int, int, int]:
    account = askers.account_of(limit, asker)
    numbers = [number for number, _ in await counters.known(session, asker, account, limit, spell)]
    if not numbers:
        used = await counters.spent(session, asker, account, limit.measure, spell.begins, spell.ends, currency)
        return used, 0, 0
    counter = QuotaCounterRow
    query = select(func.sum(counter.used), func.sum(counter.reserved), func.sum(counter.extra))
    used, reserved, extra = (await session.execute(query.where(counter.id.in_(numbers)))).one()
    return int(used), int(reserved), int(extra)


async def extras(session: AsyncSession, asker: askers.Asker, *, now: datetime) -> tuple[Extra, ...]:
    """What is left of whatever was granted to who asks, or to where they ask; what expires first at the front."""
    grant = QuotaGrantRow
    own = (askers.of_account(grant, account, asker) for account in askers.accounts_of(asker))
    query = select(grant).where(or_(*own), grant.left > 0, grant.expires_at > now).order_by(grant.expires_at, grant.id)
    return tuple(
        Extra(
            kind=_KINDS[found.account_kind],
            measure=Measure(found.measure),
            left=found.left,
            expires_at=found.expires_at,
        )
        for found in (await session.execute(query)).scalars()
    )


_KINDS = {
    askers.PERSON: SubjectKind.USER,
    askers.CHANNEL: SubjectKind.CHANNEL,
    askers.WORKSPACE: SubjectKind.WORKSPACE,
    askers.PERSONA: SubjectKind.PERSONA,
}
