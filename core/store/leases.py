"""Leases: who works on which turn, and writing nothing once the lease is lost.

Claiming is one UPDATE around one SELECT. A turn is ready when it waits and no earlier turn of its conversation is
open, or when its owner's lease has ended. On PostgreSQL a turn that another claimer has locked is skipped; what
is read of other rows may be a moment old there, but that errs on one side only: no turn ever opens before one that
exists, and one that has just closed merely makes us wait. The unique index on live turns forbids the rest.

Claims are fair between workspaces. The next turn is one of the workspace with the fewest turns in work, then of the
one that was served longest ago, and within it the oldest. So one slot serves two busy workspaces by turns, many
slots are shared evenly, and a workspace with a thousand waiting turns delays another's first by one claim at most.
The cost grows with open turns alone: indexes leave out the ended ones, and the last claim of a workspace is one probe.

Only live turns have an owner (a constraint), so whoever looks for a lease asks for the owner and not for the state:
naming the state as well makes PostgreSQL read the whole index of live turns, and on a busy day that is full of what has
ended since the last vacuum (docs/scaling.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.conversation import ConversationKey, Platform
from core.errors import LeaseLost
from core.store.tables import ConversationRow, TurnRow, is_live, is_open
from core.turn import Signal, Turn, TurnState

_PAST, _EARLIER = aliased(TurnRow), aliased(TurnRow)
"""Made once: an idle process looks for work all the time, and each new name would be worked out anew."""


async def claimed(
    session: AsyncSession, platforms: Iterable[Platform], owner: str, *, now: datetime, until: datetime
) -> TurnRow | None:
    """The turn that is next now belongs to the owner until that time; none where nothing is ready."""
    statement = (
        update(TurnRow)
        .where(TurnRow.id == _next(_names(platforms), now).scalar_subquery())
        .values(
            state=TurnState.RUNNING.value,
            attempt=TurnRow.attempt + 1,
            lease_owner=owner,
            lease_until=until,
            lease_number=TurnRow.lease_number + 1,
            # A new owner begins anew by itself; only a wish to stop outlives the old one.
            signal=case((TurnRow.signal == Signal.STOP.value, TurnRow.signal), else_=None),
            claimed_at=now,
            started_at=func.coalesce(TurnRow.started_at, now),
        )
        .returning(TurnRow)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none()


def _names(platforms: Iterable[Platform]) -> list[str]:
    return [platform.value for platform in platforms]


def _next(platforms: Sequence[str], now: datetime) -> Select[int]:
    places = _places(platforms)
    return (
        select(TurnRow.id)
        .join(places, and_(places.c.platform == TurnRow.platform, places.c.workspace == TurnRow.workspace))
        .where(is_open(), _ready(now))
        .order_by(places.c.live, places.c.served_at.asc().nulls_first(), TurnRow.queued_at, TurnRow.id)
        .limit(1)
        .with_for_update(of=TurnRow, skip_locked=True, key_share=True)
    )


def _places(platforms: Sequence[str]) -> CTE:
    """Workspaces with open turns: how many are in work, and when one was claimed last. Looked up once for each of them
    (`MATERIALIZED`), not once for each of its turns."""
    waiting = (
        select(TurnRow.platform, TurnRow.workspace, func.sum(case((is_live(), 1), else_=0)).label("live"))
        .where(is_open(), TurnRow.platform.in_(platforms))
        .group_by(TurnRow.platform, TurnRow.workspace)
        .subquery()
    )
    served_at = (
        select(func.max(_PAST.claimed_at))
        .where(
            _PAST.platform == waiting.c.platform,
            _PAST.workspace == waiting.c.workspace,
            _PAST.claimed_at.is_not(None),
        )
        .scalar_subquery()
    )
    return select(waiting, served_at.label("served_at")).cte("places").prefix_with("MATERIALIZED")


def _ready(now: datetime) -> ColumnElement[bool]:
    blocked = (
        select(_EARLIER.id)
        .where(_EARLIER.conversation_id == TurnRow.conversation_id, _EARLIER.seq < TurnRow.seq, is_open(_EARLIER))
        .exists()
    )
    return or_(
        and_(TurnRow.state == TurnState.QUEUED.value, ~blocked),
        and_(is_live(), TurnRow.lease_until < now),
    )


async def renewed(
    session: AsyncSession, turn_ids: Iterable[int], owner: str, *, until: datetime
) -> dict[int, Signal | None]:
    """Those of the turns that are still the owner's stay so until that time; each comes with its signal. The wish to
    begin anew is told once: its owner obeys it at once, and must not obey it again with the next renewal."""
    statement = (
        update(TurnRow)
        .where(TurnRow.id.in_(list(turn_ids)), TurnRow.lease_owner == owner)
        .values(lease_until=until)
        .returning(TurnRow.id, TurnRow.signal)
        .execution_options(synchronize_session=False)
    )
    signals = {turn_id: _signal(signal) for turn_id, signal in await session.execute(statement)}
    told = [turn_id for turn_id, signal in signals.items() if signal is Signal.RESTART]
    if told:
        forget = update(TurnRow).where(TurnRow.id.in_(told)).values(signal=None)
        await session.execute(forget.execution_options(synchronize_session=False))
    return signals


async def owners(session: AsyncSession, platforms: Iterable[Platform], *, now: datetime) -> dict[str, int]:
    """How many processes answer in each workspace and in each channel, named as keys are written; only where there are
    several. Reads live turns alone."""
    query = (
        select(TurnRow.platform, TurnRow.workspace, ConversationRow.channel, TurnRow.lease_owner)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(is_live(), TurnRow.platform.in_(_names(platforms)), TurnRow.lease_until >= now)
        .distinct()
    )
    found: defaultdict[str, set[str | None]] = defaultdict(set)
    for platform, workspace, channel, owner in await session.execute(query):
        key = ConversationKey(platform=Platform(platform), workspace=workspace, channel=channel)
        found[key.workspace_name].add(owner)
        found[str(key)].add(owner)
    return {place: len(several) for place, several in found.items() if len(several) > 1}


async def held(session: AsyncSession, turn: Turn, *, lock: bool = True) -> TurnRow:
    """The row of the turn, locked for writing, if its lease is still the one that `turn` carries; else LeaseLost."""
    if turn.lease is None:
        raise LeaseLost(f"turn {turn.id} was never claimed")
    query = select(TurnRow).where(
        TurnRow.id == turn.id,
        TurnRow.lease_owner == turn.lease.owner,
        TurnRow.lease_number == turn.lease.number,
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise LeaseLost(f"turn {turn.id}, lease {turn.lease.number} of {turn.lease.owner}")
    return row


def signal_of(row: TurnRow) -> Signal | None:
    """What somebody asks of the turn's owner."""
    return _signal(row.signal)


def _signal(value: str | None) -> Signal | None:
    return None if value is None else Signal(value)


def given_back(row: TurnRow) -> None:
    """Nobody holds the lease. Its number stays, so that the next owner's is higher."""
    row.lease_owner = None
    row.lease_until = None
