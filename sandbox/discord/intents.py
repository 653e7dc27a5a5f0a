"""Which events a connection hears, and what a message loses on the way to a bot without MESSAGE_CONTENT. Pure."""

from dataclasses import dataclass
from enum import IntFlag

from sandbox.discord.values import Json


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


KNOWN = (1 << 29) - 1
"""Bits above are no intent, and identifying with one ends the connection with 4013."""

_GUILD = {
    "GUILD": Intent.GUILDS,
    "CHANNEL": Intent.GUILDS,
    "THREAD": Intent.GUILDS,
    "GUILD_MEMBER": Intent.GUILD_MEMBERS,
    "MESSAGE": Intent.GUILD_MESSAGES,
    "MESSAGE_REACTION": Intent.GUILD_MESSAGE_REACTIONS,
    "TYPING": Intent.GUILD_MESSAGE_TYPING,
}
_DIRECT = {
    "MESSAGE": Intent.DIRECT_MESSAGES,
    "MESSAGE_REACTION": Intent.DIRECT_MESSAGE_REACTIONS,
    "TYPING": Intent.DIRECT_MESSAGE_TYPING,
}


@dataclass(slots=True, kw_only=True)
class Portal:
    """The switches of the application's page in the developer portal."""

    message_content: bool = True
    members: bool = True
    presences: bool = True

    def disallowed(self, intents: int) -> bool:
        """Whether a privileged intent among these is not switched on."""
        switched_off = (Intent.MESSAGE_CONTENT if not self.message_content else 0) | (
            Intent.GUILD_MEMBERS if not self.members else 0
        )
        return bool(intents & (switched_off | (Intent.GUILD_PRESENCES if not self.presences else 0)))

    @property
    def flags(self) -> int:
        """The application's flags: the `LIMITED` kind, as of an app that fewer than 10,000 people can see."""
        return (self.presences << 13) | (self.members << 15) | (self.message_content << 19)


def needed(event: str, *, direct: bool) -> int:
    """The intent without which the event is not sent; 0 when everybody hears it."""
    table, subject = (_DIRECT if direct else _GUILD), event.rpartition("_")[0]
    while subject:
        if subject in table:
            return table[subject]
        subject = subject.rpartition("_")[0]
    return 0


def without_content(message: Json, bot_id: str) -> Json:
    """The message as a guild sends it to a bot without MESSAGE_CONTENT."""
    mentioned = any(user["id"] == bot_id for user in message["mentions"])
    if "guild_id" not in message or mentioned or message["author"]["id"] == bot_id:
        stripped = message
    else:
        stripped = message | {"content": "", "embeds": [], "attachments": [], "components": []}
    parent = message.get("referenced_message")
    if parent is None:
        return stripped
    with_guild = parent | {"guild_id": message.get("guild_id")} if "guild_id" in message else parent
    shown = without_content(with_guild, bot_id)
    return stripped | {"referenced_message": {key: value for key, value in shown.items() if key in parent}}
