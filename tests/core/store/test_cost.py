"""What statements cost: each finds its rows by an index, however much else is stored (law 8)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.channel import ChannelSettings
from core.conversation import Platform
from core.incoming import Attachment
from core.notes import NoteScope
from core.privacy import Kept, Place, Reach
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.reservation import Ask, Terms
from core.store import Store
from core.store.database import Database
from core.store.reports import By
from core.store.tables import ConversationRow, NoteRow, TurnRow
from core.turn import Signal, Turn, Usage
from tests.core.store.scene import (
    BEN,
    DONE,
    KEY,
    LATER,
    MINUTE,
    NOW,
    POST,
    Worker,
    accept,
    assistant,
    deleted,
    edited,
    pressed,
    said,
)

Statement = tuple[str, Any]
PAST = 3_000
"""Turns that ended long ago."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database in which much has happened; PostgreSQL has counted it, as it does by itself in time."""
    opened = Database(database_url)
    async with opened.writing() as session:
        await _fill(session)
        if opened.engine.dialect.name == "postgresql":
            await session.execute(text("ANALYZE"))
    yield opened
    await opened.close()


async def _fill(session: AsyncSession) -> None:
    place = {"platform": "slack", "workspace": KEY.workspace, "channel": "C1"}
    row = {**place, "thread": KEY.thread, "created_at": NOW, "updated_at": NOW}
    conversation = (
        await session.execute(insert(ConversationRow).values(row).returning(ConversationRow.id))
    ).scalar_one()
    turn = {
        "conversation_id": conversation,
        "platform": "slack",
        "workspace": KEY.workspace,
        "channel": KEY.channel,
        "state": "done",
        "kind": "mention",
        "asker_id": "U1",
        "asker_name": "Anna",
        "target": {"key": str(KEY), "kind": "thread", "details": {}},
        "queued_at": NOW,
        "claimed_at": NOW,
        "finished_at": NOW,
    }
    await session.execute(insert(TurnRow), [{**turn, "seq": seq} for seq in range(1, PAST + 1)])
    note = {
        **place,
        "thread": "",
        "scope": "person",
        "slot": 0,
        "turn_id": 1,
        "author_name": "A",
        "text": "t",
        "at": NOW,
    }
    people = [f"P{number}" for number in range(PAST)]
    await session.execute(insert(NoteRow), [{**note, "owner_id": one, "author_id": one} for one in people])


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile."""
    statements: list[Statement] = []

    def record(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", record)


async def _everything(store: Store) -> None:
    """Each method once at least."""
    worker = Worker(store, "w1")
    file = Attachment(id="F1", name="a.txt", media_type="text/plain", size=1, url="")
    asked, other = said("one", attachments=(file,)), said("two", by=BEN)
    await accept(store, asked)
    await accept(store, other)
    await accept(store, said(key=replace(KEY, thread="new"), continues=POST.message))
    await store.amend(edited(asked, "changed"), tokens=5, now=NOW)
    turn = await worker.claimed()
    await store.asks(turn.id)
    await store.record_post(turn, 0, POST, now=NOW)
    await store.uncovered(turn, before_seq=turn.seq, room=100)
    await store.summarise(turn, "notes", through_seq=turn.seq - 1, tokens=1, now=NOW)
    await store.history(turn, room=100)
    await store.renew([turn.id], "w1", now=NOW, until=LATER)
    await store.signal(turn.id, KEY, Signal.RESTART, now=NOW)
    await store.signal_of(turn)
    await _spending(store, turn)
    await _remembering(store, turn)
    await _files(store, turn)
    await store.finish(turn, DONE, [assistant()], now=NOW)
    await store.retract(deleted(other), now=NOW)
    await store.again(turn.id, pressed(), now=NOW)
    await store.claim([Platform.SLACK], "w2", now=NOW, until=LATER)
    await store.claim([Platform.SLACK], "w1", now=LATER + MINUTE, until=LATER + 2 * MINUTE)
    await store.open_turns([Platform.SLACK])
    await store.open_turn(KEY)
    await store.answer(turn.id)
    await store.set_channel_settings(KEY, ChannelSettings(), now=NOW)
    await store.channel_settings(KEY)
    await store.purge_effects(before=LATER)
    await _keeping(store)


async def _remembering(store: Store, turn: Turn) -> None:
    """Notes for a person and a channel, and a search."""
    for scope in NoteScope:
        note = await store.keep_note(turn, scope, "a note", now=NOW)
    await store.notes(turn)
    await store.drop_note(turn, note.id)
    await store.search_messages(turn, ["word"], before_seq=turn.seq, limit=3)


async def _spending(store: Store, turn: Turn) -> None:
    """Limits of each kind, what is held for the turn, and a grant that is taken from."""
    place = Place.of(KEY)
    by = AuditEntry(at=NOW, place=place, actor=BEN, action="quota.set")
    each, anna = Subject(kind=SubjectKind.EACH_USER), Subject(kind=SubjectKind.USER, id=turn.asker.id)
    for sliding in (False, True):
        tokens = Limit(subject=each, measure=Measure.TOKENS, period=Period.HOUR, amount=50, sliding=sliding)
        await store.set_limit(place, tokens, by=by)
    await store.grant(place, anna, Measure.TOKENS, 500, until=LATER, by=by)
    await store.limits(place)
    ask = Ask(prompt_tokens=10, answer_most=100, answer_least=10, price=None)
    for _ in range(2):
        await store.reserve(turn, ask, persona_id=3, terms=Terms(), now=NOW)
    await store.standings(place, turn.asker, persona_id=3, terms=Terms(), now=NOW)
    await store.extras(place, turn.asker, persona_id=3, now=NOW)
    for heading in By:
        for person in (None, turn.asker.id):
            await store.usage_totals(
                place, heading, since=NOW, until=LATER, zone="Europe/Berlin", person=person, currency="USD"
            )
    await _linking(store, turn)
    await store.purge_counters(before=NOW)
    await store.clear_limits(place, anna, measure=Measure.COST, period=Period.DAY, by=by)


async def _linking(store: Store, turn: Turn) -> None:
    """A code is entered, wrong and right; limits are looked at for somebody who is linked; and it is undone."""
    place, by = Place.of(KEY).whole, AuditEntry(at=NOW, place=Place.of(KEY), actor=BEN, action="persona.preview")
    elsewhere = replace(place, workspace="T2")
    await store.charge(place, DONE, by=by)
    await store.show_link_code(place, BEN, "hash", now=NOW)
    for hashed in ("wrong", "hash"):
        await store.enter_link_code(elsewhere, BEN, hashed, now=NOW)
    await store.standings(place, BEN, persona_id=3, terms=Terms(), now=NOW)
    await store.extras(place, BEN, persona_id=3, now=NOW)
    await store.set_aside(turn, Usage(prompt_tokens=1))
    await store.unlink(elsewhere, BEN)
    await store.enter_link_code(elsewhere, BEN, "again", now=NOW)


async def _keeping(store: Store) -> None:
    """What is kept: ages, the log, what is given out and erased."""
    place = Place.of(KEY)
    by = AuditEntry(at=NOW, place=place, actor=BEN, action="retention.set")
    for where in (place, place.whole):
        await store.set_age(where, Kept.CONVERSATIONS, 9, by=replace(by, place=where), now=NOW)
        await store.audit(where, action="ret", actor=BEN.id)
    await store.conversation_number(KEY)
    for kept in Kept:
        await store.places_with(kept, after=place.whole, limit=2)
    for reach in _reaches(place, await store.conversation_number(KEY)):
        holdings = await store.holdings(reach)
        [_ async for _ in store.told(reach)]
        order = await store.order_erasure(reach, through=holdings.through, by=by, now=NOW)
        await store.erasures()
        await store.erase(order, now=NOW, limit=5)
    for kept in Kept:
        await store.purge(kept, place, before=LATER, limit=5)


def _reaches(place: Place, conversation: int | None) -> list[Reach]:
    nobody = Reach(place=place, person="U404")
    return [
        nobody,
        Reach(place=place.whole, person=BEN.id),
        Reach(place=place, person=BEN.id, conversation=conversation),
        Reach(place=place, person=None),
    ]


async def _files(store: Store, turn: Turn) -> None:
    """What was read of files, and older pictures."""
    for one in await store.enclosed(turn):
        await store.record_readings(turn, one.message, ())
    await store.pictures(turn, since=1, most=4)


async def test_every_statement_finds_its_rows_by_an_index(database: Database, database_engine: str) -> None:
    """No table is read from end to end, whichever method is called."""
    with recorded() as statements:
        await _everything(Store(database))
    planned = [one for one in statements if re.match(r"SELECT .*\sFROM|UPDATE|DELETE|WITH", one[0], re.DOTALL)]
    assert len(planned) > 40
    explain = _sqlite_scans if database_engine == "sqlite" else _postgresql_scans
    for statement, parameters in planned:
        assert await explain(database, statement, parameters) == [], statement


async def _sqlite_scans(database: Database, statement: str, parameters: Any) -> list[str]:
    plan = await _plan(database, f"EXPLAIN QUERY PLAN {statement}", parameters)
    steps = [row[3] for row in plan]
    # A scan of an index of open turns alone is what these indexes are for; orders to erase are gone when done, and
    # the oldest are read by their key; the others are results of our own.
    ours = r"ix_turns_open|SCAN (places|erasures|near|everywhere|anon_\d+)"
    return [step for step in steps if step.startswith("SCAN") and not re.search(ours, step)]


async def _postgresql_scans(database: Database, statement: str, parameters: Any) -> list[str]:
    plan = await _plan(database, f"EXPLAIN {statement}", parameters)
    # Tables with a page or two are read whole whatever indexes they have, unless that is forbidden.
    return [row[0] for row in plan if "Seq Scan" in row[0]]


async def _plan(database: Database, statement: str, parameters: Any) -> list[Any]:
    parameters = parameters[0] if isinstance(parameters, list) else parameters  # the same statement for several rows
    async with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET enable_seqscan = off"))
        return list((await connection.exec_driver_sql(statement, parameters)).all())


BY_OPEN_TURNS = r"ix_turns_open|PRIMARY KEY|pk_turns|COVERING INDEX ix_turns_claimed|Only Scan.* using ix_turns_claimed"
"""How a claim may reach turns: open ones, the one it has chosen, and (in the index itself) a workspace's last claim."""


async def test_claim_reads_open_turns_only(database: Database, database_engine: str) -> None:
    """With thousands of ended turns beside them, the planner itself goes by the indexes of open ones."""
    store = Store(database)
    await accept(store, said())
    with recorded() as statements:
        await Worker(store, "w1").claimed()
    (claim,) = [one for one in statements if "UPDATE turns" in one[0]]
    explain = "EXPLAIN QUERY PLAN" if database_engine == "sqlite" else "EXPLAIN"
    async with database.engine.connect() as connection:
        plan = (await connection.exec_driver_sql(f"{explain} {claim[0]}", claim[1])).all()
    reads = [row[-1] for row in plan if re.search(r"(SEARCH|SCAN|Scan.* on) turns", row[-1])]
    assert len(reads) >= 4
    assert [read for read in reads if not re.search(BY_OPEN_TURNS, read)] == []


async def test_the_owner_of_a_lease_reads_its_turn_alone(database: Database, database_engine: str) -> None:
    """However many turns are live, or were since the last vacuum, a lease is looked up by its turn's id."""
    store = Store(database)
    await accept(store, said())
    worker = Worker(store, "w1")
    turn = await worker.claimed()
    with recorded() as statements:
        await store.record_post(turn, 0, POST, now=NOW)
        await store.renew([turn.id], "w1", now=NOW, until=LATER)
        await store.signal_of(turn)
        await store.finish(turn, DONE, [assistant()], now=NOW)
    looked_up = [one for one in statements if "lease_owner = " in one[0].partition("WHERE")[2]]
    assert len(looked_up) == 5
    explain = "EXPLAIN QUERY PLAN" if database_engine == "sqlite" else "EXPLAIN"
    for statement, parameters in looked_up:
        plan = [row[-1] for row in await _plan(database, f"{explain} {statement}", parameters)]
        assert [step for step in plan if "turns" in step and re.search(r"uq_turns|ix_turns|SCAN", step)] == [], plan
        assert any(re.search(r"pk_turns|PRIMARY KEY", step) for step in plan), plan


BY_PERSON = (
    r"ix_turns_asker|ix_messages_author|PRIMARY KEY|pk_turns|ix_messages_turn_id|ix_turns_open|turns_conversation"
    r"|ix_notes_author"
)
"""How what is a person's may be reached: by the person, and from there by ids."""


async def test_forgetting_reads_what_is_the_persons_only(database: Database, database_engine: str) -> None:
    """However much others have said in the same conversation, the planner itself goes by the person."""
    store = Store(database)
    await accept(store, said(by=BEN))
    place = Place.of(KEY)
    by = AuditEntry(at=NOW, place=place, actor=BEN, action="forget.here")
    reaches = [
        Reach(place=place, person=BEN.id),
        Reach(place=place.whole, person=BEN.id),
        Reach(place=place, person=BEN.id, conversation=await store.conversation_number(KEY)),
    ]
    with recorded() as statements:
        for reach in reaches:
            holdings = await store.holdings(reach)
            order = await store.order_erasure(reach, through=holdings.through, by=by, now=NOW)
            await store.erase(order, now=NOW)
    explain = "EXPLAIN QUERY PLAN" if database_engine == "sqlite" else "EXPLAIN"
    about = [one for one in statements if re.search("asker_id = |author_id = ", one[0])]
    assert len(about) >= 9
    async with database.engine.connect() as connection:
        if database_engine == "postgresql":
            await connection.execute(text("SET enable_seqscan = off"))  # which it prefers for a table without rows
        for statement, parameters in about:
            plan = (await connection.exec_driver_sql(f"{explain} {statement}", parameters)).all()
            reads = [row[-1] for row in plan if re.search(r"(SEARCH|SCAN|Scan.* on) (turns|messages|notes)", row[-1])]
            assert reads
            assert [read for read in reads if not re.search(BY_PERSON, read)] == [], statement


async def test_a_purge_reads_what_is_due_only(database: Database, database_engine: str) -> None:
    """Thousands of turns that are not old yet are not looked at."""
    store, place = Store(database), Place.of(KEY)
    with recorded() as statements:
        assert await store.purge(Kept.CONVERSATIONS, place, before=NOW) == 0
        assert [due.place for due in await store.places_with(Kept.CONVERSATIONS, after=None)] == [place]
    explain = "EXPLAIN QUERY PLAN" if database_engine == "sqlite" else "EXPLAIN"
    about = [one for one in statements if "finished_at" in one[0]]
    assert len(about) == 3
    async with database.engine.connect() as connection:
        for statement, parameters in about:
            plan = (await connection.exec_driver_sql(f"{explain} {statement}", parameters)).all()
            reads = [row[-1] for row in plan if re.search(r"(SEARCH|SCAN|Scan.*) .*turns", row[-1])]
            assert all("ix_turns_place" in read for read in reads), plan
