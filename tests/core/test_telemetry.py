"""What core tells operators: the lag of answers, where turns go, and how long the store takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import Accounts, claim_of, effect_of
from core.errors import LeaseLost, SurfaceUnavailable
from core.lag import Lag
from core.ports import Ending, SurfaceLimits
from core.store import Store
from core.telemetry import (
    Asking,
    Claim,
    Claimed,
    Effect,
    Ended,
    Event,
    FirstShown,
    Lagged,
    ModelCall,
    Silent,
    StoreCall,
    Work,
)
from core.turn import Lease, Outcome, TurnState
from tests.core.replies import Scene, pass_time, scene, turn
from tests.core.store.scene import LATER, NOW, Worker, accept, deleted, edited, said
from tests.doubles import START, ManualClock


class Listening(Silent):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.works: list[tuple[Work, str]] = []

    def happened(self, event: Event) -> None:
        self.events.append(event)

    @contextmanager
    def _ended(self, work: Work) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.works.append((work, type(error).__name__))
            raise
        self.works.append((work, "ok"))

    def during(self, work: Work) -> AbstractContextManager[None]:
        return self._ended(work)


# ── lag ──


def test_lag_is_a_mean_over_characters() -> None:
    """Three characters seen after 2 s and one after 1 s have a lag of 1.75 s."""
    lag = Lag()
    lag.wrote(3, 10.0)
    lag.wrote(1, 11.0)
    lag.saw(4, 12.0)
    assert lag.mean == pytest.approx(1.75)
    assert lag.first_seen == 12.0


def test_part_of_a_piece() -> None:
    """A write may end in the middle of a piece; the rest waits on."""
    lag = Lag()
    lag.wrote(10, 0.0)
    lag.saw(4, 1.0)
    assert lag.mean == pytest.approx(1.0)
    lag.saw(10, 2.0)
    assert lag.mean == pytest.approx((4 * 1 + 6 * 2) / 10)


def test_what_gathered_while_nobody_read() -> None:
    """A second of text that gathered and is read and shown at once has waited half a second; what is read later, or
    while the rest still goes on because nobody took it, came when it was read."""
    lag = Lag()
    lag.wrote(1, 1.0)
    lag.resting(1.0, 1.0)
    lag.wrote(8, 2.001)
    lag.wrote(2, 2.5)
    lag.resting(1.0, 2.5)
    lag.wrote(1, 2.6)
    lag.saw(12, 3.0)
    assert lag.mean == pytest.approx((1 * 2.0 + 8 * 1.5 + 2 * 0.5 + 1 * 0.4) / 12)


def test_nothing_seen() -> None:
    """An answer that nobody saw has no lag."""
    lag = Lag()
    lag.wrote(5, 0.0)
    assert lag.mean is None
    assert lag.first_seen is None


def test_seen_again() -> None:
    """What was seen before and is posted anew counts once."""
    lag = Lag()
    lag.wrote(5, 0.0)
    lag.saw(5, 1.0)
    lag.saw(2, 9.0)
    lag.saw(5, 10.0)
    assert lag.mean == pytest.approx(1.0)


def test_restart_counts_the_new_answer() -> None:
    """Of an answer that began anew only the last text counts, but the first text was seen when it was."""
    lag = Lag()
    lag.wrote(5, 0.0)
    lag.saw(5, 1.0)
    lag.restarted()
    lag.wrote(2, 5.0)
    lag.saw(2, 8.0)
    assert lag.mean == pytest.approx(3.0)
    assert lag.first_seen == 1.0


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.floats(0, 5), st.booleans(), st.integers(0, 200)), min_size=1, max_size=40
    )
)
def test_lag_by_character(steps: list[tuple[int, float, bool, int]]) -> None:
    """The sums say what a list of every character would."""
    lag, now = Lag(), 0.0
    came: list[float] = []
    seen: list[float] = []
    for characters, passed, write, through in steps:
        now += passed
        lag.wrote(characters, now)
        came += [now] * characters
        if write:
            lag.saw(through, now)
            seen += [now] * (min(through, len(came)) - len(seen))
    expected = sum(s - c for s, c in zip(seen, came, strict=False)) / len(seen) if seen else None
    assert lag.mean == (None if expected is None else pytest.approx(expected, abs=1e-6))


async def test_lag_of_a_reply() -> None:
    """A reply measures from the piece's coming to the return of the write that shows it, over several messages."""
    stage = scene(length=300)
    reply = stage.reply()
    reply.add("Hello. ")
    await pass_time(stage.clock, 0.0)
    assert reply.lag.mean == pytest.approx(0.0)
    await pass_time(stage.clock, 2.0)
    reply.add("word " * 200)
    await reply.finish(Ending())
    assert len(stage.texts) > 1
    assert reply.lag.mean == pytest.approx(0.0)
    assert reply.lag.first_seen == 0.0


async def test_lag_of_a_slow_platform() -> None:
    """Text that waits while a failed write is tried again is late by that time, and a placeholder is no text."""
    stage: Scene = scene()
    stage.surface.failures.append(SurfaceUnavailable("away"))
    reply = stage.reply()
    reply.add("  ")
    await pass_time(stage.clock, 5.0)
    assert reply.lag.first_seen is None
    reply.add("Hello there")
    await pass_time(stage.clock, 3.0)
    await pass_time(stage.clock, 3.0)
    await reply.finish(Ending())
    assert reply.lag.mean is not None
    assert 0 < reply.lag.mean < 12
    assert reply.lag.first_seen is not None


async def test_growing_messages_have_a_lag() -> None:
    """Blanks that a growing message leaves out are not waited for."""
    stage = scene()
    stage.surface._limits = SurfaceLimits(length=2_000, grows=True)
    reply = stage.reply()
    reply.add("\n\n  Hello ")
    await pass_time(stage.clock, 1.0)
    await reply.finish(Ending())
    assert reply.lag.mean == pytest.approx(0.0)


# ── the store ──


async def test_store_calls_are_told() -> None:
    """Every public method is told by its name and its end; waiting for news is not."""
    listening = Listening()
    store = await Store.open("sqlite://", listening)
    await store.ping()
    await store.wait_for_work(0.0)
    await store.close()
    assert listening.works == [(StoreCall(method="ping"), "ok")]


async def test_store_errors_are_told() -> None:
    """An error that leaves a method is how it ended."""
    listening = Listening()
    store = await Store.open("sqlite://", listening)
    with pytest.raises(LeaseLost):
        await store.signal_of(turn())
    await store.close()
    assert listening.works == [(StoreCall(method="signal_of"), "LeaseLost")]


def test_silence_is_harmless() -> None:
    """Nobody listens, and everything goes on as it would."""
    silent = Silent()
    call = ModelCall(endpoint="default", host="localhost", model="tiny")
    with pytest.raises(LeaseLost), silent.during(StoreCall(method="ping")):
        raise LeaseLost("turn 7")
    with silent.asking(call) as outer, silent.asking(call) as inner:
        asking: Asking = outer
        asking.began()
        inner.failed(LeaseLost("turn 7"))


# ── where turns go ──


async def test_how_a_turn_could_be_claimed() -> None:
    """The first owner, one after a hand-over, and one after a lease that ended are told apart."""
    store = await Store.open("sqlite://")
    first, second = Worker(store, "w1"), Worker(store, "w2")
    await accept(store, said())
    turn = await first.claimed()
    assert claim_of(turn) is Claim.FIRST
    await store.release(turn, now=NOW)
    turn = await second.claimed()
    assert claim_of(turn) is Claim.HANDED_OVER
    turn = await first.claimed(at=LATER)
    assert claim_of(turn) is Claim.TAKEN_OVER
    await store.close()


async def test_what_became_of_what_people_did() -> None:
    """Each result of the store is one effect."""
    store = await Store.open("sqlite://")
    incoming = said()
    found = [
        await store.accept(incoming, tokens=5, now=NOW),
        await store.accept(incoming, tokens=5, now=NOW),
        await store.accept(said("and this"), tokens=5, now=NOW),
        await store.amend(edited(incoming, "otherwise"), tokens=5, now=NOW),
        await store.retract(deleted(incoming), now=NOW),
        await store.retract(deleted(said("of others")), now=NOW),
    ]
    assert [effect_of(result) for result in found] == [
        Effect.ACCEPTED,
        Effect.DUPLICATE,
        Effect.JOINED,
        Effect.CHANGED,
        Effect.CHANGED,
        Effect.NOT_OURS,
    ]
    await store.close()


def test_the_age_of_a_turn() -> None:
    """First text, and the end, are told with the time since the message was received; where an earlier owner had
    posted, this one's first text is not the first."""
    clock, listening = ManualClock(), Listening()
    accounts = Accounts(listening, clock)
    lag = Lag()
    clock.advance(3.0)
    lag.wrote(4, clock.monotonic())
    lag.saw(4, clock.monotonic())
    clock.advance(7.0)
    accounts.shown(turn(), lag)
    accounts.shown(replace(turn("m1"), lease=Lease(owner="w2", until=START, number=2)), lag)
    accounts.ended(turn(), lag, Outcome(state=TurnState.DONE, text="Okay"))
    first, lagged, ended = listening.events
    assert isinstance(first, FirstShown)
    assert first.seconds == pytest.approx(3.0)
    assert isinstance(lagged, Lagged)
    assert lagged.seconds == pytest.approx(0.0)
    assert isinstance(ended, Ended)
    assert ended.seconds == pytest.approx(10.0)


def test_the_clock_of_another_machine() -> None:
    """A message that seems to come from the future has waited for no time, not for less."""
    listening = Listening()
    Accounts(listening, ManualClock()).claimed(replace(turn(), queued_at=START + timedelta(seconds=5)))
    (claimed,) = listening.events
    assert isinstance(claimed, Claimed)
    assert claimed.waited == 0.0
