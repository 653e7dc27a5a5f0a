"""What somebody may do in a channel: Discord's own way of adding up roles and overwrites. Pure.

The order is that of docs.discord.com/developers/topics/permissions: everyone's role, the member's roles, then the
channel's overwrites for everyone, for the roles together, and for the member.
"""

from collections.abc import Iterable
from enum import IntFlag
from typing import Literal, NamedTuple


class Permission(IntFlag):
    """The bits that this sandbox looks at, with Discord's values."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


P = Permission
NOTHING = Permission(0)
ALL = Permission((1 << 53) - 1)
TALKING = P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY | P.ADD_REACTIONS
THREADS = P.CREATE_PUBLIC_THREADS | P.CREATE_PRIVATE_THREADS | P.SEND_MESSAGES_IN_THREADS
EVERYONE = TALKING | THREADS | P.USE_APPLICATION_COMMANDS
BOT = TALKING | P.CREATE_PUBLIC_THREADS | P.SEND_MESSAGES_IN_THREADS
MODERATOR = EVERYONE | P.MANAGE_GUILD | P.MANAGE_CHANNELS | P.MANAGE_MESSAGES | P.MANAGE_THREADS | P.MENTION_EVERYONE
IN_DIRECT_MESSAGES = TALKING | P.USE_APPLICATION_COMMANDS
WRITING = P.SEND_MESSAGES | P.SEND_MESSAGES_IN_THREADS | THREADS


class Overwrite(NamedTuple):
    """What a channel allows or denies one role or one member, whatever the guild says."""

    id: str
    kind: Literal["role", "member"]
    allow: Permission = NOTHING
    deny: Permission = NOTHING


def computed(
    *,
    everyone_id: str,
    member_id: str,
    role_ids: Iterable[str],
    granted: Permission,
    overwrites: Iterable[Overwrite],
    owner: bool = False,
) -> Permission:
    """The permissions in a channel, from what the roles together grant and what the channel overwrites."""
    if owner or granted & P.ADMINISTRATOR:
        return ALL
    mine = set(role_ids)
    rules = list(overwrites)
    for layer in (
        [rule for rule in rules if rule.id == everyone_id],
        [rule for rule in rules if rule.kind == "role" and rule.id in mine],
        [rule for rule in rules if rule.kind == "member" and rule.id == member_id],
    ):
        for rule in layer:
            granted &= ~rule.deny
        for rule in layer:
            granted |= rule.allow
    return granted if granted & P.VIEW_CHANNEL else NOTHING
