"""Too many wait already: whoever comes last is told so, and nothing of the message is kept but that it came."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.conversation import ConversationKey, Platform
from core.incoming import Author, Incoming, IncomingKind
from core.store import Accepted, Duplicate, NotOurs, Shed, Store, Whose
from core.store.database import Database
from core.store.shedding import BOUNDS, Bounds
from tests.core.store.scene import ANNA, BEN, KEY, NOW, Worker, accept, said
from tests.core.store.test_cost import recorded

FEW = Bounds(in_all=6, of_workspace=4, of_person=2)


@pytest.fixture
async def narrow(database_url: str) -> AsyncIterator[Store]:
    """A store in which few may wait."""
    opened = await Store.open(database_url, bounds=FEW)
    yield opened
    await opened.close()


def thread(number: int, *, workspace: str = KEY.workspace, platform: Platform = Platform.SLACK) -> ConversationKey:
    """A conversation of its own."""
    return replace(KEY, thread=f"t{number}", workspace=workspace, platform=platform)


def person(number: int) -> Author:
    """Somebody of many."""
    return Author(id=f"P{number}", name=f"Person {number}")


async def took(store: Store, incoming: Incoming) -> Accepted | Duplicate | NotOurs | Shed:
    """What becomes of it."""
    return await store.accept(incoming, tokens=1, now=NOW)


async def test_a_person_has_so_many_waiting(narrow: Store) -> None:
    """The third question of one person is shed, another person's is not, and in another workspace all is open."""
    for number in range(2):
        await accept(narrow, said(key=thread(number)))
    assert await took(narrow, said(key=thread(2))) == Shed(waiting=2, whose=Whose.PERSON)
    assert isinstance(await took(narrow, said(key=thread(2), by=BEN)), Accepted)
    assert isinstance(await took(narrow, said(key=thread(2, workspace="T2"))), Accepted)


async def test_a_workspace_has_so_many_waiting(narrow: Store) -> None:
    """However many people ask, one workspace does not fill the queue of all."""
    for number in range(4):
        await accept(narrow, said(key=thread(number), by=person(number)))
    assert await took(narrow, said(key=thread(9))) == Shed(waiting=4, whose=Whose.WORKSPACE)
    assert isinstance(await took(narrow, said(key=thread(9, workspace="T2"))), Accepted)


async def test_a_platform_has_so_many_waiting(narrow: Store) -> None:
    """Beyond that nobody's question waits there, whatever their workspace; the other platform has its own queue."""
    for number in range(6):
        await accept(narrow, said(key=thread(number, workspace=f"W{number}"), by=person(number)))
    assert await took(narrow, said(key=thread(9))) == Shed(waiting=6, whose=Whose.EVERYBODY)
    assert isinstance(await took(narrow, said(key=thread(9, platform=Platform.DISCORD))), Accepted)


async def test_what_is_shed_leaves_one_trace(narrow: Store) -> None:
    """Delivered again it is a duplicate, so nobody is told twice; no conversation has begun, so talk in the thread is
    none of ours."""
    for number in range(2):
        await accept(narrow, said(key=thread(number)))
    late = said(key=thread(2))
    assert isinstance(await took(narrow, late), Shed)
    assert await took(narrow, late) == Duplicate()
    assert await narrow.conversation_number(late.key) is None
    assert await took(narrow, said(key=thread(2), by=BEN, kind=IncomingKind.FOLLOW_UP)) == NotOurs()
    assert (await narrow.open_turns([Platform.SLACK])).queued == 2


async def test_joining_is_never_shed(narrow: Store) -> None:
    """Who goes on writing to a question that waits adds no turn."""
    for number in range(2):
        await accept(narrow, said(key=thread(number)))
    assert (await accept(narrow, said("and one more thing", key=thread(1)))).joined


async def test_a_follow_up_is_shed_too(narrow: Store) -> None:
    """In a conversation that has been answered, a further question is a turn like any other."""
    worker = Worker(narrow, "w1")
    await accept(narrow, said(key=thread(0)))
    await worker.answer()
    for number in (1, 2):
        await accept(narrow, said(key=thread(number)))
    follow_up = said(key=thread(0), kind=IncomingKind.FOLLOW_UP)
    assert await took(narrow, follow_up) == Shed(waiting=2, whose=Whose.PERSON)
    assert await took(narrow, follow_up) == Duplicate()


async def test_what_is_being_answered_does_not_wait(narrow: Store) -> None:
    """Somebody whose questions are being answered may ask as many more."""
    worker = Worker(narrow, "w1")
    for number in range(2):
        await accept(narrow, said(key=thread(number)))
    assert isinstance(await took(narrow, said(key=thread(2))), Shed)
    await worker.claimed()
    assert isinstance(await took(narrow, said(key=thread(3))), Accepted)
    assert isinstance(await took(narrow, said(key=thread(4))), Shed)


async def test_a_crowd_at_once(narrow: Store) -> None:
    """Those who come at the same moment may pass the bound by as many as are stored at once, and all come to an end."""
    results = await asyncio.gather(*(took(narrow, said(key=thread(n), by=person(n))) for n in range(60)))
    accepted = sum(isinstance(result, Accepted) for result in results)
    assert 4 <= accepted < 60
    assert sum(isinstance(result, Shed) for result in results) == 60 - accepted
    assert isinstance(await took(narrow, said(key=thread(99))), Shed)


def test_the_bounds_go_together() -> None:
    """One number sets all three, and nobody is shut out however small it is."""
    assert Bounds.of(2_000) == BOUNDS == Bounds(in_all=2_000, of_workspace=500, of_person=20)
    assert Bounds.of(100) == Bounds(in_all=100, of_workspace=25, of_person=5)


async def test_counting_is_bounded(database_url: str, database_engine: str) -> None:
    """With a long queue in one workspace, both counts go by the index of open turns and stop at their bounds."""
    store = await Store.open(database_url, bounds=Bounds(in_all=10_000, of_workspace=10_000, of_person=10_000))
    for number in range(30):
        await accept(store, said(key=thread(number)), at=NOW + timedelta(seconds=number))
    await store.close()
    database = Database(database_url)
    with recorded() as statements:
        assert isinstance(await took(Store(database, bounds=FEW), said(key=thread(99), by=ANNA)), Shed)
    (count,) = [one for one in statements if "everywhere" in one[0]]
    assert len(re.findall("LIMIT", count[0])) == 2
    explain = "EXPLAIN QUERY PLAN" if database_engine == "sqlite" else "EXPLAIN ANALYZE"
    async with database.engine.connect() as connection:
        if database_engine == "postgresql":
            for plain in ("seqscan", "bitmapscan"):  # which it prefers for a table of one page
                await connection.exec_driver_sql(f"SET enable_{plain} = off")
        plan = [row[-1] for row in (await connection.exec_driver_sql(f"{explain} {count[0]}", count[1])).all()]
    await database.close()
    reads = [step for step in plan if re.search(r"(SEARCH|SCAN|Scan.* on) turns", step)]
    assert len(reads) == 2
    assert all("ix_turns_open" in step for step in reads), plan
    if database_engine == "postgresql":
        assert sorted(int(found) for step in reads for found in re.findall(r"rows=(\d+)[ .\d]* loops", step)) == [4, 6]
