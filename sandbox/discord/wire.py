"""People, channels, guilds and messages in the shapes of Discord's JSON.

Nothing here decides anything; `rest` puts these shapes into answers and `happenings` into events.
"""

from sandbox.discord.attachments import Attachments
from sandbox.discord.messages import Flag, Message, MessageBook, MessageType
from sandbox.discord.snowflakes import timestamp
from sandbox.discord.values import Json
from sandbox.discord.world import Channel, Guild, Member, Person, Role, World

CHANNEL_TYPES = {"text": 0, "dm": 1, "thread": 11}


class Wire:
    """One world, drawn in JSON."""

    def __init__(self, world: World, book: MessageBook, attachments: Attachments) -> None:
        self._world = world
        self._book = book
        self._attachments = attachments

    def user(self, person: Person) -> Json:
        return {
            "id": person.id,
            "username": person.name,
            "global_name": None if person.bot else person.display,
            "discriminator": "0000" if person.bot else "0",
            "avatar": None,
            "bot": person.bot,
            "public_flags": 0,
        }

    def member(self, member: Member, *, user: bool = True) -> Json:
        body: Json = {
            "roles": sorted(member.roles),
            "joined_at": timestamp(member.joined_at),
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "communication_disabled_until": None,
            "flags": 0,
        }
        return body | ({"user": self.user(self._world.people[member.person_id])} if user else {})

    def role(self, role: Role, position: int) -> Json:
        return {
            "id": role.id,
            "name": role.name,
            "permissions": str(int(role.permissions)),
            "position": position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": role.managed,
            "mentionable": False,
            "flags": 0,
        }

    def roles(self, guild: Guild) -> list[Json]:
        return [self.role(role, position) for position, role in enumerate(guild.roles.values())]

    def channel(self, channel: Channel) -> Json:
        body: Json = {"id": channel.id, "type": CHANNEL_TYPES[channel.kind], "flags": 0}
        body["last_message_id"] = self._book.newest(channel.id)
        if channel.kind == "dm":
            return body | {"recipients": [self.user(self._world.people[channel.recipient_id or ""])]}
        body |= {"guild_id": channel.guild_id, "name": channel.name, "rate_limit_per_user": 0}
        if channel.thread is not None:
            return body | self._thread(channel)
        return body | {
            "position": channel.position,
            "parent_id": None,
            "topic": channel.topic,
            "nsfw": False,
            "permission_overwrites": [
                {
                    "id": rule.id,
                    "type": 0 if rule.kind == "role" else 1,
                    "allow": str(int(rule.allow)),
                    "deny": str(int(rule.deny)),
                }
                for rule in channel.overwrites
            ],
        }

    def guild(self, guild: Guild) -> Json:
        """The guild without what changes often, as `GET /guilds/{id}` gives it."""
        return {
            "id": guild.id,
            "name": guild.name,
            "owner_id": guild.owner_id,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "description": None,
            "banner": None,
            "roles": self.roles(guild),
            "emojis": [],
            "stickers": [],
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "premium_progress_bar_enabled": False,
        }

    def guild_create(self, guild: Guild) -> Json:
        """The guild with all that comes only in this event."""
        return self.guild(guild) | {
            "joined_at": timestamp(guild.members[self._world.bot.id].joined_at),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [self.member(member) for member in guild.members.values()],
            "channels": self.channels(guild),
            "threads": self.threads(guild),
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def channels(self, guild: Guild) -> list[Json]:
        """The guild's channels, threads not among them."""
        own = [one for one in self._world.channels.values() if one.guild_id == guild.id and one.kind == "text"]
        return [self.channel(one) for one in own]

    def threads(self, guild: Guild) -> list[Json]:
        """The guild's active threads that the bot sees."""
        world = self._world
        seen = [one for one in world.threads(guild.id) if world.permissions(world.bot, one)]
        return [self.channel(one) for one in seen if one.thread and not one.thread.archived]

    def message(self, message: Message, *, referenced: bool = True) -> Json:
        """The message as REST gives it; events add what belongs to a guild."""
        body: Json = {
            "id": message.id,
            "channel_id": message.channel_id,
            "author": self.user(message.author),
            "content": message.content,
            "timestamp": timestamp(message.at),
            "edited_timestamp": timestamp(message.edited_at) if message.edited_at else None,
            "tts": False,
            "mention_everyone": message.mentions.everyone,
            "mentions": [self.user(self._world.people[who]) for who in message.mentions.users],
            "mention_roles": list(message.mentions.roles),
            "attachments": [self._attachments.describe(one) for one in message.attachments],
            "embeds": [] if message.flags & Flag.SUPPRESS_EMBEDS else list(message.embeds),
            "components": list(message.components),
            "pinned": False,
            "type": int(message.type),
            "flags": int(message.flags),
        }
        if message.reactions:
            body["reactions"] = self._reactions(message)
        if message.nonce is not None:
            body["nonce"] = message.nonce
        if message.webhook:
            body |= {"webhook_id": self._world.application_id, "application_id": self._world.application_id}
        if message.interaction is not None:
            body["interaction_metadata"] = message.interaction
        if message.thread_id in self._world.channels:
            body["thread"] = self.channel(self._world.channels[message.thread_id])
        return body | self._reference(message, with_message=referenced)

    def in_event(self, message: Message) -> Json:
        """The message as the gateway gives it."""
        body = self.message(message)
        channel = self._world.channels[message.channel_id]
        body["channel_type"] = CHANNEL_TYPES[channel.kind]
        guild = self._world.guild_of(channel)
        if guild is None:
            return body
        body["guild_id"] = guild.id
        if author := guild.members.get(message.author.id):
            body["member"] = self.member(author, user=False)
        for user in body["mentions"]:
            if mentioned := guild.members.get(user["id"]):
                user["member"] = self.member(mentioned, user=False)
        return body

    def _thread(self, channel: Channel) -> Json:
        state, messages = channel.thread, self._book.count(channel.id)
        assert state is not None
        joined = self._world.bot.id in state.members
        mine = {"member": {"flags": 0, "join_timestamp": timestamp(state.created_at)}} if joined else {}
        return mine | {
            "parent_id": channel.parent_id,
            "owner_id": state.owner_id,
            "message_count": messages,
            "total_message_sent": messages,
            "member_count": len(state.members),
            "thread_metadata": {
                "archived": state.archived,
                "locked": state.locked,
                "auto_archive_duration": state.auto_archive_minutes,
                "archive_timestamp": timestamp(state.archived_at),
                "create_timestamp": timestamp(state.created_at),
            },
        }

    def _reference(self, message: Message, *, with_message: bool) -> Json:
        if message.reference is None:
            return {}
        there = message.reference
        guild_id = self._world.channels[there.channel_id].guild_id
        body: Json = {"message_reference": {"type": 0, "message_id": there.message_id, "channel_id": there.channel_id}}
        if guild_id is not None:
            body["message_reference"]["guild_id"] = guild_id
        if with_message and message.type in (MessageType.REPLY, MessageType.THREAD_STARTER):
            found = self._book.get(there.channel_id, there.message_id)
            body["referenced_message"] = self.message(found, referenced=False) if found else None
        return body

    def _reactions(self, message: Message) -> list[Json]:
        return [
            {
                "emoji": {"id": None, "name": emoji},
                "count": len(who),
                "count_details": {"normal": len(who), "burst": 0},
                "me": self._world.bot.id in who,
                "me_burst": False,
                "burst_colors": [],
            }
            for emoji, who in message.reactions.items()
        ]
