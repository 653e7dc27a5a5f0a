"""A turn in a real store, and tools called in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from core.conversation import ConversationKey, Platform
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.store import Accepted, Store
from core.tools.tool import Scene
from core.turn import Turn, TurnState

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="171.5")
ANNA = Author(id="U1", name="Anna")
BEN = Author(id="U2", name="Ben")

Asking = Callable[..., Awaitable[Scene]]


def scene_of(turn: Turn, *, time_zone: str = "UTC", first_read: int = 0) -> Scene:
    """Tools are called for that turn, now."""
    return Scene(turn=turn, now=NOW, time_zone=time_zone, first_read=first_read)


@pytest.fixture
async def scene() -> Scene:
    """A scene for tools that look at nothing stored."""
    target = ReplyTarget(key=KEY, kind="thread", details={})
    turn = Turn(id=1, key=KEY, seq=1, state=TurnState.RUNNING, asker=ANNA, target=target, queued_at=NOW)
    return scene_of(turn)


@pytest.fixture
def asking(store: Store) -> Asking:
    """Somebody asks, and the turn is being answered."""
    numbers = iter(range(1, 1_000))

    async def ask(text: str = "hello", *, by: Author = ANNA, key: ConversationKey = KEY) -> Scene:
        number = f"171.{next(numbers)}"
        incoming = Incoming(
            event_id=number,
            message_id=number,
            key=key,
            author=by,
            kind=IncomingKind.MENTION,
            text=text,
            target=ReplyTarget(key=key, kind="thread", details={}),
            sent_at=NOW,
        )
        assert isinstance(await store.accept(incoming, tokens=3, now=NOW), Accepted)
        turn = await store.claim([Platform.SLACK], "w1", now=NOW, until=NOW.replace(hour=13))
        assert turn is not None
        return scene_of(turn)

    return ask
