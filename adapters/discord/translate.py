"""Messages of people, as the gateway delivers them, in core's words; or silence, with its reason. Pure.

Works on the payloads themselves: discord.py's message objects are changed in place by later events (discord.md,
section 1). Commands and buttons are translated in invocations.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.discord import snowflakes
from adapters.discord.names import Names, to_markdown, without_address
from adapters.discord.places import Place
from adapters.discord.targets import AsReply, InChannel, InThread, Way, target
from core.channel import AnswerIn, ChannelSettings
from core.incoming import Attachment, Author, Ignored, Incoming, IncomingKind

DEFAULT, REPLY = 0, 19
FORWARD = 1
LONGEST_NAME = 80
"""Characters of a thread's name; Discord takes 100."""
LONGEST_QUOTE = 1_000
UNNAMED = "A question"

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the message itself."""

    bot: str
    """The bot's user id."""
    place: Place
    settings: ChannelSettings = ChannelSettings()
    names: Names = Names()
    """Of roles and channels; people's names come with the message."""
    own_roles: frozenset[str] = frozenset()
    """Roles that are the bot's alone: naming one means the bot."""


def silence(payload: Payload, bot: str) -> Ignored | None:
    """Why nobody needs to look at this message, or none. Asked first, because it needs nothing else."""
    author = payload.get("author") or {}
    if author.get("id") == bot:
        return Ignored(reason="own message")
    if payload.get("webhook_id"):
        return Ignored(reason="webhook")
    if author.get("bot") or author.get("system"):
        return Ignored(reason="another bot")
    if not author or payload.get("type", DEFAULT) not in (DEFAULT, REPLY):
        return Ignored(reason="system message")
    return None


def unaddressed(payload: Payload, around: Surroundings) -> Ignored | None:
    """Why the message is not for the bot whatever the channel's settings are, or none. Most messages are not."""
    kind = _kind(payload, replace(around, settings=ChannelSettings()))
    return kind if isinstance(kind, Ignored) else None


def message(payload: Payload, around: Surroundings) -> Incoming | Ignored:
    """A new message."""
    kind = _kind(payload, around)
    if isinstance(kind, Ignored):
        return kind
    text, files = _text(payload, around), attachments(payload)
    if kind is not IncomingKind.MENTION and not text and not files:
        return Ignored(reason="empty")
    return Incoming(
        event_id=payload["id"],
        message_id=payload["id"],
        key=around.place.key(payload["id"]),
        author=author_of(payload),
        kind=kind,
        text=text,
        target=target(around.place.key(payload["id"]), _way(payload, around, text)),
        sent_at=snowflakes.made_at(payload["id"]),
        thread_began_at=snowflakes.made_at(around.place.thread) if around.place.thread else None,
        continues=_continues(payload, around),
        attachments=files,
        shared=around.place.shared,
    )


def edit(payload: Payload, around: Surroundings) -> Incoming | Ignored:
    """A changed message. Discord also sends this when a link's preview appears or a thread begins."""
    edited_at = payload.get("edited_timestamp")
    if not edited_at or "content" not in payload:
        return Ignored(reason="not edited")
    text = _text(payload, around)
    if not text:
        return Ignored(reason="empty")  # without the message content intent this says nothing of the message
    key = around.place.key(payload["id"])
    return Incoming(
        event_id=f"{payload['id']}:{edited_at}",
        message_id=payload["id"],
        key=key,
        author=author_of(payload),
        kind=IncomingKind.EDIT,
        text=text,
        target=target(key, InChannel(channel=around.place.posts_in)),
        sent_at=datetime.fromisoformat(edited_at),
        attachments=attachments(payload),
        shared=around.place.shared,
    )


def deletion(message_id: str, place: Place, at: datetime) -> Incoming:
    """A message is gone. Discord says neither whose it was nor what it said."""
    key = place.key(message_id)
    return Incoming(
        event_id=f"{message_id}:deleted",
        message_id=message_id,
        key=key,
        author=Author(id="", name=""),
        kind=IncomingKind.DELETE,
        text="",
        target=target(key, InChannel(channel=place.posts_in)),
        sent_at=at,
        shared=place.shared,
    )


# ── who is spoken to ──


def _kind(payload: Payload, around: Surroundings) -> IncomingKind | Ignored:
    if around.place.guild is None:
        return IncomingKind.DIRECT
    if _mentioned(payload, around):
        return IncomingKind.MENTION
    if around.place.thread is not None:
        needed = around.settings.mention_needed
        return Ignored(reason="a mention is needed here") if needed else IncomingKind.FOLLOW_UP
    return IncomingKind.FOLLOW_UP if _answers_us(payload, around) else Ignored(reason="not for us")


def _mentioned(payload: Payload, around: Surroundings) -> bool:
    """Replies to the bot name it in `mentions` as well, unless the person switched that off."""
    named = any(user.get("id") == around.bot for user in payload.get("mentions") or ())
    return named or not around.own_roles.isdisjoint(payload.get("mention_roles") or ())


def _answers_us(payload: Payload, around: Surroundings) -> bool:
    answered = payload.get("referenced_message") or {}
    return bool((answered.get("author") or {}).get("id") == around.bot)


def _continues(payload: Payload, around: Surroundings) -> str | None:
    """Whatever of ours was answered. A thread that somebody began at one of our messages has that message's id."""
    if around.place.guild is None:
        return None
    return around.place.thread or _replied_to(payload, around)


def _replied_to(payload: Payload, around: Surroundings) -> str | None:
    reference = payload.get("message_reference") or {}
    if reference.get("type", 0) == FORWARD or not reference.get("message_id"):
        return None
    unknown = payload.get("referenced_message") is None
    return str(reference["message_id"]) if unknown or _answers_us(payload, around) else None


def _way(payload: Payload, around: Surroundings, text: str) -> Way:
    place = around.place
    if place.guild is None or place.thread is not None:
        return InChannel(channel=place.posts_in)
    if around.settings.answer_in is AnswerIn.CHANNEL or _replied_to(payload, around) is not None:
        return AsReply(channel=place.channel, message=payload["id"])
    return InThread(channel=place.channel, message=payload["id"], name=thread_name(text))


# ── what is said ──


def _text(payload: Payload, around: Surroundings) -> str:
    said = _readable(payload, around)
    quoted = _quoted(payload, around)
    return f"{quoted}\n\n{said}".strip() if quoted else said


def _quoted(payload: Payload, around: Surroundings) -> str:
    """What somebody else wrote, where the person points to it: by a reply, or by forwarding it."""
    answered = payload.get("referenced_message") or {}
    snapshots = [one.get("message") or {} for one in payload.get("message_snapshots") or ()]
    if answered and not _answers_us(payload, around):
        name = _shown_name(answered.get("author") or {}, answered.get("member"))
        return _as_quote(f"{name}: {_readable(answered, around)}") if answered.get("content") else ""
    return "\n".join(_as_quote(_readable(one, around)) for one in snapshots if one.get("content"))


def _as_quote(text: str) -> str:
    short = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
    return "\n".join(f"> {line}" for line in short.splitlines())


def _readable(payload: Payload, around: Surroundings) -> str:
    content = payload.get("content") or ""
    own = {f"<@{around.bot}>", f"<@!{around.bot}>", *(f"<@&{role}>" for role in around.own_roles)}
    users = {user["id"]: _shown_name(user, user.get("member")) for user in payload.get("mentions") or ()}
    names = Names(users=users, roles=around.names.roles, channels=around.names.channels)
    return to_markdown(without_address(content, frozenset(own)), names)


def author_of(payload: Payload) -> Author:
    """Who wrote the message, by the name that the guild shows, with the roles that they have there."""
    user, member = payload["author"], payload.get("member") or {}
    roles = frozenset(map(str, member.get("roles") or ()))
    return Author(id=user["id"], name=_shown_name(user, member), roles=roles)


def _shown_name(user: Payload, member: Payload | None) -> str:
    nick = (member or {}).get("nick")
    return str(nick or user.get("global_name") or user.get("username") or "someone")


def attachments(payload: Payload) -> tuple[Attachment, ...]:
    """The files that came with it, as Discord describes them."""
    return tuple(
        Attachment(
            id=str(file["id"]),
            name=str(file.get("filename", "file")),
            media_type=str(file.get("content_type") or "application/octet-stream"),
            size=int(file.get("size") or 0),
            url=str(file.get("url", "")),
        )
        for file in payload.get("attachments") or ()
    )


def thread_name(text: str) -> str:
    """The question's first words, without their markup and without what it quotes."""
    lines = [line for line in text.splitlines() if line.strip(" \t`*_~#>-|")]
    line = next((line for line in lines if not line.startswith(">")), next(iter(lines), ""))
    plain = " ".join(re.sub(r"[*_~`|]+|^[#>\s-]+", "", line).split())
    if len(plain) <= LONGEST_NAME:
        return plain or UNNAMED
    return plain[:LONGEST_NAME].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
