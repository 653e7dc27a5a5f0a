"""Asks the model for one turn: recalls the conversation, streams the answer, and says how it ended.

Text is handed on as it comes; showing it is reply.py's part. Model errors end here: they become an ending with a
sentence for people. Being cancelled closes the stream, so that the provider stops generating.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import structlog

from core import endings
from core.asking import Asking, Written
from core.attachments import Attachments, Unopened
from core.compaction import Compaction, Recalled
from core.context import divide, size
from core.conversation import Platform
from core.errors import ContextTooLong, LeaseLost, ModelNotFound, PersonaModelNotFound, StoreUnavailable
from core.persona import Persona
from core.ports import ChatModel, Clock, Namer, TokenCounter
from core.rounds import Answer, Listener, Rounds
from core.spending import Purse, Spending
from core.store import Store
from core.tools.calling import Approver, Calling, Unasked
from core.tools.toolbox import NO_TOOLS, Toolbox, sized
from core.turn import Turn
from core.voices import Voice, Voices
from core.waiting import Waiting

log = structlog.get_logger()

READ_PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
"""Seconds between tries to read the conversation while the database is away: together less than a lease."""
NOBODY = Unasked()


class Answering:
    """Asks a model on behalf of turns."""

    def __init__(
        self,
        *,
        store: Store,
        model: ChatModel,
        counter: TokenCounter,
        clock: Clock,
        persona: Persona,
        namers: Mapping[Platform, Namer] | None = None,
        purse: Purse | None = None,
        default_model: str = "",
        toolbox: Toolbox = NO_TOOLS,
        approver: Approver = NOBODY,
        attachments: Attachments | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        """`persona` is the built-in one, `default_model` the name of the endpoint's own default. Without a purse of its
        own, nobody knows a price and no limit holds but those that were set; without an approver, no tool changes
        anything; without attachments, no file is read."""
        self._store = store
        self._model = model
        self._counter = counter
        self._clock = clock
        self._voices = Voices(
            store=store, namers=namers or {}, clock=clock, built_in=persona, default_model=default_model
        )
        self._attachments = attachments or Unopened()
        self._compaction = Compaction(store, model, counter, clock)
        self.waiting = waiting or Waiting(model, clock)
        """The line before the model. Without one of its own nobody waits."""
        self._toolbox = toolbox
        self._rounds = Rounds(
            store=store,
            model=model,
            waiting=self.waiting,
            counter=counter,
            clock=clock,
            purse=purse or Spending(store=store, clock=clock, default_model=default_model),
            calling=Calling(clock=clock, counter=counter, approver=approver),
        )

    async def ask(self, turn: Turn, listener: Listener) -> Written:
        """The model's answer was given to the listener as it came, and this is how it ended. Raises LeaseLost."""
        pauses = iter(READ_PAUSES)
        while True:
            try:
                return await self._ask(turn, listener)
            except LeaseLost:
                raise
            except StoreUnavailable as error:  # nothing is asked of the model before all is read
                log.error("memory not readable", action="answering.store_away", turn=turn.id, detail=error.detail)
                pause = next(pauses, None)
                if pause is None:
                    return Written(end=endings.unreadable(error))
                await self._clock.sleep(pause)
            except Exception as error:  # whatever it is, the person gets an answer and the operator the traceback
                log.exception("fault", action="answering.fault", turn=turn.id)
                return Written(end=endings.crashed(error))

    async def _ask(self, turn: Turn, listener: Listener) -> Written:
        asked = await self._store.asks(turn.id)
        if not any(message.text.strip() for message in asked):
            return Written(end=endings.unanswerable(endings.NOTHING_ASKED, "nothing_asked"))
        voice = await self._voices.of(turn)
        listener.found(Asking(voice=voice))
        written = await self._answered(turn, voice, voice.persona, listener)
        if self._may_fall_back(voice, written):
            written = await self._fallen_back(turn, voice, listener)
        return written

    def _may_fall_back(self, voice: Voice, written: Written) -> bool:
        missing = written.silent and isinstance(written.error, ModelNotFound)
        return missing and not self._voices.has_default_model(voice.persona)

    async def _fallen_back(self, turn: Turn, voice: Voice, listener: Listener) -> Written:
        """The persona's model is not there any more, and the default one was asked in its place."""
        log.warning(
            "falling back",
            action="answering.fallback",
            turn=turn.id,
            persona=voice.version.id,
            version=voice.version.version,
            model=voice.persona.model,
        )
        persona = replace(voice.persona, model=self._voices.default_model)
        written = await self._answered(turn, voice, persona, listener)
        if written.error is not None:
            return written
        missing = PersonaModelNotFound(persona=voice.persona.name, model=voice.persona.model)
        return replace(written, end=endings.noting(written.end, missing.notice), error=missing)

    async def _answered(self, turn: Turn, voice: Voice, persona: Persona, listener: Listener) -> Written:
        window = self._model.window(persona.model)
        tools = await self._toolbox.offered(turn, persona, window=window, counter=self._counter)
        opened = await self._attachments.opened(turn, persona)
        besides = sized(tools, self._counter) + opened.tokens
        recalled = await self._compaction.recall(turn, persona, besides=besides)
        listener.found(Asking(voice=voice, before=recalled.used))
        room = divide(window, persona, summary_tokens=besides, counter=self._counter)
        if size(recalled.history.messages, self._counter) > room.history:
            return Written(end=endings.unanswerable(ContextTooLong().sentence, "too_long"))
        answer = Answer(
            turn=turn,
            voice=voice,
            persona=persona,
            tools=tools,
            zone=await self._voices.time_zone(turn) if tools else "UTC",
            first_read=recalled.history.oldest_seq,
            listener=listener,
            before=recalled.used,
        )
        summary = recalled.history.summary
        self._rounds.begun(answer, summary.text if summary else None, recalled.history.messages)
        answer.messages = await self._attachments.shown(
            answer.messages, turn, opened, model=persona.model, history=recalled.history, room=room.history
        )
        written = _remembering(await self._rounds.ended(answer), recalled)
        return _noting(written, self._attachments.notice(opened, persona.model))


def _noting(written: Written, notice: str) -> Written:
    """People are told what of their files was not read, if there is an answer at all."""
    return replace(written, end=endings.noting(written.end, notice)) if notice and not written.error else written


def _remembering(written: Written, recalled: Recalled) -> Written:
    """People are told when older talk was summarised or left out."""
    if recalled.condensed:
        return replace(written, end=endings.noting(written.end, endings.CONDENSED))
    if recalled.shortened:
        return replace(written, end=endings.noting(written.end, endings.SHORTENED))
    return written
