"""What Parley asks of Discord: permissions, gateway intents and the invitation's scopes, each with its reason.

Written once: the connection, the invitation, the doctor and the reference pages read it. Commands are declared in core
and registered when Parley starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import reduce
from operator import or_
from urllib.parse import urlencode


class Permission(IntFlag):
    """Bits of Discord's permission sets (discord.md, section 7)."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One permission that the invitation asks for."""

    permission: Permission
    title: str
    """As Discord's pages call it."""
    reason: str
    """Ends the sentence "Parley needs it to …"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One kind of events that the gateway sends."""

    name: str
    """As discord.py calls it."""
    bit: int
    reason: str
    portal: str = ""
    """The switch in Discord's developer portal, where it is a privileged one."""


PERMISSIONS = (
    Asked(permission=Permission.VIEW_CHANNEL, title="View Channels", reason="see the channels where it shall answer"),
    Asked(permission=Permission.SEND_MESSAGES, title="Send Messages", reason="answer"),
    Asked(permission=Permission.EMBED_LINKS, title="Embed Links", reason="show cards, such as personas and quotas"),
    Asked(
        permission=Permission.ATTACH_FILES,
        title="Attach Files",
        reason="give people files: long answers, exports, pictures of progress",
    ),
    Asked(
        permission=Permission.READ_MESSAGE_HISTORY,
        title="Read Message History",
        reason="answer under a message, and find its thread",
    ),
    Asked(
        permission=Permission.CREATE_PUBLIC_THREADS,
        title="Create Public Threads",
        reason="answer a mention in a thread of its own",
    ),
    Asked(permission=Permission.SEND_MESSAGES_IN_THREADS, title="Send Messages in Threads", reason="go on there"),
)
NEEDED = reduce(or_, (asked.permission for asked in PERMISSIONS))
"""What the invitation asks for."""
SCOPES = {
    "bot": "be a member of the server, with the permissions of the link",
    "applications.commands": "offer /ask and the other commands there",
}
"""OAuth scopes of the invitation."""

INTENTS = (
    Intent(name="guilds", bit=1 << 0, reason="which servers, channels and threads there are"),
    Intent(
        name="guild_messages",
        bit=1 << 9,
        reason="messages in channels; without the content, only that there are some and who is mentioned",
    ),
    Intent(name="dm_messages", bit=1 << 12, reason="direct messages"),
    Intent(
        name="message_content",
        bit=1 << 15,
        reason="the words of messages that do not mention Parley: threads go on without a mention",
        portal="Message Content Intent",
    ),
)
"""What the gateway is asked for (discord.md, section 1)."""


def invitation(application: str) -> str:
    """The link by which somebody who manages a server adds the bot to it with all that it needs."""
    query = {"client_id": application, "scope": " ".join(SCOPES), "permissions": int(NEEDED)}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"
