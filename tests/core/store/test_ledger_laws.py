"""The ledger, whatever happens in whatever order: people ask, processes reserve, settle, hand over and die, admins set
and clear limits and grant, windows roll over and clocks go back. After every step the books balance (law 6).

What may be taken of a limit only ever grows by reserving, and then within it; what is settled fits into what was held,
so that nothing is overspent. The model keeps what each turn must be charged in the end, to the token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.audit import AuditEntry
from core.errors import LeaseLost
from core.incoming import Author
from core.privacy import Place
from core.quota.limit import Limit, Measure, Subject
from core.quota.reservation import Ask, OverQuota, Reserved
from core.store import Accepted, Store
from core.store.database import Database
from core.turn import Outcome, Turn, TurnState, Usage
from tests.core.store.books import Books, empty
from tests.core.store.ledger_scene import (
    BACK,
    CHANNELS,
    GRANTED,
    LEASE,
    PEOPLE,
    PLACE,
    ROOM,
    STARTS,
    TERMS,
    WAITS,
    Known,
    Model,
    limits,
)
from tests.core.store.scene import ANNA, KEY, said
from tests.core.store.test_ledger import PRICE

Result = TypeVar("Result")

EXAMPLES = {"sqlite": 15, "postgresql": 15}


class LedgerLaws(RuleBasedStateMachine):
    """Everything at random, on one database."""

    runner: asyncio.Runner
    stores: Sequence[Store]
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.run(empty(self.database))
        self.model = Model()
        self.now = STARTS[0]
        self.set_back = False
        self.before = self.books = self.run(Books.read(self.database))
        self.step = 0

    @property
    def store(self) -> Store:
        """Of one process or the other."""
        self.step += 1
        return self.stores[self.step % len(self.stores)]

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def entry(self) -> AuditEntry:
        return AuditEntry(at=self.now, place=PLACE, actor=ANNA, action="quota", allowed=True, subject="", details={})

    @initialize(start=st.sampled_from(STARTS), first=limits)
    def begin(self, start: datetime, first: Limit) -> None:
        """Some day, with some limit."""
        self.now = start
        self.set_limit(first)

    # ── what people and admins do ──

    @rule(by=st.sampled_from(PEOPLE), channel=st.sampled_from(CHANNELS), persona=st.sampled_from([None, 3]))
    def ask(self, by: Author, channel: str, persona: int | None) -> None:
        """Somebody asks, in a conversation of its own, and a process answers."""
        self.step += 1
        key = replace(KEY, channel=channel, thread=f"9.{self.step}")
        accepted = self.run(self.store.accept(said(by=by, key=key), tokens=1, now=self.now))
        assert isinstance(accepted, Accepted)
        self.model.turns[accepted.turn.id] = Known(persona=persona)
        self.look_for_work()

    @rule(limit=limits)
    def set_limit(self, limit: Limit) -> None:
        """New, or another amount for one that is there, in the middle of its window."""
        self.run(self.store.set_limit(PLACE, limit, by=self.entry()))

    @rule(data=st.data())
    def clear_limit(self, data: st.DataObject) -> None:
        """One that there is holds no longer."""
        if there := self.run(self.store.limits(PLACE)):
            gone = data.draw(st.sampled_from(there))
            cleared = self.store.clear_limits(
                PLACE, gone.subject, measure=gone.measure, period=gone.period, by=self.entry()
            )
            assert self.run(cleared)

    @rule(subject=st.sampled_from(GRANTED), measure=st.sampled_from(Measure), hours=st.sampled_from([1, 40]))
    def grant(self, subject: Subject, measure: Measure, hours: int) -> None:
        """Something extra, for a while."""
        until = self.now + timedelta(hours=hours)
        amount = ROOM[measure][-1] // 2
        self.run(self.store.grant(PLACE, subject, measure, amount, until=until, by=self.entry()))

    @rule(by=st.sampled_from(PEOPLE), channel=st.sampled_from(CHANNELS), data=st.data())
    def ask_and_answer(self, by: Author, channel: str, data: st.DataObject) -> None:
        """The whole way, as it mostly goes."""
        self.ask(by, channel, None)
        if self.owned():
            number = self.owned()[-1]
            asked = Ask(prompt_tokens=50, answer_most=120, answer_least=50, price=PRICE)
            self.reserved(number, asked, self.run(self._reserve(self.store, number, asked)))
            self.the_books_balance()
            if data.draw(st.booleans()):
                self.end(number, TurnState.DONE, _part(self.model.turns[number], data))

    # ── time ──

    @rule(passes=st.sampled_from(WAITS))
    def wait(self, passes: timedelta) -> None:
        """Windows roll over, leases and grants run out."""
        self.now += passes

    @rule(by=st.sampled_from(BACK))
    def clock_goes_back(self, by: timedelta) -> None:
        """As a machine's does when it is set."""
        self.now -= by
        self.set_back = True

    @rule()
    def purge(self) -> None:
        """Housekeeping takes what ended long ago."""
        self.run(self.store.purge_counters(before=self.now - timedelta(days=7)))

    # ── what processes do ──

    def claim(self) -> Turn | None:
        return self.run(self.store.claim([KEY.platform], "w1", now=self.now, until=self.now + LEASE))

    @rule()
    def look_for_work(self) -> None:
        """A turn that was handed over, or whose process died, has another owner."""
        turn = self.claim()
        if turn is not None:
            self.took(turn)

    def took(self, turn: Turn) -> None:
        known = self.model.turns[turn.id]
        if known.claim is not None:
            self.model.stale.append(known.claim)
        known.spent += known.prompt  # what the dead one had sent
        known.claim, known.prompt, known.answer = turn, 0, None

    def owned(self) -> list[int]:
        return [number for number, known in self.model.turns.items() if known.claim is not None]

    @precondition(lambda self: self.owned())
    @rule(data=st.data(), prompt=st.sampled_from([10, 90]), answer=st.sampled_from([60, 200]), priced=st.booleans())
    def reserve(self, data: st.DataObject, prompt: int, answer: int, priced: bool) -> None:
        """The model is to be asked, perhaps for a second time: what the first came to nothing with is not counted."""
        number = data.draw(st.sampled_from(self.owned()))
        asked = Ask(prompt_tokens=prompt, answer_most=answer, answer_least=50, price=PRICE if priced else None)
        self.reserved(number, asked, self.run(self._reserve(self.store, number, asked)))

    @precondition(lambda self: len(self.owned()) > 1)
    @rule(answer=st.sampled_from([60, 200]))
    def reserve_all_at_once(self, answer: int) -> None:
        """Several processes, side by side."""
        asked = Ask(prompt_tokens=40, answer_most=answer, answer_least=50, price=PRICE)

        async def all_at_once() -> list[tuple[int, Reserved | OverQuota]]:
            owned = self.owned()
            results = await asyncio.gather(*(self._reserve(self.store, number, asked) for number in owned))
            return list(zip(owned, results, strict=True))

        for number, result in self.run(all_at_once()):
            self.reserved(number, asked, result)

    async def _reserve(self, store: Store, number: int, asked: Ask) -> Reserved | OverQuota:
        known = self.model.turns[number]
        assert known.claim is not None
        return await store.reserve(known.claim, asked, persona_id=known.persona, terms=TERMS, now=self.now)

    def reserved(self, number: int, asked: Ask, result: Reserved | OverQuota) -> None:
        known = self.model.turns[number]
        assert known.claim is not None
        if isinstance(result, OverQuota):
            standing = result.standing
            assert result.unpriced or result.needed > standing.left
            known.prompt, known.answer = 0, None
            return
        assert asked.answer_least <= result.answer_most <= asked.answer_most
        known.prompt, known.answer, known.asked = asked.prompt_tokens, result.answer_most, True
        known.covered = frozenset(self.run(Books.read(self.database)).held_on(number))
        place = Place.of(known.claim.key)
        person = next(one for one in PEOPLE if one.id == known.claim.asker.id)
        for one in self.run(self.store.standings(place, person, persona_id=known.persona, terms=TERMS, now=self.now)):
            assert one.used + one.reserved <= one.limit.amount + one.extra, one

    @precondition(lambda self: self.owned())
    @rule(data=st.data(), state=st.sampled_from([TurnState.DONE, TurnState.FAILED, TurnState.CANCELLED]))
    def settle(self, data: st.DataObject, state: TurnState) -> None:
        """Done, failed or stopped; all of the answer was generated, or some, or the model was never asked."""
        number = data.draw(st.sampled_from(self.owned()))
        known = self.model.turns[number]
        self.end(number, state, _part(known, data))

    def end(self, number: int, state: TurnState, written: int) -> None:
        known = self.model.turns.pop(number)
        usage = Usage(prompt_tokens=known.prompt, completion_tokens=written, model="m")
        outcome = Outcome(state=state, text="", usage=usage, price=PRICE, persona_id=known.persona)
        assert known.claim is not None
        self.run(self.store.finish(known.claim, outcome, (), now=self.now))
        self.model.charges[number] = int(known.asked), known.spent + known.prompt + written

    @precondition(lambda self: self.owned())
    @rule(data=st.data(), goes_on=st.booleans())
    def hand_over(self, data: st.DataObject, goes_on: bool) -> None:
        """The process is told to end, or the question was edited; what was generated so far was used."""
        number = data.draw(st.sampled_from(self.owned()))
        known = self.model.turns[number]
        assert known.claim is not None
        used = Usage(prompt_tokens=known.prompt, completion_tokens=_part(known, data))
        if goes_on:
            self.run(self.store.set_aside(known.claim, used))
        else:
            self.run(self.store.release(known.claim, now=self.now, used=used))
            self.model.stale.append(known.claim)
            known.claim = None
        known.spent += used.prompt_tokens + used.completion_tokens
        known.prompt, known.answer = 0, None

    @precondition(lambda self: self.model.stale)
    @rule(data=st.data())
    def write_without_a_lease(self, data: st.DataObject) -> None:
        """A process that was thought dead wakes up: nothing that it wants to write is written."""
        turn = data.draw(st.sampled_from(self.model.stale))
        asked = Ask(prompt_tokens=1, answer_most=60, answer_least=50, price=None)
        with pytest.raises(LeaseLost):
            self.run(self.store.reserve(turn, asked, persona_id=None, terms=TERMS, now=self.now))
        with pytest.raises(LeaseLost):
            self.run(self.store.finish(turn, Outcome(state=TurnState.DONE, text=""), (), now=self.now))
        with pytest.raises(LeaseLost):
            self.run(self.store.set_aside(turn, Usage(prompt_tokens=5)))

    # ── the books ──

    @invariant()
    def the_books_balance(self) -> None:
        """After every step."""
        self.before, self.books = self.books, self.run(Books.read(self.database))
        self.books.check(self.now, set_back=self.set_back)
        self.accounts_are_as_known()
        self.settling_fits_into_what_was_held()
        self.what_is_used_is_held()

    def accounts_are_as_known(self) -> None:
        found = {number: (row.requests, row.tokens) for number, row in self.books.usage.items()}
        assert found == self.model.charges

    def what_is_used_is_held(self) -> None:
        """Until a turn ends, whatever it has used takes its room: refused, edited, handed over or dead."""
        for number, known in self.model.turns.items():
            used = {Measure.REQUESTS: int(known.asked), Measure.TOKENS: known.spent + known.prompt}
            for counter in known.covered & self.books.counters.keys():
                least = used.get(Measure(self.books.counters[counter].measure), 0)
                assert self.books.held(number, counter) >= least

    def settling_fits_into_what_was_held(self) -> None:
        """Where something was held for a turn, its end takes no more."""
        for number in self.books.usage.keys() - self.before.usage.keys():
            for counter in self.before.held_on(number) & self.books.counters.keys():
                assert self.books.excess(counter) <= self.before.excess(counter)

    def teardown(self) -> None:
        """However it went so far: a last process ends all that is left, and nothing is held any more."""
        self.now += timedelta(days=2)
        while (turn := self.claim()) is not None:
            self.took(turn)
            self.end(turn.id, TurnState.DONE, 0)
            self.the_books_balance()
        assert self.books.holds == []
        assert [row.reserved for row in self.books.counters.values() if row.reserved] == []


def _part(known: Known, data: st.DataObject) -> int:
    """So much of the answer was generated. Draws the same whatever may be: which of several turns that reserve at once
    comes first is for the database."""
    return (known.answer or 0) * data.draw(st.sampled_from([100, 0, 40])) // 100


def test_the_books_balance_whatever_happens(database_url: str, database_engine: str) -> None:
    """On SQLite and on PostgreSQL, with two stores as of two processes."""
    with asyncio.Runner() as runner:
        stores = [runner.run(Store.open(database_url)) for _ in range(2)]
        database = Database(database_url)
        here = type("Here", (LedgerLaws,), {"runner": runner, "stores": stores, "database": database})
        try:
            run_state_machine_as_test(
                here,
                settings=settings(
                    max_examples=EXAMPLES[database_engine],
                    stateful_step_count=40,
                    phases=[Phase.reuse, Phase.generate],  # shrinking takes minutes, and steps are easy to read
                    report_multiple_bugs=False,
                    deadline=None,
                ),
            )
        finally:
            for opened in stores:
                runner.run(opened.close())
            runner.run(database.close())
