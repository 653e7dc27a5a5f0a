"""The laws of design.md that are the store's, whatever happens in whatever order (1, 2, 3 and 7).

A state machine does what people, platforms and processes do, in orders nobody would think of, and keeps a plain
model of what must be true. SQLite in memory is the real store, only quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, consumes, invariant, multiple, rule

from core.audit import AuditEntry
from core.conversation import ConversationKey, Platform
from core.errors import LeaseLost
from core.incoming import Author, Incoming, IncomingKind
from core.privacy import Kept, Place, Reach
from core.store import Accepted, Duplicate, NotOurs, Store
from core.turn import LIVE, OPEN, MessageRef, Turn, TurnState
from tests.core.store.scene import ANNA, BEN, DONE, KEY, NOW, assistant, said

Result = TypeVar("Result")

LEASE = timedelta(seconds=60)
KEYS = [KEY, replace(KEY, thread="2"), replace(KEY, workspace="T2")]
OWNERS = ["w1", "w2"]
POST_REF = MessageRef(channel="C1", message="900.1")


@dataclass
class Known:
    """What the model knows of a turn."""

    id: int
    key: ConversationKey
    seq: int
    asker: Author
    command: bool
    texts: list[str]
    state: TurnState = TurnState.QUEUED
    attempt: int = 0
    owner: str = ""
    number: int = 0
    until: Any = None
    posts: int = 0
    forgotten: bool = False

    @property
    def open(self) -> bool:
        return self.state in OPEN


@dataclass
class Model:
    """What must be true."""

    turns: dict[int, Known] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    """Turns that were forgotten or let go, and must not be found again."""
    accounts: int = 0
    """Turns that a process has ended, whatever became of them."""

    def of(self, key: ConversationKey) -> list[Known]:
        """The turns of a conversation, in order."""
        return sorted((turn for turn in self.turns.values() if turn.key == key), key=lambda turn: turn.seq)

    def erase(self, turns: list[Known]) -> None:
        """These turns are gone."""
        for turn in turns:
            del self.turns[turn.id]
            self.gone.add(turn.id)

    def ready(self, now: Any) -> set[int]:
        """The turns that may be claimed."""
        first_open = [next((turn for turn in self.of(key) if turn.open), None) for key in KEYS]
        return {
            turn.id
            for turn in first_open
            if turn is not None and (turn.state is TurnState.QUEUED or (turn.state in LIVE and turn.until < now))
        }


class StoreLaws(RuleBasedStateMachine):
    """Everything at random."""

    events: Bundle[Incoming] = Bundle("events")
    claims: Bundle[Turn] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store = self.run(Store.open("sqlite://"))
        self.model = Model()
        self.now = NOW
        self.count = 0

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def teardown(self) -> None:
        """However it went so far: a last process answers all that is left, in order, and nothing is left over."""
        self.now += 2 * LEASE
        while self.model.ready(self.now):
            turn = self.claim("last")
            assert turn is not None
            self.finish(turn, TurnState.DONE)
        assert self.claim("last") is None
        assert not any(turn.open for turn in self.model.turns.values())
        self.tidy()
        assert self.run(self.store.erasures()) == ()
        assert not any(turn.forgotten for turn in self.model.turns.values())
        self.answers_are_as_known()
        assert self.run(self.accounts()) == self.model.accounts
        self.run(self.store.close())
        self.runner.close()

    @rule(
        target=events,
        key=st.sampled_from(KEYS),
        by=st.sampled_from([ANNA, BEN]),
        kind=st.sampled_from([IncomingKind.MENTION, IncomingKind.FOLLOW_UP, IncomingKind.COMMAND]),
    )
    def accept(self, key: ConversationKey, by: Author, kind: IncomingKind) -> Incoming:
        """Somebody writes. The message joins the waiting turn of the same person, or has its own at the end."""
        self.count += 1
        incoming = said(f"{key} {self.count}", by=by, key=key, kind=kind)
        before = self.model.of(key)
        result = self.run(self.store.accept(incoming, tokens=1, now=self.now))
        if kind is IncomingKind.FOLLOW_UP and not before:
            assert result == NotOurs()
            return incoming
        assert isinstance(result, Accepted)
        command = kind is IncomingKind.COMMAND
        last = before[-1] if before else None
        joins = (
            last is not None
            and (last.state, last.attempt, last.asker, last.forgotten) == (TurnState.QUEUED, 0, by, False)
            and not (last.command or command)
        )
        assert result.joined == joins
        if joins and last is not None:
            assert result.turn.id == last.id
            last.texts.append(incoming.text)
        else:
            assert result.turn.seq == (last.seq if last else 0) + 1
            self.model.turns[result.turn.id] = Known(result.turn.id, key, result.turn.seq, by, command, [incoming.text])
        return incoming

    @rule(incoming=events, kind=st.sampled_from([IncomingKind.MENTION, IncomingKind.FOLLOW_UP]))
    def deliver_again(self, incoming: Incoming, kind: IncomingKind) -> None:
        """The platform delivers it again, perhaps as another kind of event (law 1)."""
        known = any(incoming.text in turn.texts for turn in self.model.turns.values())
        if known:
            result = self.run(self.store.accept(replace(incoming, kind=kind), tokens=1, now=self.now))
            assert result == Duplicate()

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def wait(self, seconds: int) -> None:
        """Time passes; leases may end."""
        self.now += timedelta(seconds=seconds)

    @rule(target=claims, owner=st.sampled_from(OWNERS))
    def claimed(self, owner: str) -> Turn | MultipleResults[Turn]:
        """A process looks for work."""
        return self.claim(owner) or multiple()

    def claim(self, owner: str) -> Turn | None:
        """Something ready is claimed where there is anything, with a new number (law 2)."""
        ready = self.model.ready(self.now)
        turn = self.run(self.store.claim([Platform.SLACK], owner, now=self.now, until=self.now + LEASE))
        if turn is None:
            assert not ready
            return None
        assert turn.id in ready
        known = self.model.turns[turn.id]
        known.state, known.owner, known.until = TurnState.RUNNING, owner, self.now + LEASE
        known.attempt, known.number = known.attempt + 1, known.number + 1
        assert turn.lease is not None
        assert (turn.attempt, turn.lease.number, len(turn.posts)) == (known.attempt, known.number, known.posts)
        return turn

    def holds(self, turn: Turn) -> bool:
        """Whether that claim is the one that counts."""
        known = self.model.turns.get(turn.id)
        assert turn.lease is not None
        return (
            known is not None
            and known.state in LIVE
            and (known.owner, known.number) == (turn.lease.owner, turn.lease.number)
        )

    def fenced(self, turn: Turn, work: Coroutine[Any, Any, object]) -> bool:
        """The write happened, or the claim does not count any more and it was refused (law 3)."""
        holds = self.holds(turn)
        try:
            self.run(work)
        except LeaseLost:
            assert not holds
            return False
        assert holds
        return True

    @rule(turn=claims)
    def post(self, turn: Turn) -> None:
        """An owner, perhaps a former one, has posted something."""
        if self.fenced(turn, self.store.record_post(turn, 0, POST_REF, now=self.now)):
            self.model.turns[turn.id].state = TurnState.STREAMING
            self.model.turns[turn.id].posts = 1

    @rule(turn=consumes(claims), state=st.sampled_from([TurnState.DONE, TurnState.FAILED, TurnState.CANCELLED]))
    def end(self, turn: Turn, state: TurnState) -> None:
        """An owner, perhaps a former one, has come to an end."""
        self.finish(turn, state)

    def finish(self, turn: Turn, state: TurnState) -> None:
        """The turn has ended, if the claim counted."""
        outcome = replace(DONE, state=state)
        if self.fenced(turn, self.store.finish(turn, outcome, [assistant(f"{turn.key} answer")], now=self.now)):
            self.model.turns[turn.id].state = state
            self.model.accounts += 1

    @rule(turn=consumes(claims))
    def release(self, turn: Turn) -> None:
        """A process is told to stop and hands over."""
        if self.fenced(turn, self.store.release(turn, now=self.now)):
            known = self.model.turns[turn.id]
            known.state, known.attempt = TurnState.QUEUED, known.attempt - 1

    @rule(owner=st.sampled_from(OWNERS))
    def renew(self, owner: str) -> None:
        """A process renews all it thinks it holds, and learns what it holds indeed."""
        ids = list(self.model.turns)
        renewed = self.run(self.store.renew(ids, owner, now=self.now, until=self.now + LEASE))
        mine = {turn.id for turn in self.model.turns.values() if turn.state in LIVE and turn.owner == owner}
        assert set(renewed) == mine
        for turn_id in mine:
            self.model.turns[turn_id].until = self.now + LEASE

    @rule(key=st.sampled_from(KEYS), by=st.sampled_from([ANNA, BEN]), limit=st.sampled_from([1, 50]))
    def forget(self, key: ConversationKey, by: Author, limit: int) -> None:
        """Somebody has what they told in a conversation forgotten: exactly what they were shown goes."""
        number = self.run(self.store.conversation_number(key))
        theirs = [turn for turn in self.model.of(key) if turn.asker == by and not turn.forgotten]
        if number is None:
            assert not theirs
            return
        reach = Reach(place=Place.of(key), person=by.id, conversation=number)
        held = self.run(self.store.holdings(reach))
        assert (held.messages, held.answers) == (sum(len(turn.texts) for turn in theirs), len(theirs))
        entry = AuditEntry(at=self.now, place=Place.of(key), actor=by, action="forget.thread")
        order = self.run(self.store.order_erasure(reach, through=held.through, by=entry, now=self.now))
        self.carry_out(order, limit)
        for turn in theirs:
            turn.forgotten, turn.texts = True, []
        self.model.erase([turn for turn in theirs if not turn.open or turn.number == 0])
        self.leave_out_stopped(by, key)

    @rule()
    def tidy(self) -> None:
        """Housekeeping looks whether what had to stop first has stopped."""
        for order in self.run(self.store.erasures()):
            self.carry_out(order, 50)
        self.model.erase([turn for turn in self.model.turns.values() if turn.forgotten and not turn.open])

    def carry_out(self, order: int, limit: int) -> None:
        while self.run(self.store.erase(order, now=self.now, limit=limit)).erased:
            pass

    def leave_out_stopped(self, by: Author, key: ConversationKey) -> None:
        """What was forgotten earlier and has stopped since is within reach again, and gone too."""
        stopped = [turn for turn in self.model.of(key) if turn.asker == by and turn.forgotten and not turn.open]
        found = {turn.id: self.run(self.store.turn(turn.id)) for turn in stopped}
        self.model.erase([turn for turn in stopped if found[turn.id] is None])

    @rule(key=st.sampled_from(KEYS))
    def purge(self, key: ConversationKey) -> None:
        """Everything in a channel is old: what has ended goes, what somebody waits for stays."""
        before = self.now + timedelta(days=1)
        while self.run(self.store.purge(Kept.CONVERSATIONS, Place.of(key), before=before, limit=2)):
            pass
        ended = [turn for turn in self.model.turns.values() if not turn.open]
        self.model.erase([turn for turn in ended if turn.key.channel_key == key.channel_key])

    async def accounts(self) -> int:
        """How many accounts of use there are."""
        reaches = [Reach(place=Place.of(key).whole, person=by.id) for key in KEYS[1:] for by in (ANNA, BEN)]
        count = 0
        for reach in reaches:
            count += len([one async for kind, one in self.store.told(reach) if kind == "usage"])
        return count

    @invariant()
    def at_most_one_live_turn(self) -> None:
        """In each conversation, as the store itself says (law 2)."""
        assert [turn for turn in self.model.gone if self.run(self.store.turn(turn)) is not None] == []
        turns = [self.run(self.store.turn(turn_id)) for turn_id in self.model.turns]
        live = [turn.key for turn in turns if turn is not None and turn.state in LIVE]
        assert len(live) == len(set(live))
        assert all(turn is not None and turn.state == self.model.turns[turn.id].state for turn in turns)

    def answers_are_as_known(self) -> None:
        """Every message has one turn, and no conversation reads another's words (laws 1, 2 and 7)."""
        for known in self.model.turns.values():
            asked = [message.text for message in self.run(self.store.asks(known.id))]
            assert asked == known.texts
            if known.forgotten:
                assert self.run(self.store.answer(known.id)) == ""
            turn = self.run(self.store.turn(known.id))
            assert turn is not None
            history = self.run(self.store.history(turn, room=10_000))
            assert all(message.text.startswith(f"{known.key} ") for message in history.messages)


TestStoreLaws = StoreLaws.TestCase
TestStoreLaws.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
