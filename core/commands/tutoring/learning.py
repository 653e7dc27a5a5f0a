"""What all verbs of `/tutor` need: the person's own sessions, and a way to say something in one as the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo

from core.conversation import Platform
from core.engine import Engine
from core.errors import SurfaceError, SurfaceForbidden
from core.incoming import Incoming, IncomingKind
from core.ports import Clock, Outlet
from core.privacy import Place
from core.store import Accepted, Duplicate, NotOurs, Shed, Store
from core.tutoring.reminding import zone_of
from core.tutoring.session import Lesson, Session, SessionState

NO_SESSION = "You have no session of that name. `/tutor list` shows yours, `/tutor start` begins one."
NO_DIRECT = (
    "I cannot write to you in direct messages, and a session is held there. Allow messages from this server's members "
    "(Discord), or open my Messages tab once (Slack), and use the command again."
)


NOT_NOW = "I could not reach our direct messages just now. Please use the command again in a moment."


class NoDirect(Exception):
    """There is no way to the person's direct messages; the text tells them why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Sessions as commands see them."""

    store: Store
    engine: Engine
    outlets: Mapping[Platform, Outlet]
    clock: Clock

    async def direct(self, incoming: Incoming) -> Incoming:
        """The same deed as one in the person's direct messages. Raises NoDirect."""
        try:
            target = await self.outlets[incoming.key.platform].direct(incoming.key, incoming.author)
        except SurfaceForbidden:
            raise NoDirect(NO_DIRECT) from None
        except SurfaceError:
            raise NoDirect(NOT_NOW) from None
        return replace(incoming, key=target.key, target=target, shared=False, continues=None)

    async def place(self, incoming: Incoming) -> Place:
        """Where the person's sessions are held. Raises NoDirect."""
        return Place.of((await self.direct(incoming) if incoming.shared else incoming).key).whole

    async def zone(self, incoming: Incoming) -> tzinfo:
        """The person's time zone, as far as the platform tells."""
        names = await self.outlets[incoming.key.platform].names(incoming.key, person=incoming.author)
        return zone_of(names.time_zone)

    async def lessons(self, incoming: Incoming) -> tuple[Lesson, ...]:
        """The person's sessions, the last used first. Raises NoDirect."""
        return await self.store.lessons(await self.place(incoming), incoming.author.id)

    async def meant(self, incoming: Incoming, *states: SessionState) -> Lesson | None:
        """The session that the person named, or the last used; of those in one of `states`, if any are given."""
        name = incoming.options.get("name", "").strip().casefold()
        found = [one for one in await self.lessons(incoming) if not states or one.session.state in states]
        if not name:
            active = [one for one in found if one.session.state is SessionState.ACTIVE]
            return next(iter([*active, *found]), None)
        exact = [one for one in found if one.session.name.casefold() == name]
        return next(iter([*exact, *(one for one in found if name in one.session.name.casefold())]), None)

    async def say(
        self, incoming: Incoming, session: Session, text: str, *, once: str = ""
    ) -> Accepted | Duplicate | NotOurs | Shed:
        """The words stand in the session as the person's, and the tutor answers them; under the name `once`, one time
        only."""
        number = once or f"tutor-{incoming.event_id}"
        return await self.engine.accept(
            replace(
                incoming,
                event_id=number,
                message_id=number,
                kind=IncomingKind.DIRECT,
                key=session.key,
                target=session.target,
                text=text,
                command=None,
                options={},
                attachments=(),
                continues=None,
                shared=False,
            )
        )
