"""The bodies of the Events API, as Slack's reference describes each event. Pure."""

from sandbox.slack import wire
from sandbox.slack.messages import Message, MessageBook
from sandbox.slack.values import Json
from sandbox.slack.world import Channel, Person, World

VERIFICATION_TOKEN = "sandbox-verification"


def callback(world: World, event: Json, event_id: str, at: float) -> Json:
    """The outer `event_callback`, which HTTP mode posts and Socket Mode puts into an envelope."""
    authorization = {
        "enterprise_id": None,
        "team_id": world.team_id,
        "user_id": world.bot.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": None,
        "api_app_id": world.bot.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }


def posted(world: World, book: MessageBook, place: Channel, message: Message) -> Json:
    shown = wire.message(world, book, message)
    return shown | _in(place, message.ts)


def mentioned(world: World, book: MessageBook, place: Channel, message: Message) -> Json:
    """`app_mention`: the same text once more, without `channel_type`."""
    shown = wire.message(world, book, message)
    shown.pop("subtype", None)
    shown.pop("parent_user_id", None)
    return shown | {"type": "app_mention", "channel": place.id, "event_ts": message.ts}


def changed(world: World, book: MessageBook, place: Channel, now: Message, before: Message, ts: str) -> Json:
    body = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": ts}
    shown = {"message": wire.message(world, book, now), "previous_message": wire.message(world, book, before)}
    return body | shown | _in(place, ts)


def deleted(world: World, book: MessageBook, place: Channel, gone: Message, ts: str) -> Json:
    body = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": ts, "deleted_ts": gone.ts}
    return body | {"previous_message": wire.message(world, book, gone)} | _in(place, ts)


def reaction_added(person: Person, message: Message, name: str, ts: str) -> Json:
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    body = {"type": "reaction_added", "user": person.id, "reaction": name, "item": item, "event_ts": ts}
    return body | {"item_user": message.author.id}


def home_opened(person: Person, dm: Channel, tab: str, ts: str, view: Json | None) -> Json:
    body = {"type": "app_home_opened", "user": person.id, "channel": dm.id, "tab": tab, "event_ts": ts}
    return body | ({"view": view} if view else {})


def session_stopped(person: Person, place: Channel, thread_ts: str, streams: list[str], ts: str) -> Json:
    body = {"type": "agent_session_stopped", "user": person.id, "channel": place.id, "thread_ts": thread_ts}
    return body | {"streaming_message_ts": streams, "event_ts": ts}


def tokens_revoked(world: World, ts: str) -> Json:
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [world.bot.id]}, "event_ts": ts}


def _in(place: Channel, ts: str) -> Json:
    return {"channel": place.id, "channel_type": wire.channel_type(place), "event_ts": ts}
