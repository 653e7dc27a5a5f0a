"""Finding words in what was said earlier in one conversation.

Messages are stored as JSON in ASCII, in which no database finds an umlaut however it is written; so they are compared
here, folded. The search goes from the newest backwards along the index that orders a conversation, a batch at a time,
and ends after a fixed number of messages: its cost has a bound however long the conversation is (law 8).
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Role
from core.store.results import Found, Search
from core.store.tables import MessageRow

MOST_READ = 2_000
"""Messages that one search looks at."""
MOST_CHARACTERS = 2_000_000
"""Of text that one search looks at; a long file may be in a message."""
BATCH = 100
SPOKEN = frozenset({Role.USER, Role.ASSISTANT})
"""Results of tools are not what anybody said."""


async def found(
    session: AsyncSession, conversation_id: int, words: Sequence[str], *, before: int, limit: int
) -> Search:
    """At most that many messages of turns before that one in which all the words occur, newest first."""
    wanted = [folded(word) for word in words]
    hits: list[Found] = []
    read = characters = 0
    async for message in _backwards(session, conversation_id, before):
        if len(hits) >= limit or read >= MOST_READ or characters >= MOST_CHARACTERS:
            return Search(found=tuple(hits), whole=False)
        read, characters = read + 1, characters + len(message.text)
        spoken = message.role in SPOKEN
        if spoken and all(word in folded(message.text) for word in wanted):
            hits.append(message)
    return Search(found=tuple(hits), whole=True)


async def _backwards(session: AsyncSession, conversation_id: int, before: int) -> AsyncIterator[Found]:
    seq, position = before, 0
    types = [MessageRow.turn_seq.type, MessageRow.position.type]
    columns = (MessageRow.role, MessageRow.author_name, MessageRow.created_at, MessageRow.parts)
    while True:
        query = (
            select(MessageRow.turn_seq, MessageRow.position, *columns)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.turn_seq <= seq,  # implied by the other; it tells SQLite where in the index to begin
                tuple_(MessageRow.turn_seq, MessageRow.position) < tuple_(seq, position, types=types),
            )
            .order_by(MessageRow.turn_seq.desc(), MessageRow.position.desc())
            .limit(BATCH)
        )
        rows = (await session.execute(query)).all()
        for _, _, role, author, at, parts in rows:
            text = "".join(part.get("text", "") for part in parts)
            yield Found(role=Role(role), author=author, at=at, text=text)
        if len(rows) < BATCH:
            return
        seq, position = rows[-1].turn_seq, rows[-1].position


def folded(text: str) -> str:
    """The text with letters that people take for the same written alike."""
    if text.isascii():
        return text.lower()  # the same, and twenty times as fast
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
