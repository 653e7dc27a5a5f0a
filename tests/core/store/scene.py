"""What tests of the store say again and again: what somebody did, and when."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.conversation import ConversationKey, Platform
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.store import Accepted, Store
from core.turn import Turn

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="171.5")
ANNA = Author(id="U1", name="Anna")
BEN = Author(id="U2", name="Ben")
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


class Worker:
    """Somebody who claims turns."""

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


async def accept(store: Store, incoming: Incoming, *, tokens: int = 5, at: datetime = NOW) -> Accepted:
    """The store accepts it."""
    accepted = await store.accept(incoming, tokens=tokens, now=at)
    assert isinstance(accepted, Accepted)
    return accepted
