"""Limits as people meet them: who is refused is told in private, and whatever was used is charged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from core import endings
from core.audit import AuditEntry
from core.errors import ModelBusy
from core.incoming import IncomingKind
from core.ports import Finished, FinishReason, TextDelta
from core.privacy import Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.price import Price
from core.scheduling import EditBudget
from core.spending import Spending
from core.store import Store
from core.store.database import Database
from core.store.shedding import Bounds
from core.store.tables import QuotaCounterRow, QuotaHoldRow, UsageRow
from core.turn import Usage
from tests.core.engine.conftest import ADMIN, ANN, PERSONA, THREAD, House
from tests.core.engine.processes import Process, eventually, up
from tests.core.engine.test_compaction import NotingModel, talk, talking
from tests.doubles import FastClock, LetterCounter, RecordingSurface, Script, says

PLACE = Place.of(THREAD).whole
EACH = Subject(kind=SubjectKind.EACH_USER)
COUNTER = LetterCounter()
STOP = FinishReason.STOP
PRICE = Price(prompt=Decimal(1), cached=None, completion=Decimal(2), source="a test")


class ListedPrices:
    """The price of one model is known."""

    async def learn(self, models: Iterable[str]) -> None:
        return None

    def of(self, model: str, at: datetime) -> Price | None:
        return PRICE if model == "tiny" else None


async def limited(house: House, amount: int, measure: Measure = Measure.REQUESTS) -> None:
    """An admin allows each user so much a day."""
    limit = Limit(subject=EACH, measure=measure, period=Period.DAY, amount=amount)
    by = AuditEntry(at=house.clock.now(), place=PLACE, actor=ADMIN, action="quota.set")
    await house.store.set_limit(PLACE, limit, by=by)


async def accounts(url: str) -> list[UsageRow]:
    """Each ended turn's use."""
    database = Database(url)
    async with database.reading() as session:
        found = list((await session.execute(select(UsageRow).order_by(UsageRow.turn_id))).scalars())
        assert list((await session.execute(select(QuotaHoldRow))).scalars()) == []
    await database.close()
    return found


async def counted(url: str) -> list[tuple[int, int]]:
    """Used and reserved, of each counter."""
    database = Database(url)
    async with database.reading() as session:
        rows = (await session.execute(select(QuotaCounterRow))).scalars()
        found = [(row.used, row.reserved) for row in rows]
    await database.close()
    return found


async def test_who_is_over_the_limit_is_told_in_private(store: Store) -> None:
    """Which limit, and when it begins anew; nobody else sees anything, and the model is not asked."""
    async with up(Process(store)) as house:
        await limited(house, 1)
        await house.say("one")
        await house.ended()
        await house.say("two", key=replace(THREAD, thread="9.9"))
        await house.idle()
    ((person, text),) = house.surface.whispers
    assert person == ANN.id
    assert text.startswith("The limit of 1 request a day for each user is reached. It begins anew")
    assert len(house.model.requests) == 1
    assert len(house.surface.visible) == 1


async def test_little_left_is_told_in_private(house: House) -> None:
    """Once four fifths are used, beside the answer."""
    await limited(house, 5)
    for number in range(5):
        await house.say("one", key=replace(THREAD, thread=f"9.{number}"))
        await house.ended(number + 1)
    ((person, text),) = house.surface.whispers
    assert person == ANN.id
    assert text.startswith("80 % of the limit of 5 requests a day for each user is used")


async def test_two_hundred_at_once_and_thirty_seven_allowed(database_url: str) -> None:
    """Just as many run, each of the others is told why, and the ledger balances."""
    store = await Store.open(database_url, bounds=Bounds.of(100_000))
    keys = [replace(THREAD, thread=f"9.{number}", channel=f"C{number % 20}") for number in range(200)]
    async with up(Process(store)) as house:
        await limited(house, 37)
        await asyncio.gather(*(house.say("hi", key=key) for key in keys))
        await house.idle()
    await store.close()
    refusals = [text for _, text in house.surface.whispers if "is reached" in text]
    assert (len(house.model.requests), len(house.surface.visible), len(refusals)) == (37, 37, 200 - 37)
    assert await counted(database_url) == [(37, 0)]
    assert sum(row.requests for row in await accounts(database_url)) == 37


async def test_the_model_is_told_how_long_its_answer_may_be(house: House) -> None:
    """Where tokens are limited; elsewhere it may go on as its persona allows."""
    await house.say("one")
    await house.ended()
    await limited(house, 400, Measure.TOKENS)
    await house.say("two", key=replace(THREAD, thread="9.9"))
    await house.ended(2)
    first, second = [request.parameters.max_tokens for request in house.model.requests]
    assert first is None
    assert second is not None
    assert 200 <= second < 400


async def test_a_stopped_answer_is_charged(house: House, database_url: str) -> None:
    """For its prompt, and for what was generated."""
    house.play(Script(steps=[TextDelta(text="Half an"), asyncio.Event()]))
    await house.say("one")
    await house.surface.wait_for(lambda: any("Half" in draft.text for draft in house.surface.visible))
    await house.press("stop", house.surface.visible[0].turn)
    await house.surface.wait_for(lambda: house.surface.visible[0].notice == endings.STOPPED)
    await house.idle()
    (account,) = await accounts(database_url)
    assert account.estimated
    assert account.completion_tokens == COUNTER.count("Half an")
    assert account.prompt_tokens > COUNTER.count("Be brief.")


async def test_a_question_that_was_edited_is_charged_twice(house: House, database_url: str) -> None:
    """What the model had begun is not forgotten."""
    house.play(Script(steps=[TextDelta(text="About cats"), asyncio.Event()]), says("About dogs"))
    first = await house.say("cats?")
    await house.surface.wait_for(lambda: any("cats" in draft.text for draft in house.surface.visible))
    await house.reception.receive(
        replace(first, kind=IncomingKind.EDIT, event_id=f"{first.event_id}:edit", text="dogs?")
    )
    await house.surface.wait_for(lambda: house.surface.visible[-1].text == "About dogs")
    await house.ended()
    (account,) = await accounts(database_url)
    assert account.completion_tokens == COUNTER.count("About cats") + COUNTER.count("About dogs")


async def test_a_model_that_fails_is_asked_for_nothing(house: House, database_url: str) -> None:
    """The request counts, its prompt is charged as sent, and nothing stays reserved."""
    await limited(house, 1_000, Measure.TOKENS)
    house.play(Script(steps=[ModelBusy()]))
    await house.say("one")
    await house.ended()
    (account,) = await accounts(database_url)
    assert (account.requests, account.completion_tokens) == (1, 0)
    assert await counted(database_url) == [(account.tokens, 0)]


@pytest.mark.parametrize("model", ["tiny", "unknown"])
async def test_costs(store: Store, database_url: str, model: str) -> None:
    """Charged at the price that was asked for; a model that nobody knows the price of has no cost, not none."""
    clock = FastClock()
    purse = Spending(store=store, clock=clock, prices=ListedPrices())
    house = House(store, clock=clock, persona=replace(PERSONA, model=model), purse=purse)
    usage = Usage(prompt_tokens=1_000, completion_tokens=500, model="tiny-2026")
    house.play(Script(steps=[TextDelta(text="Yes."), Finished(reason=STOP, usage=usage)]))
    house.start()
    await house.say("one")
    await house.ended()
    await house.stop()
    (account,) = await accounts(database_url)
    if model == "tiny":
        assert account.cost == 1_000 * 1_000 + 500 * 2_000
        assert account.price is not None
        assert account.price["source"] == "a test"
    else:
        assert (account.cost, account.price, account.tokens) == (None, None, 1_500)


async def test_where_costs_are_limited_a_model_without_a_price_is_not_asked(house: House) -> None:
    """And the asker reads who can do something about it."""
    await limited(house, 10**9, Measure.COST)
    await house.say("one")
    await house.idle()
    ((_, text),) = house.surface.whispers
    assert "nobody knows what the model tiny costs" in text
    assert "An admin" in text
    assert house.model.requests == []


async def test_an_answer_that_waits_for_its_last_edit_is_handed_over(store: Store, database_url: str) -> None:
    """Going down, a process does not wait for a platform; what it used is charged to the turn all the same."""
    slow = RecordingSurface(budget=EditBudget(name="slow", burst=1, interval=1_000_000.0))
    process, going_on = Process(store, surface=slow), asyncio.Event()
    process.play(Script(steps=[TextDelta(text="Half"), going_on, TextDelta(text=" a loaf"), Finished(reason=STOP)]))
    async with up(process):
        await process.say("one")
        await slow.wait_for(lambda: bool(slow.visible))
        going_on.set()
        (work,) = process.worker.tasks
        await eventually(_written(process))
    assert work.done()
    other = Process(store, surface=slow, clock=process.clock, owner="other")
    other.play(says("All of it."))
    async with up(other):
        await slow.wait_for(lambda: slow.visible[0].text == "All of it.")
        await other.idle()
    assert len(slow.visible) == 1
    (account,) = await accounts(database_url)
    assert account.completion_tokens == COUNTER.count("Half a loaf") + COUNTER.count("All of it.")


def _written(process: Process) -> Callable[[], Awaitable[bool]]:
    """Whether the model has said all that it has to say."""

    async def said() -> bool:
        return process.model.finished == 1

    return said


async def test_nobody_gets_beyond_a_limit_by_editing(house: House, database_url: str) -> None:
    """What was generated for the question as it first stood takes its room: the new answer gets what is left."""
    await limited(house, 500, Measure.TOKENS)
    house.play(Script(steps=[TextDelta(text="About cats. " * 60), asyncio.Event()]), says("About dogs"))
    first = await house.say("cats?")
    await house.surface.wait_for(lambda: any("cats" in draft.text for draft in house.surface.visible))
    await house.reception.receive(
        replace(first, kind=IncomingKind.EDIT, event_id=f"{first.event_id}:edit", text="dogs?")
    )
    await house.surface.wait_for(lambda: house.surface.visible[-1].text == "About dogs")
    await house.ended()
    one, two = [request.parameters.max_tokens for request in house.model.requests]
    assert one is not None
    assert two is not None
    assert two < one - COUNTER.count("About cats. " * 59)
    (account,) = await accounts(database_url)
    assert await counted(database_url) == [(account.tokens, 0)]
    assert account.tokens <= 500


async def test_a_summary_is_charged_also_where_its_answer_is_refused(store: Store, database_url: str) -> None:
    """Somebody paid for it; that there is no answer does not make it unsaid."""
    async with talking(store, NotingModel()) as house:
        await talk(house, [700, 700, 700])
        assert isinstance(house.model, NotingModel)
        told = len(house.model.summaries)
        await limited(house, 0)
        await house.say("q4 ".ljust(1_500, "x"))
        await house.idle()
        assert len(house.model.answers) == 3
        assert len(house.model.summaries) == told + 1
    *_, refused = await accounts(database_url)
    assert (refused.requests, refused.estimated) == (0, True)
    assert refused.prompt_tokens > COUNTER.count("x" * 700)
    assert refused.completion_tokens >= COUNTER.count("- noted")
