"""What becomes of Slack's events, commands and presses: they are translated, and the receiver stores them.

Events are acknowledged by returning, and not by raising: then Slack delivers them again. Commands and presses come only
once and must be answered within three seconds, so where storing takes longer they are acknowledged meanwhile, and
whatever goes wrong is told to the person.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

from adapters.recency import Recent
from adapters.slack import blocks, invocations, translate
from adapters.slack.names import named_users
from adapters.slack.places import Place
from adapters.slack.surface import SlackSurface
from adapters.slack.web import Json
from core.channel import ChannelSettings
from core.endings import OUR_FAULT
from core.errors import StoreUnavailable, SurfaceError
from core.incoming import Author, Ignored, Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Clock, Receiver

log = structlog.get_logger()

STORE_WITHIN = 1.0
"""Seconds after which a command or a press is acknowledged although nothing is stored yet."""


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
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Messages, edits and deletions that are not stored yet."""
        return sum(turns.waiting for turns in self._turns.values())

    async def drained(self, seconds: float) -> bool:
        """Waits until everything begun has ended, or that time has passed; whether all has."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return not self._tasks

    async def close(self) -> None:
        """No task of ours is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ── messages ──

    async def message(self, event: Json) -> None:
        """The message, edit or deletion is stored. Raises StoreUnavailable: do not acknowledge."""
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
            self._begin(self._say(incoming, answer))

    async def _surroundings(self, event: Json) -> translate.Surroundings:
        said, place = translate.subject(event), Place(team=self._team, channel=str(event["channel"]))
        settings, names = ChannelSettings(), {}
        if event.get("subtype") != translate.DELETED:
            names = await self._names(said.get("text") or "")
            if not place.direct:
                settings = await self._receiver.settings(place.key().channel_key)
        return translate.Surroundings(
            bot=self._bot, place=place, author=await self._author(event, said), settings=settings, names=names
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
        """bolt begins all events at once; within a channel they are stored in the order in which they came."""
        turns = self._turns[channel]
        turns.waiting += 1
        try:
            async with turns.lock:
                yield
        finally:
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
        self._begin(self._surface.session_over(self._team, incoming.key.channel, str(event["thread_ts"])))

    # ── commands and buttons ──

    async def command(self, body: Json) -> Json | None:
        """What the acknowledgement of a slash command says."""
        author = await self._people.actor(str(body.get("user_id") or ""))
        names = await self._names(str(body.get("text") or ""))
        incoming = invocations.command(body, self._team, author, names, self._clock.now())
        receiving = asyncio.create_task(self._received(incoming))
        if (await asyncio.wait({receiving}, timeout=STORE_WITHIN))[0]:
            answer = receiving.result()
            return _shown(answer) if answer is not None else None
        self._begin(self._answer_late(receiving, str(body.get("response_url") or "")))
        return None

    async def click(self, body: Json) -> None:
        """The button has its effect, or will have."""
        author = await self._people.actor(str((body.get("user") or {}).get("id") or ""))
        incoming = invocations.click(body, self._team, author)
        if isinstance(incoming, Ignored):
            log.debug("ignored", action="slack.ignored", reason=incoming.reason)
            return
        receiving = asyncio.create_task(self._received(incoming))
        alone = bool((body.get("container") or {}).get("is_ephemeral"))
        self._begin(self._answer_click(receiving, incoming, str(body.get("response_url") or "") if alone else ""))
        await asyncio.wait({receiving}, timeout=STORE_WITHIN)

    async def _received(self, incoming: Incoming) -> Answer | None:
        try:
            return await self._receiver.receive(incoming)
        except StoreUnavailable as error:
            log.error("interaction not stored", action="slack.store_away", detail=error.detail)
            return Answer(text=error.sentence)
        except Exception:  # whatever it is, the person gets an answer and the operator the traceback
            log.exception("interaction fault", action="slack.interaction_fault")
            return Answer(text=OUR_FAULT)

    async def _answer_late(self, receiving: asyncio.Task[Answer | None], response_url: str) -> None:
        answer = await receiving
        if answer is not None and response_url:
            await self._surface.web.respond(response_url, {"replace_original": False, **_shown(answer)})

    async def _answer_click(
        self, receiving: asyncio.Task[Answer | None], incoming: Incoming, response_url: str
    ) -> None:
        """Under the message that carries the button; where that is for one person only, by its own address."""
        answer = await receiving
        if answer is None:
            return
        if response_url:
            await self._surface.web.respond(response_url, {"replace_original": False, **_shown(answer)})
        else:
            await self._surface.whisper(incoming.target, incoming.author, answer.text)

    async def _say(self, incoming: Incoming, answer: Answer) -> None:
        await self._surface.whisper(incoming.target, incoming.author, answer.text)

    # ── beside ──

    async def _names(self, text: str) -> dict[str, str]:
        """What the people are called whom the text names; the bot among them, which need not be asked for."""
        others = [user for user in named_users(text) if user != self._bot]
        return {self._bot: self._bot_name, **await self._people.names(others)}

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _logged(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SurfaceError as error:
            log.warning("answer not shown", action="slack.answer_failed", detail=error.detail)
        except Exception:  # nobody awaits this task, so the log has to tell
            log.exception("answer fault", action="slack.answer_fault")

    def _ignored(self, event: Json, why: Ignored) -> None:
        log.debug("ignored", action="slack.ignored", reason=why.reason, message=event.get("ts"))


class _Turns:
    """Who stores the next event of a channel."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


def _shown(answer: Answer) -> Json:
    kind = "ephemeral" if answer.private else "in_channel"
    return {"response_type": kind, **blocks.sentence(answer.text)}
