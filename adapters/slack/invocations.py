"""Slash commands, buttons, forms and Slack's own Stop, in core's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.slack import forms
from adapters.slack.attachments import attachments
from adapters.slack.blocks import control_of
from adapters.slack.components import press_of
from adapters.slack.forms import Opened
from adapters.slack.names import to_markdown
from adapters.slack.places import Place, said_at
from adapters.slack.targets import BEGUN, BySlash, InChannel, InDirect, InThread, Way, target
from adapters.slack.words import understood
from core.commands import catalogue
from core.incoming import Author, Ignored, Incoming, IncomingKind
from core.ports import Control

Payload = Mapping[str, Any]

LONGEST_QUESTION = 2_500
"""Characters of the question that are repeated above its answer."""


def command(body: Payload, team: str, author: Author, names: Mapping[str, str], at: datetime) -> Incoming:
    """A slash command. It has no message of its own, and Slack knows none inside threads (slack.md, section 6)."""
    place = Place(team=team, channel=str(body["channel_id"]))
    name, trigger = str(body["command"]).lstrip("/"), str(body["trigger_id"])
    typed = str(body.get("text") or "")
    words = to_markdown(typed, names).strip()
    declared = catalogue.named(name)
    used = understood(declared, typed, names) if declared is not None else None
    key = place.key(f"ask-{trigger}" if declared is catalogue.ASK else None)
    way = BySlash(
        channel=place.channel,
        user=author.id,
        name=author.name,
        question=words if len(words) <= LONGEST_QUESTION else words[: LONGEST_QUESTION - 1] + "…",
        trigger=trigger,
        response_url=str(body.get("response_url") or ""),
    )
    return Incoming(
        event_id=trigger,
        message_id=trigger,
        key=key,
        author=author,
        kind=IncomingKind.COMMAND,
        text=words,
        target=target(key, way),
        sent_at=at,
        command=used.name if used is not None else name,
        options=used.options if used is not None else {},
        shared=not place.direct,
    )


def click(body: Payload, team: str, author: Author) -> Incoming | Ignored:
    """A button or a list under a message of ours, or a button under a reply."""
    action: Payload = next(iter(body.get("actions") or ()), {})
    done = _done(action)
    if done is None:
        return Ignored(reason="a button of somebody else")
    box, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or box.get("channel_id") or "")
    ts = str(message.get("ts") or box.get("message_ts") or "")
    if not channel or not ts:
        return Ignored(reason="a button outside of messages")
    moment = str(action.get("action_ts") or ts)
    place = Place(team=team, channel=channel)
    begun = str(message.get("thread_ts") or box.get("thread_ts") or "")
    thread = begun or ("" if box.get("is_ephemeral") else ts)
    key = place.key(thread or None)
    return Incoming(
        event_id=f"{moment}:{author.id}",
        message_id=ts,
        key=key,
        author=author,
        kind=IncomingKind.BUTTON,
        text=done[0],
        target=target(key, _way(place, thread, ts, author.id, begun=bool(begun))),
        sent_at=said_at(moment),
        options=done[1],
        shared=not place.direct,
    )


def _done(action: Payload) -> tuple[str, dict[str, str]] | None:
    """The action that was pressed, with its options."""
    control = control_of(str(action.get("action_id") or ""))
    if control is not None:
        return control.value, {"turn": str(action.get("value") or "")}
    press = press_of(action)
    return (press.action, {"value": press.value}) if press is not None else None


def submission(body: Payload, form: Opened, team: str, author: Author, at: datetime) -> Incoming:
    """A form that was filled in, where it was opened."""
    view: Payload = body.get("view") or {}
    trigger, view_id = str(body.get("trigger_id") or ""), str(view.get("id") or "")
    place = Place(team=team, channel=form.channel)
    key = place.key(form.thread or None)
    return Incoming(
        event_id=trigger or f"{view_id}:{view.get('hash')}",
        message_id=view_id,
        key=key,
        author=author,
        kind=IncomingKind.FORM,
        text=form.action,
        target=target(key, _way(place, form.thread, form.thread, author.id, begun=form.begun)),
        sent_at=at,
        options={**forms.values(view), "value": form.value},
        attachments=attachments(forms.files(view)),
        shared=not place.direct,
    )


def session_stopped(event: Payload, team: str, author: Author) -> Incoming:
    """The Stop that Slack itself shows while an agent works."""
    place = Place(team=team, channel=str(event["channel"]))
    thread, moment = str(event["thread_ts"]), str(event.get("event_ts") or event["thread_ts"])
    return Incoming(
        event_id=f"{moment}:{author.id}:stopped",
        message_id=thread,
        key=place.key(thread),
        author=author,
        kind=IncomingKind.BUTTON,
        text=Control.STOP.value,
        target=target(place.key(thread), _way(place, thread, thread, author.id)),
        sent_at=said_at(moment),
        shared=not place.direct,
    )


def _way(place: Place, thread: str, message: str, user: str, *, begun: bool = False) -> Way:
    if not thread:
        return InChannel(channel=place.channel, user=user)
    if place.direct:
        return InDirect(channel=place.channel, thread=thread, message=message, user=user)
    return InThread(channel=place.channel, thread=thread, user=user, begun=BEGUN if begun else "")
