"""What a person did, in words that no platform owns.

An adapter translates each event into an `Incoming`, or into `Ignored` with its reason. Everything here can be
stored: a turn carries its reply target over a restart and over to another process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.conversation import ConversationKey


class IncomingKind(StrEnum):
    """What a person did."""

    MENTION = "mention"
    FOLLOW_UP = "follow_up"
    """Said in a thread without naming the bot; answered only where Parley already takes part."""
    DIRECT = "direct"
    COMMAND = "command"
    BUTTON = "button"
    FORM = "form"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person, as the platform knows them."""

    id: str
    name: str
    admin: bool = False
    """What the platform answered when asked now; adapters fill it for commands, buttons and forms only."""
    manages_channel: bool = False
    """Whether they run the channel in which they act, though not the workspace. Filled like `admin`."""
    roles: frozenset[str] = frozenset()
    """Ids of the groups they are in, as far as the platform says so."""

    @property
    def runs_channel(self) -> bool:
        """Whether they may decide what holds in this channel alone."""
        return self.admin or self.manages_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message. Nothing is fetched yet."""

    id: str
    name: str
    media_type: str
    size: int
    """Bytes."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTarget:
    """Where the reply goes, in words that only the adapter that made it reads. Stored with the turn."""

    key: ConversationKey
    kind: str
    """The adapter's own name for the way to answer, such as `thread`, `dm`, `slash`."""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing a person did."""

    event_id: str
    """Unique for the thing done, however often and in however many shapes it is delivered: for a message its own
    id, for an edit the id with the time of the edit, for a command or a button the interaction's id."""
    message_id: str
    """The message that was written, edited or deleted; for a button, the message that carries it."""
    key: ConversationKey
    author: Author
    kind: IncomingKind
    text: str
    """Markdown, without the bot's name. For a command its words; for a button or a form its action."""
    target: ReplyTarget
    sent_at: datetime
    thread_began_at: datetime | None = None
    """For a message in a thread: when its first one was written."""
    continues: str | None = None
    """A message of ours that this one answers: the conversation in which we posted it goes on, whatever `key` says."""
    command: str | None = None
    """For a command, its name without the slash, and its verb where it has verbs: `persona create`."""
    options: dict[str, str] = field(default_factory=dict)
    """Of a command. For a form its fields, and as `value` the form's own; for a button its `value`, or as `turn` the
    turn under whose answer it stands."""
    attachments: tuple[Attachment, ...] = ()
    shared: bool = False
    """Several people read and write here, so the model is told who says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Silence, with its reason, for the log."""

    reason: str
