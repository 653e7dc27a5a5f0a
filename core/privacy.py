"""What is kept of people: of which part something is asked, and for how many days things are kept. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.conversation import ConversationKey, Platform

FOR_EVER = 0
"""As an age in days."""


class Kept(StrEnum):
    """What is kept for a time."""

    CONVERSATIONS = "conversations"
    """What was asked and answered, and what was made of it."""
    NOTES = "notes"
    """What people had kept, for themselves or for a channel."""
    TUTORING = "tutoring"
    """Tutoring sessions: plans, questions and what was answered."""
    USAGE = "usage"
    """What each answer used, and whose it was: an account without words."""
    AUDIT = "audit"
    """What admins did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """For how many days each kind is kept. None where a wider place decides; 0 means for ever."""

    conversations: int | None = None
    notes: int | None = None
    tutoring: int | None = None
    usage: int | None = None
    audit: int | None = None

    def of(self, kept: Kept) -> int | None:
        """The age of that kind."""
        match kept:
            case Kept.CONVERSATIONS:
                return self.conversations
            case Kept.NOTES:
                return self.notes
            case Kept.TUTORING:
                return self.tutoring
            case Kept.USAGE:
                return self.usage
            case Kept.AUDIT:
                return self.audit

    def having(self, kept: Kept, days: int | None) -> Ages:
        """The same ages but for that one."""
        return replace(self, **{kept.value: days})

    def within(self, wider: Ages) -> Ages:
        """These ages, and where they say nothing those of the wider place."""
        return Ages(**{kept.value: wider.of(kept) if self.of(kept) is None else self.of(kept) for kept in Kept})


DEFAULT_AGES = Ages(conversations=180, notes=400, tutoring=400, usage=400, audit=400)
"""Half a year of memory; a year and a month of what somebody asked to be kept, and of accounts, so that a month can be
laid beside that of the year before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A workspace, or a channel in one."""

    platform: Platform
    workspace: str
    channel: str | None = None
    """None for the workspace as such."""

    @classmethod
    def of(cls, key: ConversationKey) -> Place:
        """The channel around that conversation."""
        return cls(platform=key.platform, workspace=key.workspace, channel=key.channel)

    @property
    def whole(self) -> Place:
        """The workspace."""
        return replace(self, channel=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which part of what is stored somebody means."""

    place: Place
    person: str | None
    """Whose; None for everybody's."""
    conversation: int | None = None
    """As the store numbers it; None for all conversations of the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How much is stored within a reach."""

    messages: int = 0
    """What people wrote."""
    answers: int = 0
    """Turns that answer it, ended or not."""
    summaries: int = 0
    """Summaries that cover some of it."""
    notes: int = 0
    """What they had kept."""
    sessions: int = 0
    """Tutoring sessions."""
    through: int = 0
    """The last turn among them, or in which a note was written; 0 where there is none."""

    def __bool__(self) -> bool:
        return bool(self.messages or self.answers or self.notes or self.sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A place in which something has ended, and since when its oldest is there."""

    place: Place
    oldest: datetime
    ages: Ages
    """As set for the channel and, where nothing is, for the workspace."""
