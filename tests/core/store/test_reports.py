"""What was used, added up; and how limits stand: read from the accounts and counters, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.incoming import Author
from core.privacy import Kept, Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.price import Price
from core.quota.reservation import Ask, Reserved, Standing, Terms
from core.store import Store
from core.store.days import offsets
from core.store.reports import By, Extra, Total
from core.turn import Outcome, Turn, TurnState, Usage
from tests.core.store.scene import ANNA, BEN, KEY, NOW, Worker, accept, said

PLACE = Place.of(KEY).whole
HERE = Place.of(KEY.channel_key)
EACH = Subject(kind=SubjectKind.EACH_USER)
DAY = timedelta(days=1)
PRICE = Price(prompt=Decimal("1"), cached=None, completion=Decimal("2"))
"""In USD: a thousand nano-units a prompt token, two thousand a completion token."""
BERLIN = "Europe/Berlin"


def entry() -> AuditEntry:
    return AuditEntry(at=NOW, place=PLACE, actor=ANNA, action="quota.set")


def limit(amount: int, measure: Measure = Measure.TOKENS, *, sliding: bool = False, subject: Subject = EACH) -> Limit:
    return Limit(subject=subject, measure=measure, period=Period.DAY, amount=amount, sliding=sliding)


async def used(
    store: Store,
    usage: Usage,
    *,
    by: Author = ANNA,
    at: datetime = NOW,
    price: Price | None = None,
    key: ConversationKey = KEY,
    persona: int | None = None,
) -> Turn:
    """Somebody asked, and the model answered with that use."""
    await accept(store, said(by=by, key=key, sent_at=at), at=at)
    worker = Worker(store, "w1")
    turn = await worker.claimed(at=at)
    ask = Ask(prompt_tokens=10, answer_most=10, answer_least=1, price=price)
    assert isinstance(await store.reserve(turn, ask, persona_id=persona, terms=Terms(), now=at), Reserved)
    outcome = Outcome(
        state=TurnState.DONE, text="Yes.", usage=usage, price=price, persona_id=persona, persona_version=0
    )
    await store.finish(turn, outcome, (), now=at)
    return turn


async def totals(store: Store, by: By, **more: object) -> tuple[Total, ...]:
    span = {"since": NOW - 40 * DAY, "until": NOW + 40 * DAY} | more
    return await store.usage_totals(PLACE, by, **span)  # type: ignore[arg-type]  # a name decides its type


async def standing(store: Store, *, terms: Terms | None = None, now: datetime = NOW) -> Standing:
    """Of the only limit that holds for Anna."""
    (one,) = await store.standings(HERE, ANNA, persona_id=None, terms=terms or Terms(), now=now)
    return one


# ── totals ──


async def test_by_each_heading(store: Store) -> None:
    """The most first; prompt, cached and completion tokens apart; each workspace by itself."""
    await used(store, Usage(prompt_tokens=100, cached_tokens=40, completion_tokens=10, model="large"), persona=7)
    other = replace(KEY, channel="C2")
    await used(store, Usage(prompt_tokens=900, completion_tokens=50, model="small"), by=BEN, key=other)
    await used(store, Usage(prompt_tokens=5, model="small"), key=replace(KEY, workspace="T2"))
    for by, names in (
        (By.PERSON, ["U2", "U1"]),
        (By.CHANNEL, ["C2", "C1"]),
        (By.MODEL, ["small", "large"]),
        (By.PERSONA, ["", "7"]),
    ):
        first, second = await totals(store, by)
        assert [first.name, second.name] == names
        assert (first.requests, first.prompt_tokens, first.completion_tokens, first.tokens) == (1, 900, 50, 950)
        assert (second.prompt_tokens, second.cached_tokens, second.completion_tokens) == (100, 40, 10)
    assert [one.called for one in await totals(store, By.PERSON)] == [BEN.name, ANNA.name]
    assert [one.name for one in await totals(store, By.PERSON, limit=1)] == ["U2"]
    assert [one.name for one in await totals(store, By.CHANNEL, person="U1")] == ["C1"]
    assert await totals(store, By.DAY, until=NOW) == ()


async def test_the_newest_name_as_long_as_it_is_kept(store: Store) -> None:
    """People change their names; what was erased is not told here either."""
    await used(store, Usage(prompt_tokens=1))
    await used(store, Usage(prompt_tokens=1), by=replace(ANNA, name="Anna B."))
    (anna,) = await totals(store, By.PERSON)
    assert (anna.called, anna.requests) == ("Anna B.", 2)
    await store.purge(Kept.CONVERSATIONS, Place.of(KEY), before=NOW + DAY, limit=10)
    (anna,) = await totals(store, By.PERSON)
    assert (anna.name, anna.called, anna.requests) == ("U1", "", 2)


async def test_what_nobody_knows_the_cost_of_is_not_free(store: Store) -> None:
    """Unknown is counted beside what is known, and is never a zero."""
    usage = Usage(prompt_tokens=100, completion_tokens=10, model="m")
    await used(store, usage)
    (total,) = await totals(store, By.MODEL)
    assert (total.cost, total.unpriced) == (None, 1)
    await used(store, usage, price=PRICE)
    (total,) = await totals(store, By.MODEL)
    assert (total.cost, total.unpriced) == (120_000, 1)
    free = Price(prompt=Decimal(0), cached=None, completion=Decimal(0))
    await used(store, replace(usage, model="free"), price=free)
    assert [one.cost for one in await totals(store, By.MODEL)] == [120_000, 0]


async def test_each_currency_by_itself(store: Store) -> None:
    """A sum in one holds nothing of another: that is unknown in it."""
    usage = Usage(prompt_tokens=100, completion_tokens=10, model="m")
    await used(store, usage, price=PRICE)
    await used(store, usage, price=replace(PRICE, currency="EUR", prompt=Decimal("3")))
    (dollars,) = await totals(store, By.MODEL, currency="USD")
    (euros,) = await totals(store, By.MODEL, currency="EUR")
    (pounds,) = await totals(store, By.MODEL, currency="GBP")
    assert [(one.cost, one.unpriced) for one in (dollars, euros, pounds)] == [(120_000, 1), (320_000, 1), (None, 2)]


async def test_days_are_those_of_the_clocks_on_the_wall(store: Store) -> None:
    """Also where clocks are set within the time: on 29 March 2026 Berlin's went forward."""
    times = [
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC),  # 23:59 in Berlin
        datetime(2026, 3, 28, 23, 1, tzinfo=UTC),  # 0:01
        datetime(2026, 3, 29, 21, 59, tzinfo=UTC),  # 23:59, in summer time now
        datetime(2026, 3, 29, 22, 1, tzinfo=UTC),  # 0:01
    ]
    for at in times:
        await used(store, Usage(prompt_tokens=1), at=at)
    days = await totals(store, By.DAY, zone=BERLIN)
    assert [(one.name, one.requests) for one in days] == [("2026-03-28", 1), ("2026-03-29", 2), ("2026-03-30", 1)]
    assert [one.name for one in await totals(store, By.DAY)] == ["2026-03-28", "2026-03-29"]
    assert [one.name for one in await totals(store, By.DAY, zone="Pacific/Kiritimati")] == ["2026-03-29", "2026-03-30"]


@given(
    zone=st.sampled_from([BERLIN, "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
    ago=st.integers(min_value=0, max_value=10 * 365 * 86_400),
    days=st.integers(min_value=0, max_value=400),
    part=st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_offsets_give_each_instant_its_date(zone: str, ago: int, days: int, part: float) -> None:
    """The date that Python's own zones say, wherever in the time it lies."""
    since = NOW - timedelta(seconds=ago)
    until = since + timedelta(days=days)
    spells = list(offsets(ZoneInfo(zone), since, until))
    at = since + (until - since) * part
    _, offset = max(spell for spell in spells if spell[0] <= at)
    assert _date(at + offset) == _date(at.astimezone(ZoneInfo(zone)))
    for begins, offset in spells:
        assert begins.astimezone(ZoneInfo(zone)).utcoffset() == offset


def _date(at: datetime) -> date:
    return at.date()


# ── standings ──


@pytest.mark.parametrize("sliding", [False, True])
async def test_a_limit_stands_as_the_ledger_counts(store: Store, sliding: bool) -> None:
    """Whether or not a counter has begun, with what is held for turns in work; and reading begins none."""
    await used(store, Usage(prompt_tokens=100, completion_tokens=20))
    await store.set_limit(PLACE, limit(1_000, sliding=sliding), by=entry())
    before = await standing(store)
    assert (before.used, before.reserved, before.left) == (120, 0, 880)
    assert before == await standing(store)
    await accept(store, said(key=replace(KEY, thread="9.9")))
    turn = await Worker(store, "w2").claimed()
    ask = Ask(prompt_tokens=30, answer_most=70, answer_least=1, price=None)
    await store.reserve(turn, ask, persona_id=None, terms=Terms(), now=NOW)
    during = await standing(store)
    assert (during.used, during.reserved, during.left) == (120, 100, 780)
    assert during.resets_at == before.resets_at > NOW
    assert (await standing(store, now=NOW + 2 * DAY)).left == 1_000


async def test_reading_is_no_writing(store: Store) -> None:
    """A limit that is lowered after somebody looked counts from the accounts, as if nobody had."""
    await store.set_limit(PLACE, limit(1_000), by=entry())
    assert (await standing(store)).used == 0
    assert await store.purge_counters(before=NOW + 9 * DAY) == 0


async def test_what_was_on_a_grant_takes_no_room(store: Store) -> None:
    """As the ledger has it: a limit that is raised has all of its new room."""
    await store.set_limit(PLACE, limit(100), by=entry())
    anna = Subject(kind=SubjectKind.USER, id=ANNA.id)
    await store.grant(PLACE, anna, Measure.TOKENS, 500, until=NOW + DAY, by=entry())
    await accept(store, said())
    worker = Worker(store, "w1")
    turn = await worker.claimed()
    ask = Ask(prompt_tokens=100, answer_most=200, answer_least=1, price=None)
    assert isinstance(await store.reserve(turn, ask, persona_id=None, terms=Terms(), now=NOW), Reserved)
    usage = Usage(prompt_tokens=100, completion_tokens=200)
    await store.finish(turn, Outcome(state=TurnState.DONE, text="Yes.", usage=usage, persona_version=0), (), now=NOW)
    await store.set_limit(PLACE, limit(400), by=entry())
    stands = await standing(store)
    assert (stands.used, stands.left) == (300, 300)
    await accept(store, said())
    turn = await worker.claimed()
    wide = replace(ask, prompt_tokens=300, answer_most=500)
    reserved = await store.reserve(turn, wide, persona_id=None, terms=Terms(), now=NOW)
    assert isinstance(reserved, Reserved)
    assert (
        reserved.answer_most == 300
    )  # of the 300 that the limit leaves and the 300 of the grant, 300 are the prompt's


async def test_defaults_stand_where_nothing_is_set(store: Store) -> None:
    """An operator's limit is told like one of the workspace's, and gives way to it."""
    terms = Terms(limits=(limit(50),), zone=BERLIN)
    assert (await standing(store, terms=terms)).limit.amount == 50
    assert (await standing(store, terms=terms)).resets_at == datetime(2026, 3, 1, 23, tzinfo=UTC)
    await store.set_limit(PLACE, limit(70), by=entry())
    assert (await standing(store, terms=terms)).limit.amount == 70


async def test_extras(store: Store) -> None:
    """What is left of grants that concern the person, there; nobody else's, none that has expired."""
    soon, later = NOW + DAY, NOW + 2 * DAY
    for kind, number, until in (
        (SubjectKind.USER, ANNA.id, later),
        (SubjectKind.USER, BEN.id, later),
        (SubjectKind.CHANNEL, "C1", soon),
        (SubjectKind.CHANNEL, "C2", soon),
        (SubjectKind.WORKSPACE, "", NOW),
        (SubjectKind.PERSONA, "7", later),
    ):
        await store.grant(PLACE, Subject(kind=kind, id=number), Measure.TOKENS, 5, until=until, by=entry())

    def extra(kind: SubjectKind, until: datetime) -> Extra:
        return Extra(kind=kind, measure=Measure.TOKENS, left=5, expires_at=until)

    assert await store.extras(HERE, ANNA, persona_id=None, now=NOW) == (
        extra(SubjectKind.CHANNEL, soon),
        extra(SubjectKind.USER, later),
    )
    kinds = [one.kind for one in await store.extras(PLACE, ANNA, persona_id=7, now=NOW)]
    assert kinds == [SubjectKind.USER, SubjectKind.PERSONA]
