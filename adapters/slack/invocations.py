"""Slash commands, buttons and Slack's own Stop, in core's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.slack.blocks import control_of
from adapters.slack.names import to_markdown
from adapters.slack.places import Place, said_at
from adapters.slack.targets import BySlash, InDirect, InThread, Way, target
from core.commands import catalogue
from core.commands.declaration import parse_words
from core.incoming import Author, Ignored, Incoming, IncomingKind
from core.ports import Control

Payload = Mapping[str, Any]

LONGEST_QUESTION = 2_500
"""Characters of the question that are repeated above its answer."""


def command(body: Payload, team: str, author: Author, names: Mapping[str, str], at: datetime) -> Incoming:
    """A slash command. It has no message of its own, and Slack knows none inside threads (slack.md, section 6)."""
    place = Place(team=team, channel=str(body["channel_id"]))
    name, trigger = str(body["command"]).lstrip("/"), str(body["trigger_id"])
    words = to_markdown(str(body.get("text") or ""), names).strip()
    declared = catalogue.named(name)
    said = parse_words(declared, words) if declared is not None else None
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
        command=said.name if said is not None else name,
        options=said.options if said is not None else {},
        shared=not place.direct,
    )


def click(body: Payload, team: str, author: Author) -> Incoming | Ignored:
    """A button under a reply of ours."""
    action: Payload = next(iter(body.get("actions") or ()), {})
    control = control_of(str(action.get("action_id") or ""))
    if control is None:
        return Ignored(reason="a button of somebody else")
    box, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or box.get("channel_id") or "")
    ts = str(message.get("ts") or box.get("message_ts") or "")
    thread = str(message.get("thread_ts") or box.get("thread_ts") or ts)
    if not channel or not ts:
        return Ignored(reason="a button outside of messages")
    moment = str(action.get("action_ts") or ts)
    place = Place(team=team, channel=channel)
    return Incoming(
        event_id=f"{moment}:{author.id}",
        message_id=ts,
        key=place.key(thread),
        author=author,
        kind=IncomingKind.BUTTON,
        text=control.value,
        target=target(place.key(thread), _way(place, thread, ts, author.id)),
        sent_at=said_at(moment),
        options={"turn": str(action.get("value") or "")},
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


def _way(place: Place, thread: str, message: str, user: str) -> Way:
    if place.direct:
        return InDirect(channel=place.channel, thread=thread, message=message, user=user)
    return InThread(channel=place.channel, thread=thread, user=user)
