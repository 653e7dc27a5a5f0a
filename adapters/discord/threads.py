"""Threads made from the message that asks, and the reply in the channel where none can be made."""

from __future__ import annotations

import structlog

from adapters.discord.failures import MissingPermission, ThreadExists
from adapters.discord.permissions import Complaints
from adapters.discord.rest import Rest
from adapters.discord.targets import InThread
from adapters.recency import Recent
from core.conversation import ConversationKey
from core.errors import PostGone, SurfaceBusy, SurfaceError, SurfaceUnavailable

log = structlog.get_logger()

WORTH_WAITING = 5.0
"""Seconds that an answer waits for a thread of its own; threads have a limit of minutes, and nobody waits so long."""


class Threads:
    """Which answers have their thread."""

    def __init__(self, rest: Rest, complaints: Complaints) -> None:
        self._rest = rest
        self._complaints = complaints
        self._made: Recent[str, bool] = Recent()
        """By message; false where the answer goes to the channel instead."""

    def is_made(self, way: InThread) -> bool:
        """Whether the thread is known to be there."""
        return self._made.get(way.message) is True

    def is_refused(self, way: InThread) -> bool:
        """Whether the answer goes to the channel."""
        return self._made.get(way.message) is False

    def refuse(self, way: InThread) -> None:
        """The answer goes to the channel from now on."""
        self._made.put(way.message, False)

    async def opened(self, key: ConversationKey, way: InThread) -> bool:
        """Whether the message has a thread now. Its id is the message's. Raises SurfaceBusy, SurfaceUnavailable."""
        known = self._made.get(way.message)
        if known is None:
            known = await self._make(key, way)
            self._made.put(way.message, known)
        return known

    async def _make(self, key: ConversationKey, way: InThread) -> bool:
        try:
            await self._rest.make_thread(way.channel, way.message, way.name)
        except ThreadExists:
            return True
        except SurfaceBusy as error:
            if (error.retry_after or 0.0) <= WORTH_WAITING:
                raise
            log.info("no thread", action="discord.no_thread", channel=way.channel, detail=error.detail)
            return False
        except SurfaceUnavailable:
            raise
        except MissingPermission as error:
            self._complaints.tell(key, error)
            return False
        except PostGone:  # the question was deleted meanwhile
            return False
        except SurfaceError as error:  # a kind of channel without threads, or a name that AutoMod does not like
            log.info("no thread", action="discord.no_thread", channel=way.channel, detail=error.detail)
            return False
        return True
