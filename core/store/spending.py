"""The store's part about limits: what is set, what is held for turns, and how people stand."""

from __future__ import annotations

from datetime import datetime

from core.audit import AuditEntry
from core.incoming import Author
from core.linking import LinkEnd
from core.privacy import Place
from core.quota.amount import Measure
from core.quota.limit import Limit, Period, Subject
from core.quota.reservation import Ask, OverQuota, Reserved, Standing, Terms
from core.store import askers, audit, counters, ledger, limits, links, reports, settlement, usage
from core.store.database import Database
from core.store.reports import By, Extra, Span, Total
from core.turn import Outcome, Turn


class Spending:
    """Mixed into Store."""

    _database: Database

    async def reserve(
        self, turn: Turn, ask: Ask, *, persona_id: int | None, terms: Terms, now: datetime
    ) -> Reserved | OverQuota:
        """The model may be asked, and what it may use is held for the turn on every limit that concerns it, in place
        of what was held before; or nothing is. Raises LeaseLost."""
        async with self._database.writing() as session:
            return await ledger.reserved(session, turn, ask, persona_id=persona_id, terms=terms, now=now)

    async def charge(self, place: Place, outcome: Outcome, *, by: AuditEntry) -> None:
        """What was asked without a turn is on the account of whom the log says it was, and the account traces to that
        entry of the log. Reservations are for turns: nothing was held for it."""
        async with self._database.writing() as session:
            row = audit.recorded(session, by)
            await session.flush()
            asker = await links.resolved(session, _asker(place, by.actor, outcome.persona_id))
            charge = settlement.Charge.of(outcome.usage, outcome.price, asked=True)
            await settlement.charged(session, asker, charge, at=by.at)
            usage.noted(session, asker, outcome, charge, entry=row.id, at=by.at)

    async def limits(self, place: Place) -> tuple[Limit, ...]:
        """All that are set in the workspace."""
        async with self._database.reading() as session:
            return tuple(await limits.listed(session, (place.platform.value, place.workspace)))

    async def set_limit(self, place: Place, limit: Limit, *, by: AuditEntry) -> None:
        """The limit holds from now on, also for what was used in its window before; and the log says by whom."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            await limits.set_limit(session, (place.platform.value, place.workspace), limit)

    async def clear_limits(
        self, place: Place, subject: Subject, *, measure: Measure | None, period: Period | None, by: AuditEntry
    ) -> int:
        """The subject has no limit of that measure and period any more, none at all where they are None; how many
        went, and where any did the log says by whom."""
        async with self._database.writing() as session:
            where = place.platform.value, place.workspace
            cleared = await limits.clear_limits(session, where, subject, measure=measure, period=period)
            if cleared:
                audit.recorded(session, by)
            return cleared

    async def grant(
        self, place: Place, subject: Subject, measure: Measure, amount: int, *, until: datetime, by: AuditEntry
    ) -> None:
        """The subject has so much extra, once, until that time; and the log says by whom."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            limits.granted(session, (place.platform.value, place.workspace), subject, measure, amount, until=until)

    async def purge_counters(self, *, before: datetime, limit: int = 1_000) -> int:
        """About that many counters and grants that ended before that time are gone, and codes for links that nobody
        entered. Returns how many counters and grants. They say nothing that the accounts of use do not."""
        async with self._database.writing() as session:
            await links.purged(session, before=before)
            return await counters.purged(session, before=before, limit=limit)

    # ── people who are linked ──

    async def show_link_code(self, place: Place, person: Author, hashed: str, *, now: datetime) -> None:
        """That code links the person for a while, and no earlier one."""
        async with self._database.writing() as session:
            await links.code_shown(session, _identity(place, person), hashed, now=now)

    async def enter_link_code(self, place: Place, person: Author, hashed: str, *, now: datetime) -> LinkEnd:
        """Who enters it and who was shown it are one person, with one quota; or why not."""
        async with self._database.writing() as session:
            return await links.entered(session, _identity(place, person), hashed, now=now)

    async def unlink(self, place: Place, person: Author) -> LinkEnd:
        """The person counts by themselves again."""
        async with self._database.writing() as session:
            return await links.unlinked(session, _identity(place, person))

    # ── reading ──

    async def standings(
        self, place: Place, person: Author, *, persona_id: int | None, terms: Terms, now: datetime
    ) -> tuple[Standing, ...]:
        """How each limit stands that holds for the person in that channel."""
        async with self._database.reading() as session:
            asker = await links.resolved(session, _asker(place, person, persona_id))
            asker = await askers.in_session(session, asker)
            return await reports.standings(session, asker, terms, now=now)

    async def extras(self, place: Place, person: Author, *, persona_id: int | None, now: datetime) -> tuple[Extra, ...]:
        """What is left of grants to the person, to that channel, to the workspace and to the persona."""
        async with self._database.reading() as session:
            asker = await links.resolved(session, _asker(place, person, persona_id))
            return await reports.extras(session, asker, now=now)

    async def usage_totals(
        self,
        place: Place,
        by: By,
        *,
        since: datetime,
        until: datetime,
        zone: str = "UTC",
        person: str | None = None,
        currency: str = "",
        limit: int = 1_000,
    ) -> tuple[Total, ...]:
        """What was used in the workspace in that time, added up; of one person where one is named. Days are those of
        the zone's clocks, costs those in the currency (all of them where none is named). Raises QuotaMistake for a
        zone that this machine does not know."""
        span = Span(since=since, until=until, zone=zone, person=person, currency=currency)
        async with self._database.reading() as session:
            return await reports.totals(session, place, by, span, limit=limit)


def _asker(place: Place, person: Author, persona_id: int | None) -> askers.Asker:
    return askers.Asker(
        platform=place.platform.value,
        workspace=place.workspace,
        channel=place.channel or "",
        person=person.id,
        roles=sorted(person.roles),
        persona_id=persona_id,
    )


def _identity(place: Place, person: Author) -> askers.Identity:
    return place.platform.value, place.workspace, person.id
