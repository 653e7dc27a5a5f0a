"""What was used, added up for people: by whom, where, with which model, on which day; and how limits stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Place
from core.quota.limit import Limit
from core.quota.reservation import Standing
from core.quota.window import Window, window
from core.store import askers, counters, limits
from core.store.tables import QuotaCounterRow, UsageRow


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
    requests: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    """As limits count them."""
    cost: int
    """In nano-units, of those requests whose price is known."""
    unpriced: int
    """Requests whose cost nobody knows."""


async def totals(
    session: AsyncSession,
    place: Place,
    by: By,
    *,
    since: datetime,
    until: datetime,
    person: str | None = None,
    limit: int,
) -> tuple[Total, ...]:
    """The largest first, by tokens; days by their dates."""
    heading = _heading(session, by)
    tokens = func.coalesce(func.sum(UsageRow.tokens), 0).label("counted")
    columns: list[Any] = [
        heading.label("heading"),
        func.coalesce(func.sum(UsageRow.requests), 0),
        func.coalesce(func.sum(UsageRow.prompt_tokens), 0),
        func.coalesce(func.sum(UsageRow.completion_tokens), 0),
        tokens,
        func.coalesce(func.sum(UsageRow.cost), 0),
        func.coalesce(func.sum(UsageRow.requests).filter(UsageRow.cost.is_(None)), 0),
    ]
    query = select(*columns).where(*_within(place, since, until, person)).group_by("heading")
    query = query.order_by("heading" if by is By.DAY else tokens.desc()).limit(limit)
    return tuple(_total(row) for row in await session.execute(query))


def _heading(session: AsyncSession, by: By) -> SQLColumnExpression[Any]:
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
            if session.get_bind().dialect.name == "postgresql":
                return func.to_char(func.timezone("UTC", UsageRow.at), "YYYY-MM-DD")
            return func.strftime("%Y-%m-%d", UsageRow.at)


def _within(place: Place, since: datetime, until: datetime, person: str | None) -> list[ColumnElement[bool]]:
    conditions = [
        UsageRow.platform == place.platform.value,
        UsageRow.workspace == place.workspace,
        UsageRow.at >= since,
        UsageRow.at < until,
    ]
    if person is not None:
        conditions.append(UsageRow.person_id == person)
    return conditions


def _total(row: Any) -> Total:
    heading, *figures = row
    requests, prompt, completion, tokens, cost, unpriced = map(int, figures)
    return Total(
        name="" if heading is None else str(heading),
        requests=requests,
        prompt_tokens=prompt,
        completion_tokens=completion,
        tokens=tokens,
        cost=cost,
        unpriced=unpriced,
    )


async def standings(
    session: AsyncSession, asker: askers.Asker, defaults: Sequence[Limit], *, zone: str, now: datetime
) -> tuple[Standing, ...]:
    """How each limit stands that holds for who asks. Nothing is begun or locked."""
    found = []
    for limit in await limits.holding(session, asker, defaults):
        spell = window(limit.period, now, zone, limit.sliding)
        used, reserved = await _counted(session, asker, limit, spell)
        found.append(Standing(limit=limit, used=used, reserved=reserved, resets_at=spell.ends))
    return tuple(found)


async def _counted(session: AsyncSession, asker: askers.Asker, limit: Limit, spell: Window) -> tuple[int, int]:
    account = askers.account_of(limit, asker)
    numbers = [number for number, _ in await counters.known(session, asker.place, account, limit, spell)]
    if not numbers:
        return await counters.spent(session, asker.place, account, limit.measure, spell.begins, spell.ends), 0
    counter = QuotaCounterRow
    query = select(func.sum(counter.used), func.sum(counter.reserved)).where(counter.id.in_(numbers))
    used, reserved = (await session.execute(query)).one()
    return int(used), int(reserved)
