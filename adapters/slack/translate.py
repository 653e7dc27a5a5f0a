"""Messages of people, as Slack's events deliver them, in core's words; or silence, with its reason. Pure.

One mention comes as two events, `app_mention` and `message`, in either order; both say the same here. Slash commands
and buttons are translated in invocations.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.slack.attachments import attachments
from adapters.slack.names import mentions, to_markdown, without_address
from adapters.slack.places import Place, said_at
from adapters.slack.targets import BEGUN, InChannel, InDirect, InThread, Way, target
from adapters.slack.words import understood
from core.channel import AnswerIn, ChannelSettings
from core.commands import catalogue
from core.commands.declaration import Command
from core.conversation import ConversationKey
from core.incoming import Author, Ignored, Incoming, IncomingKind

Payload = Mapping[str, Any]

SAID = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Subtypes of messages in which a person says something."""
CHANGED, DELETED, TOMBSTONE = "message_changed", "message_deleted", "tombstone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the event itself."""

    bot: str
    """The bot's user id."""
    place: Place
    author: Author
    settings: ChannelSettings = ChannelSettings()
    names: Mapping[str, str] = field(default_factory=dict)
    """Of people named in the text, by id."""


def silence(event: Payload, bot: str) -> Ignored | None:
    """Why nobody needs to look at this event, or none. Asked first, because it needs nothing else."""
    said = subject(event)
    if said.get("user") == bot:
        return Ignored(reason="own message")
    if said.get("bot_id") or said.get("subtype") == "bot_message":
        return Ignored(reason="another bot")
    if event.get("subtype") == CHANGED:
        return _unchanged(event)
    if event.get("subtype") == DELETED:
        return None
    if event.get("subtype") not in SAID:
        return Ignored(reason=f"system message {event.get('subtype')}")
    if not event.get("user"):
        return Ignored(reason="nobody said it")
    return None if _concerns_us(event, bot) else Ignored(reason="not for us")


def _concerns_us(event: Payload, bot: str) -> bool:
    """Whether the message could be for the bot: talk among people in a channel shall cost no further calls."""
    direct = event.get("channel_type") == "im" or str(event.get("channel") or "").startswith("D")
    return direct or _named(event, bot) or _continues(event) is not None


def _named(event: Payload, bot: str) -> bool:
    return event.get("type") == "app_mention" or mentions(event.get("text") or "", bot)


def _unchanged(event: Payload) -> Ignored | None:
    now, before = event.get("message") or {}, event.get("previous_message") or {}
    if now.get("subtype") == TOMBSTONE:
        return None if before.get("subtype") != TOMBSTONE else Ignored(reason="deleted before")
    if now.get("subtype") not in SAID:
        return Ignored(reason=f"system message {now.get('subtype')}")
    if now.get("text") == before.get("text"):
        return Ignored(reason="text unchanged")
    return None


def subject(event: Payload) -> Payload:
    """The message that the event is about, as it stood when a person last said something."""
    if event.get("subtype") == DELETED:
        return event.get("previous_message") or {}
    if event.get("subtype") == CHANGED:
        now = event.get("message") or {}
        return (event.get("previous_message") or {}) if now.get("subtype") == TOMBSTONE else now
    return event


def translated(event: Payload, around: Surroundings) -> Incoming | Ignored:
    """What a person did, for an event about which `silence` said nothing."""
    if event.get("subtype") == DELETED:
        return _deletion(event, str(event.get("deleted_ts") or subject(event).get("ts")), around)
    if event.get("subtype") == CHANGED:
        now = event.get("message") or {}
        if now.get("subtype") == TOMBSTONE:
            return _deletion(event, str(now["ts"]), around)
        return _edit(now, str(event.get("ts")), around)
    return _message(event, around)


def bang(event: Payload, bot: str) -> tuple[Command, str] | None:
    """The command that a message is, and the words behind it: `!ask …`, wherever slash commands cannot be used."""
    text = without_address(event.get("text") or "", bot)
    if not text.startswith("!"):
        return None
    name, _, words = text[1:].partition(" ")
    command = catalogue.named(name.strip().lower())
    return (command, words) if command is not None else None


# ── messages ──


def _message(event: Payload, around: Surroundings) -> Incoming | Ignored:
    kind = _kind(event, around)
    if isinstance(kind, Ignored):
        return kind
    used = bang(event, around.bot)
    text, files = _text(event, around), attachments(event.get("files") or ())
    if kind is not IncomingKind.MENTION and not text and not files:
        return Ignored(reason="empty")
    words = to_markdown(used[1], around.names).strip() if used else ""
    parsed = understood(used[0], used[1], around.names) if used else None
    key = around.place.key(_thread(event))
    return Incoming(
        event_id=event["ts"],
        message_id=event["ts"],
        key=key,
        author=around.author,
        kind=IncomingKind.COMMAND if used else kind,
        text=words if used else text,
        target=target(key, _way(event, around)),
        sent_at=said_at(event["ts"]),
        thread_began_at=said_at(key.thread) if key.thread else None,
        continues=_continues(event),
        command=parsed.name if parsed else None,
        options=parsed.options if parsed else {},
        attachments=files,
        shared=not around.place.direct,
    )


def _kind(event: Payload, around: Surroundings) -> IncomingKind | Ignored:
    if around.place.direct or event.get("channel_type") == "im":
        return IncomingKind.DIRECT
    if _named(event, around.bot):
        return IncomingKind.MENTION
    if _continues(event) is None:
        return Ignored(reason="not for us")
    if around.settings.mention_needed and bang(event, around.bot) is None:
        return Ignored(reason="a mention is needed here")
    return IncomingKind.FOLLOW_UP


def _way(event: Payload, around: Surroundings) -> Way:
    channel, thread, user = around.place.channel, _thread(event), str(event["user"])
    if around.place.direct:
        return InDirect(channel=channel, thread=thread, message=event["ts"], user=user)
    if around.settings.answer_in is AnswerIn.CHANNEL and _continues(event) is None:
        return InChannel(channel=channel, user=user)
    return InThread(channel=channel, thread=thread, user=user, begun=BEGUN if event.get("thread_ts") else "")


def _thread(message: Payload) -> str:
    return str(message.get("thread_ts") or message["ts"])


def _continues(message: Payload) -> str | None:
    """The first message of the thread in which this one stands; it is ours where a slash command was answered."""
    thread = message.get("thread_ts")
    return str(thread) if thread and thread != message["ts"] else None


# ── changes ──


def _edit(message: Payload, changed: str, around: Surroundings) -> Incoming:
    key = around.place.key(_thread(message))
    edited = str((message.get("edited") or {}).get("ts") or changed)
    return Incoming(
        event_id=f"{message['ts']}:{edited}",
        message_id=message["ts"],
        key=key,
        author=around.author,
        kind=IncomingKind.EDIT,
        text=_text(message, around),
        target=target(key, _thread_way(key, str(message.get("user") or ""))),
        sent_at=said_at(edited),
        attachments=attachments(message.get("files") or ()),
        shared=not around.place.direct,
    )


def _deletion(event: Payload, ts: str, around: Surroundings) -> Incoming:
    gone = subject(event)
    key = around.place.key(str(gone.get("thread_ts") or ts))
    return Incoming(
        event_id=f"{ts}:deleted",
        message_id=ts,
        key=key,
        author=around.author,
        kind=IncomingKind.DELETE,
        text="",
        target=target(key, _thread_way(key, around.author.id)),
        sent_at=_first(event, ts),
        shared=not around.place.direct,
    )


def _first(event: Payload, ts: str) -> datetime:
    return said_at(str(event.get("event_ts") or event.get("ts") or ts))


def _thread_way(key: ConversationKey, user: str) -> InThread:
    return InThread(channel=key.channel, thread=key.thread or "", user=user)


# ── what is said ──


def _text(message: Payload, around: Surroundings) -> str:
    return to_markdown(without_address(message.get("text") or "", around.bot), around.names).strip()
