"""Slash commands, buttons, lists and forms, as the gateway delivers them, in core's words. Pure.

An interaction tells who may do what in its channel, so this is where admins are known. Answering it in time is
interactions.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from adapters.discord import forms, snowflakes
from adapters.discord.components import carried_by, press_of
from adapters.discord.payloads import EPHEMERAL, control_of
from adapters.discord.permissions import is_admin, manages_channel
from adapters.discord.places import Place
from adapters.discord.targets import BySlash, InChannel, target
from adapters.discord.translate import Payload, attachments, author_of
from core.incoming import Author, Ignored, Incoming, IncomingKind

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMISSION = 2, 3, 4, 5
"""Kinds of interactions."""
CHAT_INPUT = 1
SUBCOMMAND, GROUP, TEXT, INTEGER = 1, 2, 3, 4
"""Kinds of options."""
QUESTION = "ask"
"""The command whose answer is a reply that grows, seen by all; every other one is answered at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """An option that somebody is filling in."""

    incoming: Incoming
    """The command so far."""
    option: str
    kind: int
    """Of the option."""
    typed: str


def invocation(payload: Payload, place: Place) -> Incoming | Ignored:
    """What the person did."""
    data = payload.get("data") or {}
    kind = payload.get("type")
    if kind == COMMAND and data.get("type", CHAT_INPUT) == CHAT_INPUT:
        return _command(payload, place)
    if kind == COMPONENT:
        return _click(payload, place)
    if kind == SUBMISSION:
        return _submission(payload, place)
    return Ignored(reason="an interaction of another kind")


# ── commands ──


def _command(payload: Payload, place: Place) -> Incoming:
    data = payload["data"]
    # A question begins a conversation of its own; other commands are about the place where they are used.
    key = place.key(payload["id"] if data["name"] == QUESTION else None)
    path, given = _used(data)
    options = {str(option["name"]): said(option["value"]) for option in given if "value" in option}
    return Incoming(
        event_id=payload["id"],
        message_id=payload["id"],
        key=key,
        author=_actor(payload),
        kind=IncomingKind.COMMAND,
        text=" ".join(options.values()),
        target=target(key, _by_token(payload, place)),
        sent_at=snowflakes.made_at(payload["id"]),
        continues=place.thread,
        command=" ".join(path),
        options=options,
        shared=place.shared,
    )


def _used(data: Payload) -> tuple[list[str], list[Payload]]:
    """The command's name with its verb, and the options that were filled in."""
    path, given = [str(data["name"])], list(data.get("options") or ())
    while given and given[0].get("type") in (SUBCOMMAND, GROUP):
        path.append(str(given[0]["name"]))
        given = list(given[0].get("options") or ())
    return path, given


def said(value: Any) -> str:
    """An option's value as text. JSON knows no whole numbers, so `3.0` is one; halves of characters are none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return forms.storable(str(value))


def typing(payload: Payload, place: Place) -> Typing | Ignored:
    """What somebody is typing."""
    for option in _used(payload["data"])[1]:
        if option.get("focused"):
            return Typing(
                incoming=_command(payload, place),
                option=str(option["name"]),
                kind=int(option.get("type") or TEXT),
                typed=said(option.get("value", "")),
            )
    return Ignored(reason="no option is typed")


def _by_token(payload: Payload, place: Place) -> BySlash:
    return BySlash(
        channel=place.posts_in,
        application=str(payload["application_id"]),
        interaction=payload["id"],
        token=payload["token"],
    )


# ── buttons and lists ──


def _click(payload: Payload, place: Place) -> Incoming | Ignored:
    done = _done(payload["data"])
    return _pressed(payload, place, *done) if done is not None else Ignored(reason="a button of somebody else")


def opening(payload: Payload, place: Place) -> Incoming:
    """The press of a button that opens a form again. Core never hears of it."""
    return _pressed(payload, place, "", {})


def _pressed(payload: Payload, place: Place, action: str, options: dict[str, str]) -> Incoming:
    source = payload.get("message") or {}
    message = str(source.get("id", payload["id"]))
    alone = int(source.get("flags") or 0) & EPHEMERAL
    key = place.key(None if alone else message)
    return Incoming(
        event_id=payload["id"],
        message_id=message,
        key=key,
        author=_actor(payload),
        kind=IncomingKind.BUTTON,
        text=action,
        target=target(key, InChannel(channel=place.posts_in)),
        sent_at=snowflakes.made_at(payload["id"]),
        options=options,
        shared=place.shared,
    )


def _done(data: Payload) -> tuple[str, dict[str, str]] | None:
    """The action that was pressed, with its options."""
    control = control_of(str(data.get("custom_id", "")))
    if control is not None:
        return control[0].value, {"turn": control[1]}
    press = press_of(data)
    return (press.action, {"value": press.value}) if press is not None else None


# ── forms ──


def _submission(payload: Payload, place: Place) -> Incoming | Ignored:
    form = carried_by(str(payload["data"].get("custom_id", "")))
    if form is None:
        return Ignored(reason="a form of somebody else")
    filled, key = forms.filled(payload["data"]), place.key()
    return Incoming(
        event_id=payload["id"],
        message_id=payload["id"],
        key=key,
        author=_actor(payload),
        kind=IncomingKind.FORM,
        text=form.action,
        target=target(key, _by_token(payload, place)),
        sent_at=snowflakes.made_at(payload["id"]),
        options={**filled.values, "value": form.value},
        attachments=attachments({"attachments": filled.files}),
        shared=place.shared,
    )


def _actor(payload: Payload) -> Author:
    """Who acts: a member of the guild, with their permissions in this channel, or a user in direct messages."""
    member = payload.get("member") or {}
    person = author_of({"author": member.get("user") or payload["user"], "member": member})
    permissions = member.get("permissions")
    return replace(person, admin=is_admin(permissions), manages_channel=manages_channel(permissions))
