"""The ledger at the edges of windows, on both databases: a midnight, days of 23 and 25 hours, ends of months, weeks and
sliding windows, a limit changed in the middle, and a clock that goes back. What lies where, is window.py's; that the
ledger counts it there, and gives it back then and not a moment earlier, is shown here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.audit import AuditEntry
from core.incoming import Author
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.reservation import Ask, OverQuota, Reserved, Terms
from core.store import Store
from core.turn import Outcome, TurnState, Usage
from tests.core.store.books import Books
from tests.core.store.ledger_scene import PLACE
from tests.core.store.scene import ANNA, KEY, MINUTE, SECOND, Worker, accept, said

EACH = Subject(kind=SubjectKind.EACH_USER)
MOMENT = timedelta.resolution
ASK = Ask(prompt_tokens=10, answer_most=50, answer_least=50, price=None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def once(store: Store, period: Period, *, amount: int = 1, sliding: bool = False) -> None:
    """Each user may ask so often in that time."""
    limit = Limit(subject=EACH, measure=Measure.REQUESTS, period=period, amount=amount, sliding=sliding)
    by = AuditEntry(at=utc("2026-01-01"), place=PLACE, actor=ANNA, action="quota.set")
    await store.set_limit(PLACE, limit, by=by)


class Asking:
    """Somebody who asks at one time or another, in the zone of the workspace."""

    def __init__(self, store: Store, worker: Worker, zone: str = "Europe/Berlin") -> None:
        self.store, self.worker, self.terms = store, worker, Terms(zone=zone)
        self.count = 0

    async def at(self, when: datetime, by: Author = ANNA) -> OverQuota | None:
        """A question at that time is answered and accounted for; or why not."""
        self.count += 1
        await accept(self.store, said(by=by, key=replace(KEY, thread=f"9.{self.count}")), at=when)
        turn = await self.worker.claimed(at=when)
        result = await self.store.reserve(turn, ASK, persona_id=None, terms=self.terms, now=when)
        state = TurnState.DONE if isinstance(result, Reserved) else TurnState.REFUSED
        used = Usage(prompt_tokens=10, completion_tokens=5) if isinstance(result, Reserved) else Usage()
        await self.store.finish(turn, Outcome(state=state, text="", usage=used), (), now=when)
        return result if isinstance(result, OverQuota) else None


@pytest.mark.parametrize(
    ("period", "zone", "first", "edge"),
    [
        (Period.DAY, "Europe/Berlin", "2026-05-05T10:00", "2026-05-05T22:00"),  # midnight there
        (Period.DAY, "Europe/Berlin", "2026-03-28T23:30", "2026-03-29T22:00"),  # a day of 23 hours
        (Period.DAY, "Europe/Berlin", "2026-10-24T22:30", "2026-10-25T23:00"),  # and one of 25
        (Period.DAY, "Africa/Cairo", "2026-04-23T20:00", "2026-04-23T22:00"),  # a midnight that clocks skip
        (Period.HOUR, "America/New_York", "2026-11-01T05:30", "2026-11-01T06:00"),  # an hour shown twice is two
        (Period.MONTH, "Europe/Berlin", "2028-02-01T12:00", "2028-02-29T23:00"),  # a leap year's February
        (Period.MONTH, "Europe/Berlin", "2027-02-01T12:00", "2027-02-28T23:00"),
        (Period.MONTH, "Pacific/Auckland", "2026-12-15T12:00", "2026-12-31T11:00"),  # the year's end, early
        (Period.WEEK, "Europe/Berlin", "2026-01-01T12:00", "2026-01-04T23:00"),  # weeks begin on Mondays
        (Period.MINUTE, "Asia/Kolkata", "2026-05-05T18:29:00", "2026-05-05T18:30:00"),
    ],
)
async def test_a_window_ends_at_its_edge(
    store: Store, worker: Worker, period: Period, zone: str, first: str, edge: str
) -> None:
    """Who has used it up is refused until the last moment, told the edge itself, and answered from there on."""
    await once(store, period)
    asking = Asking(store, worker, zone)
    assert await asking.at(utc(first)) is None
    over = await asking.at(utc(edge) - MOMENT)
    assert over is not None
    assert over.resets_at == utc(edge)
    assert await asking.at(utc(edge)) is None
    assert await asking.at(utc(edge) + SECOND) is not None


@pytest.mark.parametrize(("period", "length"), [(Period.MINUTE, MINUTE), (Period.DAY, timedelta(days=1))])
async def test_a_sliding_window_gives_back_after_its_period(
    store: Store, worker: Worker, period: Period, length: timedelta
) -> None:
    """Not before the whole period has passed, and one slice later at most; zones and midnights are nothing to it."""
    await once(store, period, sliding=True)
    asking, first = Asking(store, worker), utc("2026-03-28T23:30")
    assert await asking.at(first) is None
    over = await asking.at(first + length - MOMENT)
    assert over is not None
    assert over.resets_at is not None
    assert first + length <= over.resets_at <= first + length + length / 60
    assert await asking.at(over.resets_at - MOMENT) is not None
    assert await asking.at(over.resets_at) is None


async def test_asked_before_midnight_and_ended_after(store: Store, worker: Worker) -> None:
    """An answer is on the day on which its model was asked."""
    await once(store, Period.DAY, amount=2)
    midnight, terms = utc("2026-05-05T22:00"), Terms(zone="Europe/Berlin")
    await accept(store, said(key=replace(KEY, thread="late")), at=midnight - SECOND)
    turn = await worker.claimed(at=midnight - SECOND)
    await store.reserve(turn, ASK, persona_id=None, terms=terms, now=midnight - SECOND)
    await store.finish(turn, Outcome(state=TurnState.DONE, text=""), (), now=midnight + SECOND)
    asking = Asking(store, worker)
    assert await asking.at(midnight - SECOND) is None
    assert await asking.at(midnight - SECOND) is not None
    assert await asking.at(midnight + SECOND) is None
    assert await asking.at(midnight + SECOND) is None
    assert await asking.at(midnight + SECOND) is not None


@pytest.mark.parametrize("sliding", [False, True])
async def test_a_limit_changed_in_the_middle(store: Store, worker: Worker, sliding: bool) -> None:
    """Lowered, raised, and away for a while: what was used in its window counts each time."""
    asking, noon = Asking(store, worker), utc("2026-05-05T12:00")
    await once(store, Period.DAY, amount=2, sliding=sliding)
    assert [await asking.at(noon) is None for _ in range(3)] == [True, True, False]
    await once(store, Period.DAY, amount=1, sliding=sliding)
    assert await asking.at(noon) is not None
    await once(store, Period.DAY, amount=3, sliding=sliding)
    assert [await asking.at(noon) is None for _ in range(2)] == [True, False]
    by = AuditEntry(at=noon, place=PLACE, actor=ANNA, action="quota.clear")
    await store.clear_limits(PLACE, EACH, measure=None, period=None, by=by)
    assert await asking.at(noon + MINUTE) is None
    await once(store, Period.DAY, amount=5, sliding=sliding)
    assert [await asking.at(noon + 2 * MINUTE) is None for _ in range(2)] == [True, False]


@pytest.mark.parametrize("sliding", [False, True])
async def test_a_clock_that_goes_back(store: Store, worker: Worker, sliding: bool) -> None:
    """Over an edge and on again: nobody gets more in a window for it."""
    await once(store, Period.HOUR, sliding=sliding)
    asking, edge = Asking(store, worker), utc("2026-05-05T12:00")
    assert await asking.at(edge - SECOND) is None
    if not sliding:
        assert await asking.at(edge + SECOND) is None
    assert await asking.at(edge - 2 * SECOND) is not None
    assert await asking.at(edge + 2 * SECOND) is not None


async def test_extra_lies_where_its_use_does(store: Store, worker: Worker) -> None:
    """Also after a clock went back behind a moment in which something was reserved and not used."""
    await once(store, Period.MINUTE, amount=1, sliding=True)
    by = AuditEntry(at=utc("2026-01-01"), place=PLACE, actor=ANNA, action="quota.grant")
    own = Subject(kind=SubjectKind.USER, id=ANNA.id)
    await store.grant(PLACE, own, Measure.REQUESTS, 2, until=utc("2027-01-01"), by=by)
    asking, noon = Asking(store, worker), utc("2026-05-05T12:00:10")
    await accept(store, said(by=ANNA, key=replace(KEY, thread="8.1")), at=noon)
    turn = await worker.claimed(at=noon)
    await store.reserve(turn, ASK, persona_id=None, terms=asking.terms, now=noon)
    await store.release(turn, now=noon)
    for _ in range(3):
        await asking.at(noon - SECOND)
    books = await Books.read(store._database)
    assert [row.extra <= row.used + row.reserved for row in books.counters.values()] == [True] * len(books.counters)
    assert any(row.extra for row in books.counters.values())
