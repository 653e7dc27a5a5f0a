"""What is stored of people, all of it, in one place: what `/forget` erases, what `/mydata` gives out, and what stays.

Whoever adds a table or a column says here whose it is: in a holding that can be erased and told, among the accounts
that stay for a time (with the reason), or among what holds nobody's words. A test walks all columns, so that none can
be left out.

An order to erase is a row of ids. It outlives the process that took it, and whoever finds it goes on: a little at a
time, until each holding has nothing left within its reach.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Platform
from core.privacy import Place, Reach
from core.store import links, notes, talks, telling
from core.store.results import ErasureProgress
from core.store.tables import ErasureRow
from core.store.tutoring import kept as tutored


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be erased."""

    reach: Reach
    through: int
    """The last turn that is meant."""
    asked_at: datetime
    """What other holdings got afterwards is not meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One kind of thing that is kept of people."""

    columns: frozenset[str]
    """Where, as `table.column`. Each goes with its row, or is emptied."""
    erase: Callable[[AsyncSession, Order, int, datetime], Awaitable[int]]
    """At most that many are gone; how many it was, 0 where nothing more can be done now."""
    unfinished: Callable[[AsyncSession, Order], Awaitable[bool]]
    """Whether something cannot be erased yet and has to be looked at again."""
    told: Callable[[AsyncSession, Reach, telling.Mark | None], Awaitable[telling.Page]]
    """The next page of it, as the person reads it."""


async def _erase_talks(session: AsyncSession, order: Order, limit: int, now: datetime) -> int:
    return await talks.erased(session, order.reach, through=order.through, limit=limit, now=now)


async def _stopping(session: AsyncSession, order: Order) -> bool:
    return await talks.stopping(session, order.reach, through=order.through)


async def _erase_links(session: AsyncSession, order: Order, limit: int, now: datetime) -> int:
    return await links.forgotten(session, order.reach)


async def _erase_notes(session: AsyncSession, order: Order, limit: int, now: datetime) -> int:
    return await notes.erased(session, order.reach, through=order.through, limit=limit)


async def _erase_lessons(session: AsyncSession, order: Order, limit: int, now: datetime) -> int:
    return await tutored.erased(session, order.reach, asked_at=order.asked_at, limit=limit)


async def _nothing_stops(session: AsyncSession, order: Order) -> bool:
    return False


HOLDINGS: dict[str, Holding] = {
    # Before exchanges: the conversation of a note is known by its row, which goes with the last of them.
    "notes": Holding(
        columns=frozenset({"notes.owner_id", "notes.author_id", "notes.author_name", "notes.text"}),
        erase=_erase_notes,
        unfinished=_nothing_stops,
        told=telling.notes,
    ),
    # Likewise: a session's thread.
    "tutoring": Holding(
        columns=frozenset(
            {
                "tutor_sessions.person_id",
                "tutor_sessions.name",
                "tutor_sessions.wanted",
                "tutor_sessions.target",
                "tutor_objectives.title",
                "tutor_objectives.points",
                "tutor_objectives.review",
                "tutor_questions.document",
                "tutor_questions.misconception",
                "tutor_questions.said",
                "tutor_steps.heard",
                "tutor_steps.step",
                "tutor_learners.person_id",
                "tutor_learners.note",
                "tutor_learners.target",
                "tutor_learners.hours",
                "tutor_learners.zone",
            }
        ),
        erase=_erase_lessons,
        unfinished=_nothing_stops,
        told=tutored.told,
    ),
    "exchanges": Holding(
        columns=frozenset(
            {
                "conversations.summary",
                "turns.asker_id",
                "turns.asker_name",
                "turns.asker_roles",
                "turns.target",
                "turns.text",
                "messages.author_id",
                "messages.author_name",
                "messages.parts",
                "messages.tool_calls",
                "messages.tool_call_id",
                "messages.attachments",
                "messages.readings",
            }
        ),
        erase=_erase_talks,
        unfinished=_stopping,
        told=telling.exchanges,
    ),
    "links": Holding(
        columns=frozenset({"links.person_id", "links.home_person_id", "link_codes.person_id"}),
        erase=_erase_links,
        unfinished=_nothing_stops,
        told=links.told,
    ),
}
"""What goes with `/forget` and is given out by `/mydata`, by the name that it has there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Something that names a person and stays until it is old (retention.py)."""

    columns: frozenset[str]
    reason: str
    told: Callable[[AsyncSession, Reach, telling.Mark | None], Awaitable[telling.Page]]


ACCOUNTS: dict[str, Account] = {
    "usage": Account(
        columns=frozenset(
            {
                "usage.person_id",
                "quota_limits.subject_id",
                "quota_counters.account_id",
                "quota_grants.account_id",
            }
        ),
        reason="Limits and bills must add up, so nobody may reset what they used. There are no words in it.",
        told=telling.usage,
    ),
    "audit": Account(
        columns=frozenset({"audit.actor_id", "audit.actor_name", "audit.subject", "audit.details"}),
        reason="A team must be able to see who changed what. It quotes nobody.",
        told=telling.audit,
    ),
    "personas": Account(
        columns=frozenset({"persona_versions.author_id", "persona_versions.author_name", "tutor_courses.author_id"}),
        reason="A team must be able to see who changed what, and go back to it. A prompt is the team's.",
        told=telling.personas,
    ),
}
"""What `/mydata` gives out too, but `/forget` leaves."""

QUOTAS = ("limits", "counters", "grants")
NOBODYS: frozenset[str] = frozenset(
    {
        *(
            f"{table}.{column}"
            for table in (
                "conversations",
                "effects",
                "turns",
                "messages",
                "posts",
                "usage",
                "audit",
                "erasures",
                "notes",
                "tutor_sessions",
                "tutor_courses",
            )
            for column in ("platform", "workspace", "channel")
        ),
        *(
            f"{table}.{column}"
            for table in ("workspaces", "channels")
            for column in ("platform", "workspace", "settings")
        ),
        *(f"{table}.{column}" for table in ("personas", "persona_uses") for column in ("platform", "workspace")),
        *(f"tool_servers.{column}" for column in ("platform", "workspace", "name", "address", "token")),
        *(f"quota_{table}.{column}" for table in QUOTAS for column in ("platform", "workspace", "measure")),
        *(f"link{table}.{column}" for table in ("s", "_codes") for column in ("platform", "workspace")),
        *(f"tutor_learners.{column}" for column in ("platform", "workspace", "sending")),
        *(f"tutor_sessions.{column}" for column in ("thread", "home", "state", "card_channel", "card_message")),
        "tutor_objectives.kind",
        "tutor_questions.purpose",
        "tutor_questions.standing",
        "tutor_courses.document",
        "links.home_platform",
        "links.home_workspace",
        "link_codes.code_hash",
        "quota_limits.subject_kind",
        "quota_limits.period",
        "quota_counters.account_kind",
        "quota_counters.period",
        "quota_grants.account_kind",
        "usage.price",
        "personas.folded_name",
        "persona_versions.document",
        "persona_versions.note",
        "persona_uses.scope",
        "persona_uses.channel",
        "channels.channel",
        "conversations.thread",
        "notes.thread",
        "notes.scope",
        "effects.event_id",
        "turns.state",
        "turns.kind",
        "turns.lease_owner",
        "turns.signal",
        "turns.reason",
        "turns.model",
        "messages.role",
        "messages.message_id",
        "posts.message",
        "posts.root",
        "usage.model",
        "audit.action",
        "approvals.call_id",
        "approvals.tool",
        "approvals.state",
        "erasures.person_id",
    }
)
"""Ids of places and messages, states, names of models, settings: nobody's words. `erasures.person_id` is gone with the
order itself."""


# ── orders ──


async def ordered(session: AsyncSession, reach: Reach, *, through: int, now: datetime) -> int:
    """It will be erased, whatever happens to this process; the order's number."""
    row = ErasureRow(
        platform=reach.place.platform.value,
        workspace=reach.place.workspace,
        channel=reach.place.channel,
        conversation_id=reach.conversation,
        person_id=reach.person,
        through_turn=through,
        asked_at=now,
    )
    session.add(row)
    await session.flush()
    return row.id


async def orders(session: AsyncSession, *, limit: int) -> tuple[int, ...]:
    """The oldest orders that are not done."""
    return tuple((await session.execute(select(ErasureRow.id).order_by(ErasureRow.id).limit(limit))).scalars())


async def carried_on(session: AsyncSession, number: int, *, limit: int, now: datetime) -> ErasureProgress:
    """A little more of the order is done; the order itself is gone when all is. Nothing where another process is at
    it."""
    query = select(ErasureRow).where(ErasureRow.id == number).with_for_update(skip_locked=True)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        known = (await session.execute(select(ErasureRow.id).where(ErasureRow.id == number))).scalar_one_or_none()
        return ErasureProgress(erased=0, done=known is None)
    order = _order(row)
    for holding in HOLDINGS.values():
        erased = await holding.erase(session, order, limit, now)
        if erased:
            return ErasureProgress(erased=erased, done=False)
    if any([await holding.unfinished(session, order) for holding in HOLDINGS.values()]):
        return ErasureProgress(erased=0, done=False)
    await session.delete(row)
    return ErasureProgress(erased=0, done=True)


def _order(row: ErasureRow) -> Order:
    place = Place(platform=Platform(row.platform), workspace=row.workspace, channel=row.channel)
    reach = Reach(place=place, person=row.person_id, conversation=row.conversation_id)
    return Order(reach=reach, through=row.through_turn, asked_at=row.asked_at)


# ── telling ──


async def told(session: AsyncSession, reach: Reach, name: str, mark: telling.Mark | None) -> telling.Page:
    """The next page of that kind, after the mark that the page before ended with."""
    return await (HOLDINGS | ACCOUNTS)[name].told(session, reach, mark)
