"""Commands, buttons and forms: stored first, and answered within the three seconds that Discord allows.

Storing takes milliseconds, so the first response usually says already what came of it. Where storing takes longer the
response is deferred meanwhile, for otherwise Discord would show the person a failure and the token would be void. How
an answer is shown is exchange.py.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from adapters.discord import invocations
from adapters.discord.exchange import LOST, Exchange, unsaved
from adapters.discord.invocations import AUTOCOMPLETE, COMMAND, COMPONENT, SUBMISSION, invocation
from adapters.discord.openings import Openings, is_opening
from adapters.discord.places import Place, Places
from adapters.discord.responses import Responses
from adapters.discord.rest import Rest
from adapters.discord.suggestions import suggest
from core.endings import OUR_FAULT
from core.errors import StoreUnavailable, SurfaceError
from core.incoming import Ignored, Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Receiver

log = structlog.get_logger()

STORE_WITHIN = 2.0
"""Seconds after which the response is deferred although nothing is stored yet."""


class Interactions:
    """Answers what people do with commands, buttons and forms."""

    def __init__(self, *, rest: Rest, places: Places, receiver: Receiver, responses: Responses) -> None:
        self._rest = rest
        self._places = places
        self._receiver = receiver
        self._responses = responses
        self._openings = Openings()
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
            if payload.get("type") in (COMMAND, COMPONENT, AUTOCOMPLETE, SUBMISSION):
                await self._handle(payload)
        except SurfaceError as error:
            log.warning("interaction not answered", action="discord.interaction_failed", detail=error.detail)
        except Exception:  # nobody awaits this task, so the log has to tell
            log.exception("interaction fault", action="discord.interaction_fault")

    async def _handle(self, payload: dict[str, Any]) -> None:
        place = await self._places.place(payload)
        if place is None:
            return
        if payload["type"] == AUTOCOMPLETE:
            await self._suggest(payload, place)
            return
        if payload["type"] == COMPONENT and is_opening(_custom_id(payload)):
            await self._open_again(payload, place)
            return
        incoming = invocation(payload, place)
        if isinstance(incoming, Ignored):
            log.debug("ignored", action="discord.ignored", reason=incoming.reason)
            return
        await self._exchange(payload, incoming)

    async def _exchange(self, payload: dict[str, Any], incoming: Incoming) -> None:
        exchange = Exchange(self._rest, self._openings, payload, incoming)
        self._responses.deferring(incoming.event_id)
        try:
            receiving = asyncio.create_task(self._received(incoming))
            if not (await asyncio.wait({receiving}, timeout=STORE_WITHIN))[0]:
                await exchange.defer()
            await exchange.conclude(await receiving)
        finally:
            self._responses.deferred(incoming.event_id, waits=exchange.waits)

    async def _received(self, incoming: Incoming) -> Answer | None:
        try:
            return await self._receiver.receive(incoming)
        except StoreUnavailable as error:
            log.error("interaction not stored", action="discord.store_away", detail=error.detail)
            return self._failed(incoming, error.sentence)
        except Exception:  # whatever it is, the person gets an answer and the operator the traceback
            log.exception("interaction fault", action="discord.interaction_fault")
            return self._failed(incoming, OUR_FAULT)

    def _failed(self, incoming: Incoming, sentence: str) -> Answer:
        if incoming.kind is IncomingKind.FORM:
            return unsaved(sentence, incoming, self._openings)
        return Answer(text=sentence)

    async def _suggest(self, payload: dict[str, Any], place: Place) -> None:
        typing = invocations.typing(payload, place)
        if not isinstance(typing, Ignored):
            await suggest(self._rest, self._receiver, payload, typing)

    async def _open_again(self, payload: dict[str, Any], place: Place) -> None:
        """The form behind the button stands on the person's screen. Nothing of this is stored."""
        pressed = invocations.opening(payload, place)
        form = self._openings.wanted(pressed.author.id, _custom_id(payload))
        answer = Answer(text=LOST) if form is None else Answer(form=form)
        await Exchange(self._rest, self._openings, payload, pressed).conclude(answer)


def _custom_id(payload: dict[str, Any]) -> str:
    return str((payload.get("data") or {}).get("custom_id") or "")
