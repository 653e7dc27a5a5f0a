"""Who people are: what users.info says of them, remembered for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from adapters.recency import Recent
from adapters.slack.groups import Groups
from adapters.slack.web import Json, Web
from core.errors import SurfaceError
from core.incoming import Author
from core.ports import Clock

log = structlog.get_logger()

NAME_FOR = 3_600.0
RIGHTS_FOR = 60.0
"""Seconds for which what somebody is called, or may do, is not asked again."""
LOOK_WITHIN = 0.8
"""Seconds after which a person stays unknown: Slack waits three for what they did to be acknowledged."""
MOST_NAMES = 20
"""People named in one message who are looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    name: str
    admin: bool
    time_zone: str
    at: float


class People:
    """The members of a workspace."""

    def __init__(self, web: Web, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._known: Recent[str, _Person] = Recent(5_000)
        self._groups = Groups(web, clock)

    async def author(self, user: str) -> Author:
        """The person, for a message: by name and by their groups, for which limits may be set. Slack's failures leave
        the name unknown."""
        person, roles = await asyncio.gather(self._person(user, NAME_FOR), self._groups.of(user))
        return Author(id=user, name=person.name if person else "someone", roles=roles)

    async def actor(self, user: str) -> Author:
        """The person, for a command or a button: with what they may do now. Slack's failures leave them no admin."""
        person, roles = await asyncio.gather(self._person(user, RIGHTS_FOR), self._groups.of(user))
        if person is None:
            return Author(id=user, name="someone", roles=roles)
        return Author(id=user, name=person.name, admin=person.admin, roles=roles)

    async def names(self, users: Iterable[str]) -> dict[str, str]:
        """What those people are called, as far as it can be found out."""
        wanted = tuple(users)[:MOST_NAMES]
        people = await asyncio.gather(*(self._person(user, NAME_FOR) for user in wanted))
        return {user: person.name for user, person in zip(wanted, people, strict=True) if person is not None}

    async def time_zone(self, user: str) -> str:
        """Where the person's clock stands, as the IANA database names it; UTC where Slack does not say."""
        person = await self._person(user, NAME_FOR)
        return person.time_zone if person else "UTC"

    async def _person(self, user: str, age: float) -> _Person | None:
        known = self._known.get(user)
        if known is not None and self._clock.monotonic() - known.at < age:
            return known
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                answer = await self._web.read("users.info", user=user)
        except (SurfaceError, TimeoutError) as error:
            log.info("person unknown", action="slack.person_unknown", person=user, error=type(error).__name__)
            return known if age >= NAME_FOR else None
        person = _read(answer.get("user") or {}, self._clock.monotonic())
        self._known.put(user, person)
        return person


def _read(user: Json, at: float) -> _Person:
    profile = user.get("profile") or {}
    name = profile.get("display_name") or user.get("real_name") or profile.get("real_name") or user.get("name")
    admin = bool(user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner"))
    return _Person(name=str(name or "someone"), admin=admin, time_zone=str(user.get("tz") or "UTC"), at=at)
