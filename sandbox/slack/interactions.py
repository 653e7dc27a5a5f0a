"""The payloads of commands, presses and forms, as Slack's reference describes them. Pure."""

from collections.abc import Sequence

from sandbox.slack import wire
from sandbox.slack.events import VERIFICATION_TOKEN
from sandbox.slack.messages import Message, MessageBook
from sandbox.slack.values import Json, SandboxError
from sandbox.slack.views import View, chosen
from sandbox.slack.world import Channel, Person, World

Option = str | Sequence[str] | None
"""The value that was chosen, or the values where several can be; a moment as Slack sends it."""
_CHANNEL_NAMES = {"dm": "directmessage", "private": "privategroup"}


def command(world: World, person: Person, place: Channel, name: str, text: str) -> Json:
    """A slash command, without `trigger_id` and `response_url`; there is no ts and no thread."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.team_id,
        "team_domain": world.domain,
        "channel_id": place.id,
        "channel_name": _CHANNEL_NAMES.get(place.kind, place.name),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": world.bot.app_id,
        "is_enterprise_install": "false",
    }


def action(block: Json, element: Json, ts: str, option: Option) -> Json:
    """One entry of `actions`. SandboxError when a menu is given no option it has."""
    shared = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    shared |= {"action_ts": ts}
    if element["type"] == "button":
        style = {"style": element["style"]} if "style" in element else {}
        return shared | {"text": element["text"], "value": element.get("value", "")} | style
    if option is None:
        raise SandboxError(f"{element['action_id']!r} is a menu: name an option")
    return shared | chosen(element, option)


def pressed(world: World, book: MessageBook, person: Person, message: Message, done: Json) -> Json:
    """`block_actions` from a message; an ephemeral one is not sent along, only named."""
    place = world.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": place.id,
        "is_ephemeral": message.ephemeral_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body = _shared(world, person, "block_actions") | {"container": container, "actions": [done]}
    body["channel"] = {"id": place.id, "name": _CHANNEL_NAMES.get(place.kind, place.name)}
    body["state"] = {"values": {}}
    if message.ephemeral_for is None:
        body["message"] = wire.message(world, book, message)
    return body


def pressed_in_view(world: World, view: View, done: Json) -> Json:
    container = {"type": "view", "view_id": view.id}
    body = _shared(world, view.person, "block_actions") | {"container": container, "actions": [done]}
    return body | {"view": view.body}


def submitted(world: World, view: View, state: Json) -> Json:
    body = _shared(world, view.person, "view_submission")
    return body | {"view": view.body | {"state": state}, "response_urls": []}


def closed(world: World, view: View, *, cleared: bool) -> Json:
    return _shared(world, view.person, "view_closed") | {"view": view.body, "is_cleared": cleared}


def _shared(world: World, person: Person, kind: str) -> Json:
    user = {"id": person.id, "username": person.name, "name": person.name, "team_id": world.team_id}
    return {
        "type": kind,
        "user": user,
        "api_app_id": world.bot.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": world.team_id, "domain": world.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }
