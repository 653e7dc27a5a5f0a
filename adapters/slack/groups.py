"""Which user groups people are in, asked for all at once and remembered for a while.

Slack tells it only with the scope usergroups:read. Without it, and while Slack cannot be asked, nobody is in any.
"""

from __future__ import annotations

import asyncio

import structlog

from adapters.slack.web import Web
from core.errors import SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.ports import Clock

log = structlog.get_logger()

KNOWN_FOR = 60.0
REFUSED_FOR = 600.0
"""Seconds for which Slack is not asked again: what it told, and that it told nothing."""
LOOK_WITHIN = 0.8
"""Seconds that a person waits for it: Slack waits three for what they did to be acknowledged."""


class Groups:
    """The user groups of a workspace."""

    def __init__(self, web: Web, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._members: dict[str, frozenset[str]] = {}
        """By person."""
        self._until = float("-inf")
        self._asking = asyncio.Lock()

    async def of(self, user: str) -> frozenset[str]:
        """The ids of the groups that the person is in."""
        async with self._asking:
            if self._clock.monotonic() >= self._until:
                await self._ask()
        return self._members.get(user, frozenset())

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                answer = await self._web.read("usergroups.list", include_users="true")
        except (SurfaceError, TimeoutError) as error:
            log.info("groups unknown", action="slack.groups_unknown", error=type(error).__name__)
            waits = isinstance(error, SurfaceBusy | SurfaceUnavailable | TimeoutError)
            self._until = self._clock.monotonic() + (KNOWN_FOR if waits else REFUSED_FOR)
            self._members = {}
            return
        found: dict[str, set[str]] = {}
        for group in answer.get("usergroups") or ():
            for user in group.get("users") or ():
                found.setdefault(str(user), set()).add(str(group.get("id")))
        self._members = {user: frozenset(groups) for user, groups in found.items()}
        self._until = self._clock.monotonic() + KNOWN_FOR
