"""What tests of the store say again and again: what somebody did, when, and how it was answered."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.conversation import ConversationKey, Message, Platform, Role, text_message
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.store import Accepted, Store
from core.store.database import Database
from core.turn import MessageRef, Outcome, Turn, TurnState

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LATER = NOW + 2 * MINUTE
"""When leases taken at NOW have ended."""
KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="171.5")
ANNA = Author(id="U1", name="Anna")
BEN = Author(id="U2", name="Ben")
DONE = Outcome(state=TurnState.DONE, text="an answer")
POST = MessageRef(channel="C1", message="900.1")
TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid()"
)
"""PostgreSQL ends every other connection to the database."""
_numbers = itertools.count(1)


def said(text: str = "hello", *, by: Author = ANNA, key: ConversationKey = KEY, **changed: object) -> Incoming:
    """A mention with a message id of its own; anything about it can be changed."""
    message_id = f"171.{next(_numbers)}"
    incoming = Incoming(
        event_id=message_id,
        message_id=message_id,
        key=key,
        author=by,
        kind=IncomingKind.MENTION,
        text=text,
        target=ReplyTarget(key=key, kind="thread", details={"ts": message_id}),
        sent_at=NOW,
    )
    return replace(incoming, **changed)  # type: ignore[arg-type]  # a field's name decides its type


def edited(original: Incoming, text: str, *, at: datetime = NOW + SECOND) -> Incoming:
    """The author of that message changed its text."""
    event_id = f"{original.message_id}:{at.timestamp()}"
    return replace(original, event_id=event_id, kind=IncomingKind.EDIT, text=text, sent_at=at)


def deleted(original: Incoming) -> Incoming:
    """That message was deleted."""
    return replace(original, event_id=f"{original.message_id}:deleted", kind=IncomingKind.DELETE, text="")


def pressed(*, key: ConversationKey = KEY, by: Author = ANNA) -> Incoming:
    """Somebody used a button under a message of ours."""
    return said("again", by=by, key=key, kind=IncomingKind.BUTTON, message_id=POST.message)


def assistant(text: str = "an answer", *, tokens: int = 5) -> Message:
    """What the model said."""
    return replace(text_message(Role.ASSISTANT, text), tokens=tokens)


async def accept(store: Store, incoming: Incoming, *, tokens: int = 5, at: datetime = NOW) -> Accepted:
    """The store accepts it."""
    accepted = await store.accept(incoming, tokens=tokens, now=at)
    assert isinstance(accepted, Accepted)
    return accepted


class Worker:
    """A process that claims turns."""

    def __init__(self, store: Store, owner: str) -> None:
        self.store = store
        self.owner = owner

    async def claim(self, *, at: datetime = NOW, platform: Platform = Platform.SLACK) -> Turn | None:
        """The next turn, for a minute."""
        return await self.store.claim([platform], self.owner, now=at, until=at + MINUTE)

    async def claimed(self, *, at: datetime = NOW) -> Turn:
        """The next turn, which is there."""
        turn = await self.claim(at=at)
        assert turn is not None
        return turn

    async def answer(self, *said_back: Message, at: datetime = NOW, outcome: Outcome = DONE) -> Turn:
        """The next turn has ended so, with these messages (or one)."""
        turn = await self.claimed(at=at)
        await self.store.finish(turn, outcome, said_back or (assistant(),), now=at)
        return turn


async def texts(store: Store, turn: Turn, *, room: int = 10_000) -> list[str]:
    """What a model that answers the turn reads, oldest first."""
    return [message.text for message in (await store.history(turn, room=room)).messages]


async def state(store: Store, turn: Turn) -> TurnState:
    """Where the turn stands now."""
    found = await store.turn(turn.id)
    assert found is not None
    return found.state


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database, closed in the end."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()
