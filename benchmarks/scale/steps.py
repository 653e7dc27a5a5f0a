"""One turn, step by step, with the time and the statements of each step; afterwards as if it had never been.

What is timed is what a bot calls: the store's own methods, from the outside. Undoing is not timed. So each repetition
meets a conversation of exactly the length that it is about.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self, TypeVar

from sqlalchemy import delete, event, update
from sqlalchemy.engine import Engine

from benchmarks.scale.corpus import ANSWER_LENGTH, ANSWER_TOKENS, NOW, QUESTION_TOKENS
from benchmarks.scale.plans import Plan, Statement, explained
from core.conversation import ConversationKey, Message, Platform, Role, TextPart
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.store import Accepted, Store
from core.store.database import Database
from core.store.tables import ConversationRow, EffectRow, MessageRow, PostRow, TurnRow, UsageRow
from core.turn import MessageRef, Outcome, Turn, TurnState

PLATFORMS = (Platform.SLACK, Platform.DISCORD)
LEASE = timedelta(minutes=10)
OWNER = "benchmark"
ASKER = Author(id="U-benchmark", name="Asker")
_numbers = itertools.count(1)
_Result = TypeVar("_Result")


class Step(StrEnum):
    """What is timed by itself."""

    ACCEPT = "accept"
    CONTEXT = "claim + context"
    """`claim`, then `asks` and `history`: all that is read before the model is asked."""
    END = "record + finish"
    """`record_post`, then `finish`."""


@dataclass(slots=True)
class Taken:
    """What the steps of one turn took."""

    seconds: dict[Step, float] = field(default_factory=dict)
    statements: dict[Step, tuple[Statement, ...]] = field(default_factory=dict)


class Memory:
    """A database as a bot sees it, and a way to undo what it did."""

    def __init__(self, url: str, database: Database) -> None:
        self.url = url
        self._database = database
        self.store = Store(database)

    @classmethod
    def open(cls, url: str) -> Self:
        """That migrated database."""
        return cls(url, Database(url))

    async def close(self) -> None:
        """No connection is left open."""
        await self._database.close()

    async def turn(self, key: ConversationKey, *, room: int) -> Taken:
        """One turn from its question to its end, which has left nothing behind."""
        incoming, taken = asked(key), Taken()
        accepted = await _timed(
            taken, Step.ACCEPT, self.store.accept(incoming, tokens=QUESTION_TOKENS, now=incoming.sent_at)
        )
        assert isinstance(accepted, Accepted)
        turn = await _timed(taken, Step.CONTEXT, self._prepared(room))
        await _timed(taken, Step.END, self._ended(turn))
        if turn.id != accepted.turn.id:
            await self._wait_again(turn)
        await self._undo(accepted, incoming)
        return taken

    async def plans(self, key: ConversationKey, *, room: int) -> dict[Step, tuple[Plan, ...]]:
        """How the database carries out the statements of a turn in that conversation. They are carried out while
        another one waits there, and taken back."""
        taken, incoming = await self.turn(key, room=room), asked(key)
        accepted = await self.store.accept(incoming, tokens=QUESTION_TOKENS, now=incoming.sent_at)
        assert isinstance(accepted, Accepted)
        found = {step: await explained(self._database, taken.statements[step]) for step in Step}
        await self._undo(accepted, incoming)
        return found

    async def _prepared(self, room: int) -> Turn:
        turn = await self.store.claim(PLATFORMS, OWNER, now=NOW, until=NOW + LEASE)
        assert turn is not None
        await self.store.asks(turn.id)
        await self.store.history(turn, room=room)
        return turn

    async def _ended(self, turn: Turn) -> None:
        post = MessageRef(channel=turn.key.channel, message=f"post.{next(_numbers)}")
        await self.store.record_post(turn, 0, post, now=NOW)
        text = "x" * ANSWER_LENGTH
        said = Message(role=Role.ASSISTANT, parts=(TextPart(text=text),), tokens=ANSWER_TOKENS)
        await self.store.finish(turn, Outcome(state=TurnState.DONE, text=text), (said,), now=NOW)

    async def _undo(self, accepted: Accepted, incoming: Incoming) -> None:
        """The turn, what was said in it, and a conversation that began with it are gone."""
        async with self._database.writing() as session:
            turn = await session.get_one(TurnRow, accepted.turn.id)
            await session.execute(delete(TurnRow).where(TurnRow.id == turn.id))
            await session.execute(delete(UsageRow).where(UsageRow.turn_id == turn.id))
            if accepted.turn.seq == 1:
                await session.execute(delete(ConversationRow).where(ConversationRow.id == turn.conversation_id))
            await session.execute(delete(EffectRow).where(*_effect(incoming)))

    async def _wait_again(self, turn: Turn) -> None:
        """A turn that waited before us, and was served first, waits as it did."""
        async with self._database.writing() as session:
            said = MessageRow.role == Role.ASSISTANT.value
            await session.execute(delete(MessageRow).where(MessageRow.turn_id == turn.id, said))
            await session.execute(delete(PostRow).where(PostRow.turn_id == turn.id))
            await session.execute(delete(UsageRow).where(UsageRow.turn_id == turn.id))
            again = {"state": "queued", "attempt": 0, "lease_number": 0}
            never = {"text": None, "reason": None, "claimed_at": None, "started_at": None, "finished_at": None}
            await session.execute(update(TurnRow).where(TurnRow.id == turn.id).values(**again, **never))


def asked(key: ConversationKey) -> Incoming:
    """Somebody asks in that conversation, in a message of its own."""
    number = f"{time.time_ns()}.{next(_numbers)}"
    return Incoming(
        event_id=number,
        message_id=number,
        key=key,
        author=ASKER,
        kind=IncomingKind.MENTION,
        text="What did we decide about the billing service, and who takes care of it?",
        target=ReplyTarget(key=key, kind="thread", details={"ts": number}),
        sent_at=NOW + timedelta(seconds=next(_numbers)),  # the conversation changes each time
    )


def _effect(incoming: Incoming) -> Sequence[Any]:
    return (
        EffectRow.platform == incoming.key.platform.value,
        EffectRow.workspace == incoming.key.workspace,
        EffectRow.channel == incoming.key.channel,
        EffectRow.event_id == incoming.event_id,
    )


async def _timed(taken: Taken, step: Step, doing: Awaitable[_Result]) -> _Result:
    with recorded() as statements:
        began = time.perf_counter()
        result = await doing
        taken.seconds[step] = time.perf_counter() - began
    taken.statements[step] = tuple(statements)
    return result


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile, on any database."""
    statements: list[Statement] = []

    def record(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", record)
