"""Commands and buttons: stored first, and answered within the three seconds that Discord allows.

Storing takes milliseconds, so the first response usually says already what came of it. Where storing takes longer the
response is deferred meanwhile, for otherwise Discord would show the person a failure and the token would be void.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from adapters.discord import payloads
from adapters.discord.invocations import COMMAND, COMPONENT, QUESTION, invocation
from adapters.discord.places import Places
from adapters.discord.responses import Responses
from adapters.discord.rest import Rest
from core.endings import OUR_FAULT
from core.errors import StoreUnavailable, SurfaceError
from core.incoming import Ignored, Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Receiver

log = structlog.get_logger()

STORE_WITHIN = 2.0
"""Seconds after which the response is deferred although nothing is stored yet."""
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE = 4, 5, 6
"""Kinds of first responses."""


class Interactions:
    """Answers what people do with commands and buttons."""

    def __init__(self, *, rest: Rest, places: Places, receiver: Receiver, responses: Responses) -> None:
        self._rest = rest
        self._places = places
        self._receiver = receiver
        self._responses = responses
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, payload: dict[str, Any]) -> None:
        """The interaction will be answered. Unlike messages these never wait for one another."""
        task = asyncio.create_task(self._answered(payload), name=f"interaction-{payload.get('id')}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drained(self, seconds: float) -> bool:
        """Waits until every interaction is answered, or that time has passed; whether all are."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return not self._tasks

    async def close(self) -> None:
        """Nothing is answered any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answered(self, payload: dict[str, Any]) -> None:
        try:
            if payload.get("type") in (COMMAND, COMPONENT):
                await self._handle(payload)
        except SurfaceError as error:
            log.warning("interaction not answered", action="discord.interaction_failed", detail=error.detail)
        except Exception:  # nobody awaits this task, so the log has to tell
            log.exception("interaction fault", action="discord.interaction_fault")

    async def _handle(self, payload: dict[str, Any]) -> None:
        place = await self._places.place(payload)
        if place is None:
            return
        incoming = invocation(payload, place)
        if isinstance(incoming, Ignored):
            log.debug("ignored", action="discord.ignored", reason=incoming.reason)
            return
        conversation = _Conversation(self._rest, payload, incoming)
        self._responses.deferring(incoming.event_id)
        try:
            receiving = asyncio.create_task(self._received(incoming))
            if not (await asyncio.wait({receiving}, timeout=STORE_WITHIN))[0]:
                await conversation.defer()
            await conversation.conclude(await receiving)
        finally:
            self._responses.deferred(incoming.event_id, waits=conversation.waits)

    async def _received(self, incoming: Incoming) -> Answer | None:
        try:
            return await self._receiver.receive(incoming)
        except StoreUnavailable as error:
            log.error("interaction not stored", action="discord.store_away", detail=error.detail)
            return Answer(text=error.sentence)
        except Exception:  # whatever it is, the person gets an answer and the operator the traceback
            log.exception("interaction fault", action="discord.interaction_fault")
            return Answer(text=OUR_FAULT)


class _Conversation:
    """What was said about one interaction so far."""

    def __init__(self, rest: Rest, payload: dict[str, Any], incoming: Incoming) -> None:
        self._rest = rest
        self._id, self._token = str(payload["id"]), str(payload["token"])
        self._application = str(payload["application_id"])
        self._button = incoming.kind is IncomingKind.BUTTON
        self._question = incoming.command == QUESTION
        self._deferred = False
        self.waits = False
        """The response was deferred and waits for the reply's text."""

    async def defer(self) -> None:
        """Discord knows that something will come. Whether all will see it is decided here for good."""
        if self._button:
            await self._rest.respond(self._id, self._token, DEFERRED_UPDATE)
        elif self._question:
            await self._rest.respond(self._id, self._token, DEFERRED_MESSAGE)
        else:
            await self._rest.respond(self._id, self._token, DEFERRED_MESSAGE, {"flags": payloads.EPHEMERAL})
        self._deferred = True

    async def conclude(self, answer: Answer | None) -> None:
        """The person sees the answer; without one, that a reply is on its way."""
        if answer is None:
            if not self._deferred:
                await self.defer()
            self.waits = not self._button
        elif not self._deferred:
            body = payloads.sentence(answer.text, private=answer.private)
            await self._rest.respond(self._id, self._token, MESSAGE, body)
        elif self._button:
            body = payloads.sentence(answer.text, private=answer.private)
            await self._rest.follow_up(self._application, self._token, body)
        else:
            await self._rest.edit_response(self._application, self._token, payloads.sentence(answer.text))
