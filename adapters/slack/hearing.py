"""What becomes of Slack's events: they are translated, and the receiver stores them.

Events are acknowledged by returning, and not by raising: then Slack delivers them again. Commands, presses and forms
are in interactions.py.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from adapters.recency import Recent
from adapters.slack import invocations, translate
from adapters.slack.answers import Occasion
from adapters.slack.interactions import Interactions
from adapters.slack.places import Place
from adapters.slack.surface import SlackSurface
from adapters.slack.targets import way_of
from adapters.slack.tasks import Tasks
from adapters.slack.web import Json
from core.channel import ChannelSettings
from core.errors import StoreUnavailable
from core.incoming import Author, Ignored, Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Clock, Receiver

log = structlog.get_logger()

STORED_AT_ONCE = 50
"""Events in work at once. More would only wait for the database's few connections and Slack's few calls."""
WAITING_MOST = 1_000
"""Events that may wait here; Slack keeps a further one, and delivers it again after a minute at the latest."""
TOLD_AT_ONCE = 200
"""Answers being shown at once, beyond which a flood is not answered any more: one channel takes about one a second."""


class Hearing:
    """Hands over what people do."""

    def __init__(
        self, *, team: str, bot: str, bot_name: str, surface: SlackSurface, receiver: Receiver, clock: Clock
    ) -> None:
        self._team = team
        self._bot = bot
        self._bot_name = bot_name
        self._surface = surface
        self._receiver = receiver
        self._clock = clock
        self._people = surface.people
        self._turns: defaultdict[str, _Turns] = defaultdict(_Turns)
        self._done: Recent[str, None] = Recent()
        """Commands among the messages: a mention comes as two events, and its answer is shown once."""
        self._work = Tasks()
        self._storing = asyncio.Semaphore(STORED_AT_ONCE)
        self._waiting = 0
        self.interactions = Interactions(
            team=team, bot=bot, bot_name=bot_name, surface=surface, receiver=receiver, clock=clock, work=self._work
        )

    @property
    def waiting(self) -> int:
        """Messages, edits and deletions that are not stored yet."""
        return self._waiting

    async def drained(self, seconds: float) -> bool:
        """Waits until everything begun has ended, or that time has passed; whether all has."""
        return await self._work.drained(seconds)

    async def close(self) -> None:
        """No task of ours is left."""
        await self._work.close()

    # ── messages ──

    async def message(self, event: Json) -> None:
        """The message, edit or deletion is stored. Raises StoreUnavailable, also where too many wait: do not
        acknowledge."""
        silence = translate.silence(event, self._bot)
        if silence is not None or not event.get("channel"):
            self._ignored(event, silence or Ignored(reason="no channel"))
            return
        async with self._in_order(str(event["channel"])):
            incoming = translate.translated(event, await self._surroundings(event))
            if isinstance(incoming, Ignored):
                self._ignored(event, incoming)
                return
            if incoming.kind is IncomingKind.COMMAND and incoming.event_id in self._done:
                return
            answer = await self._receiver.receive(incoming)
            if incoming.kind is IncomingKind.COMMAND:
                self._done.put(incoming.event_id, None)
        if answer is not None:
            self._tell(answer, incoming)

    def _tell(self, answer: Answer, incoming: Incoming) -> None:
        if self._work.running >= TOLD_AT_ONCE:
            log.warning("answer not shown", action="slack.answers_crowded", kind=incoming.kind.value)
            return
        self._work.begin(self._surface.answers.give(answer, _occasion(incoming)))

    async def _surroundings(self, event: Json) -> translate.Surroundings:
        said, place = translate.subject(event), Place(team=self._team, channel=str(event["channel"]))
        settings, names = ChannelSettings(), {}
        if event.get("subtype") != translate.DELETED:
            names = await self.interactions.names(said.get("text") or "")
            if not place.direct:
                settings = await self._receiver.settings(place.key().channel_key)
        return translate.Surroundings(
            bot=self._bot,
            place=place,
            author=await self._author(event, said),
            settings=settings,
            names=names,
        )

    async def _author(self, event: Json, said: translate.Payload) -> Author:
        user = str(said.get("user") or "")
        if not user or event.get("subtype") == translate.DELETED:
            return Author(id=user, name="")
        if translate.bang(said, self._bot) is not None:
            return await self._people.actor(user)
        return await self._people.author(user)

    @asynccontextmanager
    async def _in_order(self, channel: str) -> AsyncIterator[None]:
        """bolt begins all events at once; within a channel they are stored in the order in which they came. The turn in
        the channel comes first, so that no busy channel takes up all that may be stored at once."""
        if self._waiting >= WAITING_MOST:
            raise StoreUnavailable("too many events wait to be stored")
        turns = self._turns[channel]
        turns.waiting += 1
        self._waiting += 1
        try:
            async with turns.lock, self._storing:
                yield
        finally:
            self._waiting -= 1
            turns.waiting -= 1
            if not turns.waiting:
                self._turns.pop(channel, None)

    async def session_stopped(self, event: Json) -> None:
        """Slack's own Stop has its effect. Raises StoreUnavailable: do not acknowledge."""
        if not event.get("channel") or not event.get("thread_ts"):
            return
        author = await self._people.actor(str(event.get("user") or ""))
        incoming = invocations.session_stopped(event, self._team, author)
        await self._receiver.receive(incoming)
        self._work.begin(self._surface.session_over(self._team, incoming.key.channel, str(event["thread_ts"])))

    def _ignored(self, event: Json, why: Ignored) -> None:
        log.debug("ignored", action="slack.ignored", reason=why.reason, message=event.get("ts"))


class _Turns:
    """Who stores the next event of a channel."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


def _occasion(incoming: Incoming) -> Occasion:
    return Occasion(person=incoming.author, way=way_of(incoming.target))
