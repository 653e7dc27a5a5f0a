"""The store's part about limits: what is set, what is held for turns, and how people stand."""

from __future__ import annotations

from datetime import datetime

from core.audit import AuditEntry
from core.incoming import Author
from core.privacy import Place
from core.quota.amount import Measure
from core.quota.limit import Limit, Period, Subject
from core.quota.reservation import Ask, OverQuota, Reserved, Standing, Terms
from core.store import askers, audit, counters, ledger, limits, reports
from core.store.database import Database
from core.store.reports import By, Extra, Span, Total
from core.turn import Turn


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
        """About that many counters and grants that ended before that time are gone. Returns how many. They say nothing
        that the accounts of use do not."""
        async with self._database.writing() as session:
            return await counters.purged(session, before=before, limit=limit)

    # ── reading ──

    async def standings(
        self, place: Place, person: Author, *, persona_id: int | None, terms: Terms, now: datetime
    ) -> tuple[Standing, ...]:
        """How each limit stands that holds for the person in that channel."""
        asker = _asker(place, person, persona_id)
        async with self._database.reading() as session:
            return await reports.standings(session, asker, terms.limits, zone=terms.zone, now=now)

    async def extras(self, place: Place, person: Author, *, persona_id: int | None, now: datetime) -> tuple[Extra, ...]:
        """What is left of grants to the person, to that channel, to the workspace and to the persona."""
        async with self._database.reading() as session:
            return await reports.extras(session, _asker(place, person, persona_id), now=now)

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
