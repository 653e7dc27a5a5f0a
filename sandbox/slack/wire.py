"""People, channels and messages in the shapes of Slack's JSON. Pure; events and methods put them into answers."""

from sandbox.slack.messages import Message, MessageBook
from sandbox.slack.values import Json
from sandbox.slack.world import CHANNEL_TYPES, Channel, Person, World


def user(world: World, person: Person) -> Json:
    return {
        "id": person.id,
        "team_id": world.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": False,
        "tz": person.tz,
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
            "real_name_normalized": person.real_name,
            "display_name_normalized": person.name,
            "team": world.team_id,
        },
        "is_admin": person.admin or person.owner,
        "is_owner": person.owner,
        "is_primary_owner": person.owner,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
    }


def channel(world: World, place: Channel) -> Json:
    shared: Json = {
        "id": place.id,
        "is_channel": place.kind == "channel",
        "is_group": False,
        "is_im": place.kind == "dm",
        "is_mpim": False,
        "is_private": place.kind != "channel",
        "is_archived": place.archived,
        "is_member": world.bot.id in place.members,
        "context_team_id": world.team_id,
    }
    if place.kind == "dm":
        return shared | {"user": next(iter(place.members - {world.bot.id}))}
    return shared | {"name": place.name, "name_normalized": place.name, "num_members": len(place.members)}


def message(world: World, book: MessageBook, shown: Message, *, metadata: bool = False) -> Json:
    """The message as history and events carry it; a parent also counts its replies."""
    body: Json = {"type": "message", "user": shown.author.id, "text": shown.text, "ts": shown.ts}
    body |= {"team": world.team_id, "blocks": list(shown.blocks)}
    if shown.author.is_bot:
        body |= _bot(world, shown.author)
    if shown.subtype:
        body["subtype"] = shown.subtype
    if shown.client_msg_id:
        body["client_msg_id"] = shown.client_msg_id
    if shown.files:
        body |= {"files": list(shown.files), "upload": False}
    if shown.attachments:
        body["attachments"] = list(shown.attachments)
    if shown.edited_ts:
        body["edited"] = {"user": shown.author.id, "ts": shown.edited_ts}
    if shown.reactions:
        body["reactions"] = _reactions(shown)
    if metadata and shown.metadata is not None:
        body["metadata"] = shown.metadata
    return body | _thread(book, shown)


def _bot(world: World, bot: Person) -> Json:
    profile = {"id": bot.bot_id, "app_id": bot.app_id, "name": bot.real_name, "deleted": False, "updated": 0}
    return {"bot_id": bot.bot_id, "app_id": bot.app_id, "bot_profile": profile | {"team_id": world.team_id}}


def _reactions(shown: Message) -> list[Json]:
    return [{"name": name, "users": list(who), "count": len(who)} for name, who in shown.reactions.items()]


def _thread(book: MessageBook, shown: Message) -> Json:
    if shown.thread_ts:
        parent = book.get(shown.channel, shown.thread_ts)
        place: Json = {"thread_ts": shown.thread_ts}
        return place | ({"parent_user_id": parent.author.id} if parent else {})
    if not book.has_replies(shown):
        return {}
    replies = book.replies(shown)
    writers = list(dict.fromkeys(reply.author.id for reply in replies))
    return {
        "thread_ts": shown.ts,
        "reply_count": len(replies),
        "reply_users_count": len(writers),
        "reply_users": writers,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": True,
    }


def channel_type(place: Channel) -> str:
    return CHANNEL_TYPES[place.kind]
