"""What a page that watches the sandbox is told, in plain JSON. Pure; `control` sends it on."""

from sandbox.discord import components
from sandbox.discord.messages import Message
from sandbox.discord.permissions import Permission
from sandbox.discord.values import Json
from sandbox.discord.wire import Wire
from sandbox.discord.world import Channel, Person, World


def shown(world: World, message: Message, wire: Wire) -> Json:
    """A message as a page draws it."""
    return {
        "id": message.id,
        "channel": message.channel_id,
        "thread": None,
        "author": {"id": message.author.id, "name": message.author.display, "bot": message.author.bot},
        "text": message.content or "\n".join(components.texts(message.components)),
        "format": "discord",
        "edited": message.edited > 0,
        "streaming": False,
        "thinking": message.loading,
        "ephemeral_for": message.ephemeral_for,
        "reply_to": message.reply_to,
        "opens": message.thread_id,
        "kind": message.type.name.lower(),
        "buttons": components.buttons(message.components),
        "components": list(message.components),
        "embeds": list(message.embeds),
        "attachments": wire.message(message, referenced=False)["attachments"],
        "reactions": {emoji: list(who) for emoji, who in message.reactions.items()},
        "mentions": {who: world.people[who].display for who in message.mentions.users},
        "at": message.at,
    }


def message(world: World, changed: Message, wire: Wire) -> Json:
    return {"type": "message", "message": shown(world, changed, wire)}


def deleted(gone: Message) -> Json:
    return {"type": "deleted", "channel": gone.channel_id, "id": gone.id}


def typing(place: Channel, who: Person) -> Json:
    return {"type": "typing", "channel": place.id, "person": who.id}


def opened(place: Channel) -> Json:
    """A thread that is new, or that changed."""
    return {"type": "channel", "channel": _place(place, sorted(place.thread.members if place.thread else []))}


def modal(person: Person, interaction_id: str, body: Json | None) -> Json:
    """The form that the person sees; None when it closed."""
    return {"type": "modal", "person": person.id, "modal": body and body | {"id": interaction_id}}


def person(world: World, one: Person) -> Json:
    """A person with the right to manage any guild is an admin to the page."""
    managing = Permission.MANAGE_GUILD | Permission.ADMINISTRATOR
    admin = any(
        guild.owner_id == one.id or (one.id in guild.members and world.granted(guild, guild.members[one.id]) & managing)
        for guild in world.guilds.values()
    )
    return {"id": one.id, "name": one.display, "admin": bool(admin), "bot": one.bot}


def role(one: Json) -> Json:
    return {"id": one["id"], "name": one["name"].removeprefix("@"), "color": one.get("color", 0)}


def channel(world: World, place: Channel) -> Json:
    """A channel with the people who see it; a thread with those who joined it."""
    if place.thread is not None:
        return _place(place, sorted(place.thread.members))
    everyone = [who for who in world.people.values() if world.permissions(who, place) & Permission.VIEW_CHANNEL]
    return _place(place, sorted(who.id for who in everyone))


def _place(place: Channel, members: list[str]) -> Json:
    kind = "channel" if place.kind == "text" else place.kind
    body: Json = {"id": place.id, "name": place.name, "kind": kind, "parent": place.parent_id, "members": members}
    return body | {"guild": place.guild_id, "archived": bool(place.thread and place.thread.archived)}
