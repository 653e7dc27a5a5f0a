"""What the store promises about looking back: notes that people have kept, and what was said earlier.

A part of Store, like keeping.py. Nothing of another workspace, channel or person is ever read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.errors import LeaseLost
from core.notes import Note, NoteScope
from core.store import conversations, leases, notes, search
from core.store.database import Database
from core.store.results import Search
from core.turn import Turn


class Remembering:
    """Notes, and searching a conversation."""

    _database: Database

    async def keep_note(self, turn: Turn, scope: NoteScope, text: str, *, now: datetime) -> Note:
        """There is such a note of who asks the turn, for them or for the channel. The same text is kept once. Raises
        NotesFull, and LeaseLost (also where what was asked has been forgotten meanwhile)."""
        async with self._database.writing() as session:
            # Erasing waits for the turn, or this for it: no note of a forgotten turn is left.
            row = await leases.held(session, turn)
            if row.forgotten:
                raise LeaseLost(f"turn {turn.id} was forgotten")
            return await notes.kept(session, turn, scope, text, now=now)

    async def notes(self, turn: Turn) -> tuple[Note, ...]:
        """The notes that may be read in that turn: its asker's and its channel's, the newest first."""
        async with self._database.reading() as session:
            return await notes.readable(session, turn.key, turn.asker)

    async def drop_note(self, turn: Turn, number: int) -> Note | None:
        """The note of that number is gone; None unless it may be read in that turn, which may have ended since."""
        async with self._database.writing() as session:
            return await notes.dropped(session, turn.key, turn.asker, number)

    async def search_messages(self, turn: Turn, words: Sequence[str], *, before_seq: int, limit: int) -> Search:
        """What was said in the turn's conversation before the turn of that place in it and holds all of the words,
        newest first; also what a summary covers."""
        async with self._database.reading() as session:
            conversation = await conversations.of_turn(session, turn)
            return await search.found(session, conversation.id, words, before=min(before_seq, turn.seq), limit=limit)
