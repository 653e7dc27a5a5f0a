"""Slash commands and buttons, as the gateway delivers them, in core's words. Pure.

An interaction tells who may do what in its channel, so this is where admins are known. Answering it in time is
interactions.py.
"""

from __future__ import annotations

from adapters.discord import snowflakes
from adapters.discord.payloads import control_of
from adapters.discord.permissions import is_admin
from adapters.discord.places import Place
from adapters.discord.targets import BySlash, InChannel, target
from adapters.discord.translate import Payload, author_of
from core.incoming import Author, Ignored, Incoming, IncomingKind

COMMAND, COMPONENT = 2, 3
"""Kinds of interactions."""
CHAT_INPUT = 1
QUESTION = "ask"
"""The command whose answer is a reply that grows, seen by all; every other one is answered at once."""


def invocation(payload: Payload, place: Place) -> Incoming | Ignored:
    """What the person did."""
    data = payload.get("data") or {}
    if payload.get("type") == COMMAND and data.get("type", CHAT_INPUT) == CHAT_INPUT:
        return _command(payload, place)
    if payload.get("type") == COMPONENT:
        return _click(payload, place)
    return Ignored(reason="an interaction of another kind")


def _command(payload: Payload, place: Place) -> Incoming:
    data = payload["data"]
    # A question begins a conversation of its own; other commands are about the place where they are used.
    key = place.key(payload["id"] if data["name"] == QUESTION else None)
    way = BySlash(
        channel=place.posts_in,
        application=str(payload["application_id"]),
        interaction=payload["id"],
        token=payload["token"],
    )
    options = {option["name"]: str(option["value"]) for option in data.get("options") or () if "value" in option}
    return Incoming(
        event_id=payload["id"],
        message_id=payload["id"],
        key=key,
        author=_actor(payload),
        kind=IncomingKind.COMMAND,
        text=" ".join(options.values()),
        target=target(key, way),
        sent_at=snowflakes.made_at(payload["id"]),
        continues=place.thread,
        command=data["name"],
        options=options,
        shared=place.shared,
    )


def _click(payload: Payload, place: Place) -> Incoming | Ignored:
    pressed = control_of(str(payload["data"].get("custom_id", "")))
    if pressed is None:
        return Ignored(reason="a button of somebody else")
    control, turn = pressed
    message = str((payload.get("message") or {}).get("id", payload["id"]))
    key = place.key(message)
    return Incoming(
        event_id=payload["id"],
        message_id=message,
        key=key,
        author=_actor(payload),
        kind=IncomingKind.BUTTON,
        text=control.value,
        target=target(key, InChannel(channel=place.posts_in)),
        sent_at=snowflakes.made_at(payload["id"]),
        options={"turn": turn},
        shared=place.shared,
    )


def _actor(payload: Payload) -> Author:
    """Who acts: a member of the guild, with their permissions in this channel, or a user in direct messages."""
    member = payload.get("member") or {}
    person = author_of({"author": member.get("user") or payload["user"], "member": member})
    return Author(id=person.id, name=person.name, admin=is_admin(member.get("permissions")))
