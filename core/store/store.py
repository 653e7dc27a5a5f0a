"""Parley's memory. One class; SQLite or PostgreSQL, by URL.

Each public method is one short transaction, named for what becomes true, and speaks only core's values and those of
results.py. Times come from outside. A method that takes a `turn` with its lease writes only while that lease holds,
and raises LeaseLost otherwise. Every method raises StoreUnavailable where the database is out of reach; then
nothing became true, or (a connection that broke at the very commit) the same call may be made again without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from sqlalchemy import select

from core.audit import AuditEntry
from core.channel import ChannelSettings
from core.conversation import ConversationKey, Message, Platform
from core.incoming import Incoming
from core.store import (
    arrivals,
    audit,
    channels,
    conversations,
    history,
    leases,
    messages,
    posts,
    settlement,
    turns,
    usage,
)
from core.store.casting import Casting
from core.store.database import Database
from core.store.equipping import Equipping
from core.store.filing import Filing
from core.store.keeping import Keeping
from core.store.observation import observed
from core.store.remembering import Remembering
from core.store.results import (
    Accepted,
    Amended,
    Duplicate,
    History,
    NotOurs,
    OpenTurns,
    Retracted,
    Shed,
)
from core.store.shedding import BOUNDS, Bounds
from core.store.spending import Spending
from core.store.teaching import Teaching
from core.store.tooling import Tooling
from core.store.wakeup import announce_owners, announce_work
from core.telemetry import SILENT, Telemetry
from core.turn import MessageRef, Outcome, Signal, Turn, TurnState, Usage


@observed
class Store(Keeping, Casting, Spending, Equipping, Filing, Remembering, Tooling, Teaching):
    """What Parley remembers. Made by `open`."""

    def __init__(self, database: Database, telemetry: Telemetry = SILENT, *, bounds: Bounds = BOUNDS) -> None:
        self._database = database
        self._bounds = bounds
        self.telemetry = telemetry

    @classmethod
    async def open(cls, url: str, telemetry: Telemetry = SILENT, *, bounds: Bounds = BOUNDS) -> Self:
        """The store at that URL, which must be migrated (migrations/upgrade.py); one in memory has its tables at
        once. Raises ValueError for a URL of another kind."""
        database = Database(url)
        await database.create_memory()
        return cls(database, telemetry, bounds=bounds)

    async def close(self) -> None:
        """No connection is left open."""
        await self._database.close()

    async def ping(self) -> None:
        """The database answers."""
        async with self._database.reading() as session:
            await session.execute(select(1))

    # ── what people do ──

    async def accept(self, incoming: Incoming, *, tokens: int, now: datetime) -> Accepted | Duplicate | NotOurs | Shed:
        """The message is stored, and a turn answers it: a new one, or the waiting one it joins. Shed where a new one
        would be one too many."""
        async with self._database.writing() as session:
            return await arrivals.accepted(session, incoming, tokens=tokens, now=now, bounds=self._bounds)

    async def amend(self, incoming: Incoming, *, tokens: int, now: datetime) -> Amended | Duplicate | NotOurs:
        """The edited message has its new text; NotOurs where it is none of ours or says what it said."""
        async with self._database.writing() as session:
            return await arrivals.amended(session, incoming, tokens=tokens, now=now)

    async def retract(self, incoming: Incoming, *, now: datetime) -> Retracted | Duplicate | NotOurs:
        """The deleted message is gone from here too, and a turn with nothing left to answer ends."""
        async with self._database.writing() as session:
            return await arrivals.retracted(session, incoming, now=now)

    async def again(self, turn_id: int, incoming: Incoming, *, now: datetime) -> Accepted | Duplicate | NotOurs:
        """A new turn gives the answer of that one anew, in the same messages. NotOurs unless that turn has ended, is
        the last of its conversation, and belongs to the channel of `incoming`."""
        async with self._database.writing() as session:
            return await arrivals.asked_again(session, turn_id, incoming, now=now)

    async def signal(self, turn_id: int, key_scope: ConversationKey, signal: Signal, *, now: datetime) -> Turn | None:
        """The open turn's owner is told. STOP cancels a turn that nobody has begun; to one that waits, RESTART says
        nothing. None unless the turn is open and belongs to the channel of `key_scope`."""
        async with self._database.writing() as session:
            row = await turns.row_of(session, turn_id, lock=True)
            if row is None or not turns.still_open(row):
                return None
            turn = await turns.loaded(session, row)
            if not turns.within(turn.key, key_scope):
                return None
            if signal is Signal.STOP:
                await turns.stopped(session, row, reason="stopped", now=now)
            else:
                await turns.restarted(session, row)
            return await turns.loaded(session, row)

    # ── reading ──

    async def turn(self, turn_id: int) -> Turn | None:
        """The turn as it is now."""
        async with self._database.reading() as session:
            row = await turns.row_of(session, turn_id)
            return None if row is None else await turns.loaded(session, row)

    async def open_turn(self, key: ConversationKey) -> Turn | None:
        """The turn of this conversation that is being answered, or else the one that will be next; none where nobody
        waits for an answer."""
        async with self._database.reading() as session:
            row = await turns.first_open(session, key)
            return None if row is None else await turns.loaded(session, row)

    async def answer(self, turn_id: int) -> str:
        """What the model wrote in that turn, without notices of our own; empty until the turn has ended."""
        async with self._database.reading() as session:
            row = await turns.row_of(session, turn_id)
            return "" if row is None else row.text or ""

    async def asks(self, turn_id: int) -> tuple[Message, ...]:
        """The messages of people that the turn answers, oldest first."""
        async with self._database.reading() as session:
            return await messages.asks(session, turn_id)

    async def history(self, turn: Turn, *, room: int) -> History:
        """The end of the turn's conversation up to the turn itself: its own messages in any case, and before them as
        many whole turns as fit into that many tokens. What the summary covers is left out."""
        async with self._database.reading() as session:
            conversation = await conversations.of_turn(session, turn)
            after = min(conversation.summary_through, turn.seq - 1)
            found, oldest_seq, whole = await history.newest(
                session, conversation.id, after=after, through=turn.seq, room=room
            )
            summary = conversations.summary_of(conversation)
            return History(
                summary=summary,
                messages=found,
                whole=whole,
                oldest_seq=oldest_seq,
                erasures=conversation.erasures,
            )

    async def uncovered(self, turn: Turn, *, before_seq: int, room: int) -> tuple[tuple[Message, ...], int]:
        """What the next summary must take in: the oldest turns before that one which no summary covers, as many as
        fit into that many tokens but at least one; and the last of them (the summary's reach where there is none)."""
        async with self._database.reading() as session:
            conversation = await conversations.of_turn(session, turn)
            after = conversation.summary_through
            return await history.oldest(session, conversation.id, after=after, before=before_seq, room=room)

    async def channel_settings(self, key: ConversationKey) -> ChannelSettings:
        """How Parley behaves in the key's channel; the defaults where nobody has set anything."""
        async with self._database.reading() as session:
            return await channels.settings_of(session, key)

    async def open_turns(self, platforms: Iterable[Platform]) -> OpenTurns:
        """How much work there is on these platforms."""
        async with self._database.reading() as session:
            return await turns.counted(session, platforms)

    async def owners(self, platforms: Iterable[Platform], *, now: datetime) -> dict[str, int]:
        """How many processes answer in each workspace (`slack:T1`) and in each channel (`slack:T1:C1`), where there are
        several."""
        async with self._database.reading() as session:
            return await leases.owners(session, platforms, now=now)

    # ── working on a turn ──

    async def claim(self, platforms: Iterable[Platform], owner: str, *, now: datetime, until: datetime) -> Turn | None:
        """The turn that is next on these platforms is the owner's until that time; none where nothing is ready. A
        signal to stop that an earlier owner did not heed still stands."""
        async with self._database.writing() as session:
            row = await leases.claimed(session, platforms, owner, now=now, until=until)
            if row is None:
                return None
            await posts.closed_up(session, row)
            return await turns.loaded(session, row)

    async def renew(
        self, turn_ids: Iterable[int], owner: str, *, now: datetime, until: datetime
    ) -> dict[int, Signal | None]:
        """Those of the turns that are still the owner's stay so until that time; each comes with its signal, the wish
        to begin anew only once."""
        async with self._database.writing() as session:
            return await leases.renewed(session, turn_ids, owner, until=until)

    async def signal_of(self, turn: Turn) -> Signal | None:
        """What somebody asks of the turn's owner. Raises LeaseLost."""
        async with self._database.reading() as session:
            return leases.signal_of(await leases.held(session, turn, lock=False))

    async def record_post(self, turn: Turn, position: int, ref: MessageRef, *, now: datetime) -> None:
        """That message shows the answer at that place, and the turn is streaming. Raises LeaseLost."""
        async with self._database.writing() as session:
            row = await leases.held(session, turn)
            row.state = TurnState.STREAMING.value
            await posts.recorded(session, row, position, ref)

    async def drop_post(self, turn: Turn, position: int) -> None:
        """No message shows the answer at that place. Raises LeaseLost."""
        async with self._database.writing() as session:
            await posts.dropped(session, await leases.held(session, turn), position)

    async def finish(
        self, turn: Turn, outcome: Outcome, messages: Sequence[Message], *, now: datetime
    ) -> Signal | None:
        """The turn has ended so, its lease is given back, and what the model and its tools said stands after the
        messages it answers. Returns the signal that came too late to be heeded. Raises LeaseLost, and IllegalMove
        for a state that cannot follow."""
        async with self._database.writing() as session:
            # Counters before the turn: who waits for one keeps nobody from renewing leases.
            row = await leases.held(session, turn, lock=False)
            outcome = replace(outcome, usage=settlement.with_earlier(row, outcome.usage))
            charge = settlement.Charge.of(outcome.usage, outcome.price, asked=row.asked_at is not None)
            await settlement.settled(session, row, charge, persona_id=outcome.persona_id, now=now)
            row = await leases.held(session, turn)
            late = leases.signal_of(row)
            usage.recorded(session, row, turn.key, outcome, charge, now=now)
            await turns.ended(session, row, turn.key, outcome, messages, now=now)
            await announce_work(session)  # the next turn of the conversation may be ready now
            return late

    async def release(self, turn: Turn, *, now: datetime, used: Usage | None = None) -> None:
        """The turn waits for another process, which goes on in the same messages; the attempt does not count, but
        what it used does. Raises LeaseLost."""
        async with self._database.writing() as session:
            row = await leases.held(session, turn)
            settlement.set_aside(row, used or Usage())
            row.state = TurnState.QUEUED.value
            row.attempt -= 1
            leases.given_back(row)
            await announce_work(session)

    async def set_aside(self, turn: Turn, used: Usage) -> None:
        """What the turn used so far counts at its end, though it is begun anew by the same owner. Raises LeaseLost."""
        async with self._database.writing() as session:
            settlement.set_aside(await leases.held(session, turn), used)

    async def summarise(
        self, turn: Turn, text: str, *, through_seq: int, tokens: int, now: datetime, erasures: int = 0
    ) -> bool:
        """The conversation's turns through that one are covered by this text; a summary that reaches further already
        stays. False, and nothing changed, where something was erased since its history was read (`erasures` of
        that History). Raises LeaseLost."""
        async with self._database.writing() as session:
            conversation = await conversations.of_turn(session, turn, lock=True)
            await leases.held(session, turn)
            return await conversations.summarised(
                session,
                conversation,
                text,
                through_seq=through_seq,
                tokens=tokens,
                erasures=erasures,
                now=now,
            )

    # ── the rest ──

    async def set_channel_settings(
        self, key: ConversationKey, settings: ChannelSettings, *, now: datetime, by: AuditEntry | None = None
    ) -> None:
        """The key's channel has these settings, and the log says by whom."""
        async with self._database.writing() as session:
            if by is not None:
                audit.recorded(session, by)
            await channels.set_settings(session, key, settings, now=now)

    async def change_channel_settings(
        self,
        key: ConversationKey,
        change: Callable[[ChannelSettings], ChannelSettings],
        *,
        by: Callable[[ChannelSettings, ChannelSettings], AuditEntry],
        now: datetime,
    ) -> ChannelSettings:
        """The key's channel has the settings that `change` makes of those it has, and the log says what `by` makes of
        both. Two changes at once are made one after the other. What `change` raises comes out, and nothing changed."""
        async with self._database.writing() as session:
            before, after = await channels.changed(session, key, change, now=now)
            audit.recorded(session, by(before, after))
            return after

    async def wait_for_work(self, timeout_seconds: float | None = None) -> bool:
        """True when a turn may be there to claim, False when that time has passed. For one worker of a process. Only a
        hint: a worker looks by itself from time to time."""
        return await self._database.wakeup.wait_for_work(timeout_seconds)

    async def announce_owner(self) -> None:
        """This process has begun to answer in a place; the others there hear of it."""
        async with self._database.writing() as session:
            await announce_owners(session)

    async def wait_for_owners(self, timeout_seconds: float | None = None) -> bool:
        """True when `owners` may say something new, False when that time has passed. For one task of a process."""
        return await self._database.wakeup.wait_for_owners(timeout_seconds)

    async def wait_for_signals(self, timeout_seconds: float | None = None) -> frozenset[int]:
        """The turns that were signalled since the last call, some perhaps for a second time; none when that time has
        passed or news may have been lost. For one task of a process. Only a hint: `renew` tells every signal."""
        return await self._database.wakeup.wait_for_signals(timeout_seconds)
