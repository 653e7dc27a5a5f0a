"""Discord's permissions: who is an admin, and telling about one that is missing, once per channel.

A refusal does not say which permission it was about; what was tried does (failures.py).
"""

from __future__ import annotations

import asyncio

import structlog

from adapters.discord import payloads
from adapters.discord.declarations import Permission
from adapters.discord.failures import Doing, MissingPermission
from adapters.discord.places import DIRECT
from adapters.discord.rest import Rest
from adapters.recency import Recent
from core.conversation import ConversationKey
from core.errors import SurfaceError

log = structlog.get_logger()


ADMIN = Permission.ADMINISTRATOR | Permission.MANAGE_GUILD
"""Either of these makes an admin of the server."""
CHANNEL_ADMIN = ADMIN | Permission.MANAGE_CHANNELS
"""Any of these, in the channel where somebody acts, lets them decide what holds there."""


def is_admin(permissions: str | None) -> bool:
    """Whether a member with this permission set, as an interaction names it, may change how Parley behaves."""
    return _any_of(ADMIN, permissions)


def manages_channel(permissions: str | None) -> bool:
    """Whether such a member may change how Parley behaves in the channel of the interaction."""
    return _any_of(CHANNEL_ADMIN, permissions)


def _any_of(wanted: Permission, permissions: str | None) -> bool:
    return bool(permissions and permissions.isdecimal() and int(permissions) & wanted)


async def runs_guild(rest: Rest, guild: str, person: str) -> bool:
    """Whether the person owns the guild, or a role of theirs lets them manage it. No answer means no."""
    try:
        found = await rest.guild(guild)
        member = await rest.member(guild, person)
    except SurfaceError:
        return False
    held = {guild, *map(str, member.get("roles") or ())}  # everybody has the role that is called like the guild
    granted = (role.get("permissions") for role in found.get("roles") or () if str(role.get("id")) in held)
    return str(found.get("owner_id")) == person or any(is_admin(str(bits)) for bits in granted)


class Complaints:
    """Tells who owns the server what the bot may not do, once per channel and permission, and the log as well.

    The owner is the one person of whom Discord tells without further intents that they can put it right. They are
    written to directly: whoever happens to ask can do nothing about it, and the channel may be closed to us.
    """

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._told: Recent[tuple[str, str], None] = Recent()
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, key: ConversationKey, error: MissingPermission) -> None:
        """The owner of the server in which that happened will know, if it is new."""
        if (key.channel, error.needs) in self._told:
            return
        self._told.put((key.channel, error.needs), None)
        log.warning("permission missing", action="discord.permission_missing", channel=key.channel, detail=error.detail)
        task = asyncio.create_task(self._write(key, error))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, key: ConversationKey, error: MissingPermission) -> None:
        if key.workspace == DIRECT:
            return
        try:
            server = await self._rest.guild(key.workspace)
            direct = await self._rest.direct_channel(str(server["owner_id"]))
            text = _explained(await self._name(key.channel), str(server.get("name", "")), error)
            await self._rest.send(direct, payloads.sentence(text), doing=Doing.SEND)
        except SurfaceError as failure:  # the log has it in any case
            log.info("owner not told", action="discord.owner_not_told", channel=key.channel, detail=failure.detail)

    async def _name(self, channel: str) -> str:
        try:
            return f"#{(await self._rest.channel(channel)).get('name', channel)}"
        except SurfaceError:  # that may be the very permission that is missing
            return f"a channel (id {channel})"

    async def close(self) -> None:
        """No task of ours is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _explained(channel: str, server: str, error: MissingPermission) -> str:
    return (
        f"I cannot answer as I should in {channel} on {server}. I need: {error.needs}. "
        "You can allow it under Edit Channel, Permissions, or in my role under Server Settings, Roles. "
        "I say this once for this channel."
    )
