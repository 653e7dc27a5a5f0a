"""What a page that watches the sandbox is told, in plain JSON. Pure; `control` sends it on."""

from sandbox.slack import blocks as block_kit
from sandbox.slack.messages import Message
from sandbox.slack.values import Json
from sandbox.slack.world import Channel, Person


def shown(message: Message) -> Json:
    """A message as a page draws it."""
    return {
        "id": message.ts,
        "channel": message.channel,
        "thread": message.thread_ts,
        "author": {"id": message.author.id, "name": message.author.real_name, "bot": message.author.is_bot},
        "text": message.text,
        "format": message.format,
        "edited": message.edited > 0,
        "streaming": message.streaming == "streaming",
        "ephemeral_for": message.ephemeral_for,
        "buttons": block_kit.buttons(message.blocks),
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "files": [_file(file) for file in message.files],
        "reactions": {name: list(who) for name, who in message.reactions.items()},
        "at": message.at,
    }


def _file(file: Json) -> Json:
    """What a page needs to show it; its bytes are at `_sandbox/files/{id}/{name}`."""
    return {name: file[name] for name in ("id", "name", "mimetype", "size", "mode") if name in file}


def message(changed: Message) -> Json:
    return {"type": "message", "message": shown(changed)}


def deleted(gone: Message) -> Json:
    return {"type": "deleted", "channel": gone.channel, "id": gone.ts}


def status(channel: str, thread: str, text: str) -> Json:
    return {"type": "status", "channel": channel, "thread": thread, "text": text}


def view(person: Person, body: Json | None) -> Json:
    """A modal or Home as the person sees it; None when it closed."""
    return {"type": "view", "person": person.id, "view": body}


def person(one: Person) -> Json:
    return {"id": one.id, "name": one.name, "admin": one.admin or one.owner, "bot": one.is_bot}


def channel(place: Channel) -> Json:
    kind = "dm" if place.kind == "dm" else "channel"
    return {"id": place.id, "name": place.name, "kind": kind, "members": sorted(place.members)}
