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
from core.compaction import Compaction
from core.conversation import Platform
from core.errors import LeaseLost, ModelNotFound, PersonaModelNotFound, StoreUnavailable
from core.listening import Listener
from core.persona import Persona
from core.ports import ChatModel, Clock, Messenger, Namer, TokenCounter
from core.preparing import Preparing
from core.rounds import Rounds
from core.spending import Purse, Spending
from core.store import Store
from core.teaching.cards import Cards
from core.teaching.drafting import Drafting
from core.teaching.tutor import Tutor
from core.tools.calling import Approver, Calling, Unasked
from core.tools.toolbox import NO_TOOLS, Toolbox
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
        outlets: Mapping[Platform, Messenger] | None = None,
    ) -> None:
        """`persona` is the built-in one, `default_model` the name of the endpoint's own default. Without a purse of its
        own, nobody knows a price and no limit holds but those that were set; without an approver, no tool changes
        anything; without attachments, no file is read; without outlets, no session of tutoring shows its plan."""
        self._store = store
        self._model = model
        self._counter = counter
        self._clock = clock
        self._voices = Voices(
            store=store, namers=namers or {}, clock=clock, built_in=persona, default_model=default_model
        )
        self.waiting = waiting or Waiting(model, clock)
        """The line before the model. Without one of its own nobody waits."""
        purse = purse or Spending(store=store, clock=clock, default_model=default_model)
        self._rounds = Rounds(
            store=store,
            model=model,
            waiting=self.waiting,
            counter=counter,
            clock=clock,
            purse=purse,
            calling=Calling(clock=clock, counter=counter, approver=approver),
        )
        self._preparing = Preparing(
            model=model,
            counter=counter,
            voices=self._voices,
            compaction=Compaction(store, model, counter, clock),
            attachments=attachments or Unopened(),
            toolbox=toolbox,
            rounds=self._rounds,
        )
        self._tutor = Tutor(
            store=store,
            clock=clock,
            voices=self._voices,
            purse=purse,
            preparing=self._preparing,
            rounds=self._rounds,
            counter=counter,
            drafting=Drafting(waiting=self.waiting, counter=counter),
            cards=Cards(store, outlets or {}),
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
        taught = await self._store.taught(turn)
        if taught is not None:
            return await self._tutor.answered(turn, taught, asked, listener)
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
        prepared = await self._preparing.prepared(turn, voice, persona, listener)
        if isinstance(prepared, Written):
            return prepared
        return self._preparing.noted(await self._rounds.ended(prepared.answer), prepared)
