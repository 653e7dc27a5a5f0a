"""How many turns may wait, and what a newcomer finds who comes when that many do.

Counted are turns that wait, over the index of open turns, each count no further than its bound: what it costs does not
grow with the store, nor with the queue. Arrivals at the same moment do not see one another, so a bound may be passed by
as many as are being stored at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from sqlalchemy import Select, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.incoming import Incoming
from core.store.results import Shed, Whose
from core.store.tables import TurnRow, is_open

IN_ALL = 2_000
"""On a platform. A process answers 200 at once: with answers of half a minute the last of these waits five, and later
than that an answer is hardly what somebody still waits for."""
OF_WORKSPACE = 4
"""A workspace has a quarter of it, so that one in an uproar does not fill the queue of all."""
OF_PERSON = 100
"""A person has a hundredth in each workspace: more than anybody reads at once, so a script asks."""
LEAST_OF_PERSON = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many turns may wait."""

    in_all: int
    of_workspace: int
    of_person: int

    @classmethod
    def of(cls, in_all: int) -> Self:
        """Those that go with so many on a platform."""
        return cls(
            in_all=in_all,
            of_workspace=max(in_all // OF_WORKSPACE, LEAST_OF_PERSON),
            of_person=max(in_all // OF_PERSON, LEAST_OF_PERSON),
        )


BOUNDS = Bounds.of(IN_ALL)


async def shed(session: AsyncSession, incoming: Incoming, bounds: Bounds) -> Shed | None:
    """Why no new turn may wait for this message; none where one may. The nearest bound is told first."""
    row = (await session.execute(_counts(incoming, bounds))).one()
    own, workspace, in_all = row.own, row.workspace, row.in_all
    if own >= bounds.of_person:
        return Shed(waiting=own, whose=Whose.PERSON)
    if workspace >= bounds.of_workspace:
        return Shed(waiting=workspace, whose=Whose.WORKSPACE)
    return Shed(waiting=in_all, whose=Whose.EVERYBODY) if in_all >= bounds.in_all else None


def _counts(incoming: Incoming, bounds: Bounds) -> Select[tuple[int, int, int]]:
    waiting = (
        select(TurnRow.asker_id)
        .where(is_open(), TurnRow.state == literal_column("'queued'"))
        .where(TurnRow.platform == incoming.key.platform.value)
    )
    near = waiting.where(TurnRow.workspace == incoming.key.workspace).limit(bounds.of_workspace).subquery("near")
    everywhere = waiting.limit(bounds.in_all).subquery("everywhere")
    own = func.coalesce(func.sum(case((near.c.asker_id == incoming.author.id, 1), else_=0)), 0)
    in_all = select(func.count()).select_from(everywhere).scalar_subquery()
    return select(own.label("own"), func.count().label("workspace"), in_all.label("in_all")).select_from(near)
