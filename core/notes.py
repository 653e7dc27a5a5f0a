"""Notes that people have Parley keep: a short text for one person or for one channel. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST = 50
"""Notes of one person in a workspace, and of one channel."""
LONGEST = 1_000
"""Characters of a note."""


class NoteScope(StrEnum):
    """For whom a note is kept."""

    PERSON = "person"
    """Who asked for it: read in turns that they ask, in any channel of the workspace."""
    CHANNEL = "channel"
    """Everybody in the channel: read there and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to be remembered."""

    id: int
    """Never used again, also when the note is gone."""
    scope: NoteScope
    text: str
    author: str
    """The shown name of who had it kept."""
    author_id: str
    at: datetime


class NotesFull(Exception):
    """There are as many notes as there may be; one has to go before another is kept."""
