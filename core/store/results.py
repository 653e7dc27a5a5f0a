"""What the store answers: small values that say what became true. Rows never leave the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.conversation import Message, Role
from core.incoming import Attachment, Author
from core.persona import PersonaVersion
from core.privacy import Place
from core.reading import Reading
from core.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a person did is stored and will be answered by this turn."""

    turn: Turn
    joined: bool = False
    """The turn was waiting already and answers this message together with the earlier ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """The same thing was delivered before and has had its effect. Nothing changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOurs:
    """It concerns nothing that Parley takes part in. Nothing changed and no trace is left."""


class Whose(StrEnum):
    """Whose questions wait when a further one is shed."""

    PERSON = "person"
    """The asker's own, in that workspace."""
    WORKSPACE = "workspace"
    EVERYBODY = "everybody"
    """The platform's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shed:
    """Too many turns wait, so no further one does. The message is not stored; delivered again it is a Duplicate."""

    waiting: int
    """How many wait already."""
    whose: Whose


class AmendKind(StrEnum):
    """What an edited message means for the answer to it."""

    QUEUED = "queued"
    """Nobody has begun to answer: the new text is the question."""
    RESTARTED = "restarted"
    """The answer is being made; its owner is signalled to begin anew."""
    OFFERED = "offered"
    """The answer is there and is the conversation's last: a new one can be offered."""
    NOTED = "noted"
    """The conversation went on: the new text stands in its history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """A message has its new text."""

    kind: AmendKind
    turn: Turn
    """The one that answers the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """A message has left its conversation."""

    turn: Turn | None
    """The turn that was to answer it, as it is now; none where that one had ended before."""
    stopped: bool
    """Nothing was left for that turn to answer: it is cancelled, or its owner is signalled to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A message that a turn answers, and the files that came with it."""

    message: int
    """The store's own number for it."""
    attachments: tuple[Attachment, ...]
    readings: tuple[Reading, ...]
    """What was read of them so far, in any order."""
    tokens: int
    """Of the whole message, with what was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is kept of the oldest turns of a conversation."""

    text: str
    through_seq: int
    """The last turn it covers."""
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The end of a conversation, as much as there was room for."""

    summary: Summary | None
    messages: tuple[Message, ...]
    """Oldest first; whole turns only."""
    whole: bool
    """Every turn is either covered by the summary or here."""
    oldest_seq: int
    """The earliest turn whose messages are here."""
    erasures: int = 0
    """How often something of the conversation was erased before this was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurns:
    """How much work there is."""

    queued: int
    live: int
    oldest_queued_at: datetime | None
    """Since when the one that waits longest has been waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureProgress:
    """How far an order to erase has got."""

    erased: int
    """Turns that went just now."""
    done: bool
    """Nothing is left, and the order itself is gone."""


# ── personas ──


class PersonaScope(StrEnum):
    """Where a persona is used, the nearest first. In a thread it is kept by the conversation itself."""

    CHANNEL = "channel"
    DMS = "dms"
    """All direct messages of a workspace."""
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaUse:
    """A persona answers in a place."""

    place: Place
    """With its channel where the scope is one."""
    scope: PersonaScope
    persona_id: int | None
    """None: nobody in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editors:
    """Who may change personas beside admins, by the platform's ids."""

    people: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A version of a persona, and who made it."""

    of: PersonaVersion
    author: Author
    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTaken:
    """Another persona of the workspace has that name. Nothing changed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Somebody else has changed the persona meanwhile. Nothing changed now."""

    newest: Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message of a conversation, as a search finds it."""

    role: Role
    author: str | None
    """The shown name of who wrote it; None for a model."""
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found."""

    found: tuple[Found, ...]
    """The newest first."""
    whole: bool
    """All that is there was looked at; otherwise there may be more, further back."""
