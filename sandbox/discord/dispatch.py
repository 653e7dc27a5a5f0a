"""Which session hears which event: by shard, by intents, by what the bot can see, and by the faults that are planned.

Only sending is here; what the events say is decided in `happenings`.
"""

import asyncio
from collections.abc import Callable

from sandbox.discord import intents
from sandbox.discord.faults import Faults, Held
from sandbox.discord.intents import Intent
from sandbox.discord.permissions import Permission
from sandbox.discord.sessions import Session
from sandbox.discord.values import Json
from sandbox.discord.world import Channel, World

RESUMABLE_SECONDS = 300.0
"""How long a session without a connection is kept. Discord does not say; some minutes are what others saw."""
_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


class Dispatcher:
    """All sessions, and the one way to tell them something."""

    def __init__(self, world: World, faults: Faults, now: Callable[[], float]) -> None:
        self._world = world
        self._faults = faults
        self._now = now
        self._late: set[asyncio.Task[None]] = set()
        self.sessions: dict[str, Session] = {}

    def in_channel(self, event: str, data: Json, channel: Channel) -> None:
        """The event reaches the bot if the bot sees the channel."""
        if self._world.may(self._world.bot, channel, Permission.VIEW_CHANNEL):
            self._send(event, data, channel.guild_id)

    def in_guild(self, event: str, data: Json, guild_id: str | None) -> None:
        """The event reaches the bot on the guild's shard; what belongs to no guild comes on shard 0."""
        self._send(event, data, guild_id)

    def everywhere(self, event: str, data: Json) -> None:
        """The event reaches every session, whatever its intents."""

        def deliver() -> None:
            for session in self.sessions.values():
                session.dispatch(event, data)

        self._faulty(deliver)

    def hearers(self, guild_id: str | None) -> list[Session]:
        """The sessions on that guild's shard."""
        return [session for session in self.sessions.values() if session.hears_guild(guild_id)]

    def forget_the_lost(self) -> None:
        """Sessions that nobody resumed in time are gone."""
        oldest = self._now() - RESUMABLE_SECONDS
        for session in list(self.sessions.values()):
            if session.lost_at is not None and session.lost_at < oldest:
                del self.sessions[session.id]

    async def stop(self) -> None:
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _send(self, event: str, data: Json, guild_id: str | None) -> None:
        self.forget_the_lost()

        def deliver() -> None:
            for session in self.hearers(guild_id):
                self._deliver(session, event, data, direct=guild_id is None)

        self._faulty(deliver)

    def _deliver(self, session: Session, event: str, data: Json, *, direct: bool) -> None:
        needed = intents.needed(event, direct=direct)
        if needed and not session.intents & needed:
            return
        if event in _MESSAGES and not session.intents & Intent.MESSAGE_CONTENT:
            data = intents.without_content(data, self._world.bot.id)
        session.dispatch(event, data)

    def _faulty(self, deliver: Callable[[], None]) -> None:
        if held := self._faults.take_hold():
            task = asyncio.create_task(_later(held, deliver))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return
        deliver()
        if self._faults.take_duplicate():
            deliver()


async def _later(held: Held, deliver: Callable[[], None]) -> None:
    await held.wait()
    deliver()
