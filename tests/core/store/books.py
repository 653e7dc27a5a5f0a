"""The ledger's books as the database has them, read at once, and what must be true of them at any moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from core.quota.amount import Measure
from core.quota.limit import Period
from core.quota.window import EPOCH, slice_length, window
from core.store.database import Database
from core.store.tables import QuotaCounterRow, QuotaGrantRow, QuotaHoldRow, Row, TurnRow, UsageRow
from core.turn import OPEN, TurnState

COLUMNS = {Measure.REQUESTS: "requests", Measure.TOKENS: "tokens", Measure.COST: "cost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Every row that the ledger writes or reads."""

    counters: Mapping[int, QuotaCounterRow]
    holds: Sequence[QuotaHoldRow]
    grants: Sequence[QuotaGrantRow]
    usage: Mapping[int, UsageRow]
    turns: Mapping[int, TurnRow]

    @classmethod
    async def read(cls, database: Database) -> Books:
        """As they are now."""
        async with database.reading() as session:
            counters = (await session.execute(select(QuotaCounterRow))).scalars()
            holds = (await session.execute(select(QuotaHoldRow))).scalars()
            grants = (await session.execute(select(QuotaGrantRow))).scalars()
            usage = (await session.execute(select(UsageRow))).scalars()
            turns = (await session.execute(select(TurnRow))).scalars()
            return cls(
                counters={row.id: row for row in counters},
                holds=list(holds),
                grants=list(grants),
                usage={row.turn_id: row for row in usage},
                turns={row.id: row for row in turns},
            )

    def excess(self, counter: int) -> int:
        """What of the limit is taken."""
        row = self.counters[counter]
        return row.used + row.reserved - row.extra

    def held(self, turn: int, counter: int) -> int:
        """So much is held on the counter for the turn."""
        return sum(
            one.amount for one in self.holds if (one.turn_id, one.counter_id, one.grant_id) == (turn, counter, 0)
        )

    def held_on(self, turn: int) -> set[int]:
        """The counters on which something is held for the turn."""
        return {hold.counter_id for hold in self.holds if hold.turn_id == turn and hold.grant_id == 0}

    def check(self, now: datetime, *, set_back: bool) -> None:
        """All that holds at any moment, whatever happened before. `set_back`: the clock was, at some time."""
        self._holds_have_open_turns()
        self._reserved_is_what_is_held()
        self._grants_are_within_bounds()
        self._accounts_have_their_turns()
        for counter in self.counters.values():
            if not counter.sliding:
                assert counter.used == sum(self._spent(counter, counter.begins, counter.ends)), vars(counter)
        for several in self._series().values():
            self._slices_count_all(several, now, set_back=set_back)

    def _series(self) -> Mapping[tuple[str, ...], list[QuotaCounterRow]]:
        """Sliding counters of one account, measure and period."""
        found: defaultdict[tuple[str, ...], list[QuotaCounterRow]] = defaultdict(list)
        for one in self.counters.values():
            if one.sliding:
                found[one.account_kind, one.account_id, one.measure, one.period].append(one)
        return found

    def _slices_count_all(self, several: Sequence[QuotaCounterRow], now: datetime, *, set_back: bool) -> None:
        """What was spent in the window, up to the newest slice, is counted in one of them; and counted once, unless the
        clock was set back to where a slice had not been begun."""
        period = Period(several[0].period)
        newest = max((one.begins for one in several if one.begins <= now), default=EPOCH)
        begins = window(period, now, "", True).begins
        used = sum(one.used for one in several if one.begins >= begins)
        assert used >= sum(self._spent(several[0], begins, newest + slice_length(period))), [
            vars(one) for one in several
        ]
        if not set_back:
            whole = self._spent(several[0], EPOCH, newest + slice_length(period))
            assert sum(one.used for one in several) <= sum(whole)

    def _holds_have_open_turns(self) -> None:
        assert [hold.turn_id for hold in self.holds if TurnState(self.turns[hold.turn_id].state) not in OPEN] == []

    def _reserved_is_what_is_held(self) -> None:
        held, extra = Counter[int](), Counter[int]()
        for hold in self.holds:
            if hold.counter_id:
                (held if hold.grant_id == 0 else extra)[hold.counter_id] += hold.amount
        for counter in self.counters.values():
            assert counter.reserved == held[counter.id], vars(counter)
            assert extra[counter.id] <= counter.extra <= counter.used + counter.reserved, vars(counter)

    def _grants_are_within_bounds(self) -> None:
        taken = Counter[int]()
        for hold in self.holds:
            if hold.grant_id > 0:
                taken[hold.grant_id] += hold.amount
        for grant in self.grants:
            assert 0 <= grant.left <= grant.amount - taken[grant.id], vars(grant)

    def _accounts_have_their_turns(self) -> None:
        """Each row of use traces to its turn, in whose name it is."""
        for row in self.usage.values():
            turn = self.turns[row.turn_id]
            assert TurnState(turn.state) not in OPEN
            assert (row.platform, row.workspace, row.person_id) == (turn.platform, turn.workspace, turn.asker_id)

    def _spent(self, counter: QuotaCounterRow, begins: datetime, until: datetime) -> list[int]:
        """By the accounts of use, on the counter's account."""
        column = COLUMNS[Measure(counter.measure)]
        mine = [row for row in self.usage.values() if begins <= row.at < until and counts(counter, row)]
        return [getattr(row, column) or 0 for row in mine]


def counts(counter: QuotaCounterRow, row: UsageRow) -> bool:
    """Whether the use is on the counter's account."""
    account = {
        "person": row.person_id,
        "channel": row.channel,
        "workspace": "",
        "persona": str(row.persona_id or 0),
    }
    same_place = (counter.platform, counter.workspace) == (row.platform, row.workspace)
    return same_place and account[counter.account_kind] == counter.account_id


async def empty(database: Database) -> None:
    """Nothing is in the database."""
    async with database.writing() as session:
        for table in reversed(Row.metadata.sorted_tables):
            await session.execute(delete(table))
