"""What the store promises about the files that people send.

A part of Store, apart because other rooms are about conversing. Its methods are short transactions like the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.incoming import Attachment
from core.reading import Reading
from core.store import conversations, enclosures, leases
from core.store.database import Database
from core.store.results import Enclosed
from core.turn import Turn


class Filing:
    """Files of messages, and what was read of them."""

    _database: Database

    async def enclosed(self, turn: Turn) -> tuple[Enclosed, ...]:
        """The messages of people that the turn answers, oldest first, with their files."""
        async with self._database.reading() as session:
            return await enclosures.of_turn(session, turn.id)

    async def record_readings(self, turn: Turn, message: int, readings: Sequence[Reading]) -> bool:
        """That was read of the message's files, and the message is so much longer. False, and nothing changed, where
        the message was deleted or forgotten meanwhile; a file that was taken out of it is passed over. Raises
        LeaseLost."""
        async with self._database.writing() as session:
            row = await leases.held(session, turn)
            return await enclosures.recorded(session, row, message, readings)

    async def pictures(self, turn: Turn, *, since: int, most: int) -> tuple[Attachment, ...]:
        """The pictures of the turn's conversation, from its turn `since` up to the turn itself: the newest so many,
        newest first."""
        async with self._database.reading() as session:
            conversation = await conversations.of_turn(session, turn)
            return await enclosures.pictures(session, conversation.id, first=since, last=turn.seq, most=most)
