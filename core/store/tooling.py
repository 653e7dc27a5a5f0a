"""The part of the store that is about tools: what they said so far, and what people allowed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from core.conversation import Message
from core.store import approvals, leases, steps
from core.store.approvals import Approval, ApprovalState
from core.store.database import Database
from core.turn import Turn


class Tooling:
    """See core.store.Store."""

    _database: Database

    async def record_steps(self, turn: Turn, messages: Sequence[Message], *, at: int, now: datetime) -> None:
        """What the model and its tools said stands behind the turn's questions, from that place on. Raises
        LeaseLost."""
        async with self._database.writing() as session:
            row = await leases.held(session, turn)
            await steps.recorded(session, row, turn.key, messages, at=at, now=now)

    async def drop_steps(self, turn: Turn) -> None:
        """The turn has only its questions, as if the model had not been asked. Raises LeaseLost."""
        async with self._database.writing() as session:
            await steps.dropped(session, await leases.held(session, turn))

    async def ask_approval(
        self, turn: Turn, *, call_id: str, tool: str, now: datetime, expires_at: datetime
    ) -> Approval:
        """That call waits for a person's word, or stands where it stood before. Raises LeaseLost."""
        async with self._database.writing() as session:
            row = await leases.held(session, turn)
            return await approvals.asked(session, row, call_id=call_id, tool=tool, now=now, expires_at=expires_at)

    async def approval(self, number: int) -> Approval | None:
        """The call of that number, as it stands."""
        async with self._database.reading() as session:
            return await approvals.loaded(session, number)

    async def move_approval(self, number: int, state: ApprovalState, *, since: Collection[ApprovalState]) -> bool:
        """The call stands there now; false, and nothing changed, unless it stood at one of `since`."""
        async with self._database.writing() as session:
            return await approvals.moved(session, number, state, since=frozenset(since))
