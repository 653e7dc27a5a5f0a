"""Asks the model for one turn: recalls the conversation, streams the answer, and says how it ended.

Text is handed on as it comes; showing it is reply.py's part. Model errors end here: they become an ending with a
sentence for people. Being cancelled closes the stream, so that the provider stops generating.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from core import endings
from core.compaction import Compaction, Recalled
from core.context import answer_cap, build, divide, size
from core.conversation import Platform
from core.endings import TurnEnd
from core.errors import (
    ContextTooLong,
    LeaseLost,
    ModelCut,
    ModelError,
    ModelNotFound,
    PersonaModelNotFound,
    StoreUnavailable,
)
from core.persona import Persona
from core.ports import ChatModel, Clock, Finished, ModelRequest, Namer, TextDelta, TokenCounter
from core.quota.price import Price
from core.spending import Denied, Granted, Purse, Spending
from core.store import Store
from core.turn import Turn, Usage
from core.voices import Voice, Voices

log = structlog.get_logger()

NOTHING = Usage()
READ_PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
"""Seconds between tries to read the conversation while the database is away: together less than a lease."""

LEAST_REST = 0.02
"""Seconds below which it is not worth while to let text gather."""
DRAINING = 0.005
"""Seconds after a rest in which what has gathered comes, piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is being asked of whom."""

    voice: Voice
    prompt_tokens: int = 0
    """Counted here, for streams that end without figures; 0 while nothing was sent."""
    before: Usage = NOTHING
    """What it took to make the conversation fit."""
    price: Price | None = None
    """Of the model; None where nobody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How the model's part of a turn ended."""

    end: TurnEnd
    usage: Usage | None = None
    """The provider's own figures, where it sent some."""
    error: ModelError | None = None
    """What failed on the model's side, also where another model answered in the end."""
    asking: Asking | None = None
    """What was asked of whom; None where it did not come to that."""
    private: tuple[str, ...] = ()
    """What the asker alone should read."""
    silent: bool = False
    """No word of an answer had come when it ended."""


class _Gathering:
    """Lets text gather where nobody could be shown it anyway, instead of waking for each piece."""

    def __init__(self, clock: Clock, rest: Callable[[], float]) -> None:
        self._clock = clock
        self._rest = rest
        self._rested = clock.monotonic() - DRAINING

    async def gathered(self) -> None:
        """More text may be read."""
        if self._clock.monotonic() - self._rested < DRAINING:
            return
        seconds = self._rest()
        if seconds >= LEAST_REST:
            await self._clock.sleep(seconds)
            self._rested = self._clock.monotonic()


def _never() -> float:
    return 0.0


def _nobody(_: Asking) -> None:
    return None


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
    ) -> None:
        """`persona` is the built-in one, `default_model` the name of the endpoint's own default. Without a purse of its
        own, nobody knows a price and no limit holds but those that were set."""
        self._store = store
        self._model = model
        self._counter = counter
        self._clock = clock
        self._voices = Voices(
            store=store, namers=namers or {}, clock=clock, built_in=persona, default_model=default_model
        )
        self._compaction = Compaction(store, model, counter, clock)
        self._purse = purse or Spending(store=store, clock=clock, default_model=default_model)

    async def ask(
        self,
        turn: Turn,
        add: Callable[[str], None],
        rest: Callable[[], float] = _never,
        found: Callable[[Asking], None] = _nobody,
    ) -> Written:
        """The model's answer was given to `add` as it came, and this is how it ended. `rest` tells for how many
        seconds more text is of no use yet; `found` is told who answers, and what is asked. Raises LeaseLost."""
        pauses = iter(READ_PAUSES)
        while True:
            try:
                return await self._ask(turn, add, rest, found)
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

    async def _ask(
        self, turn: Turn, add: Callable[[str], None], rest: Callable[[], float], found: Callable[[Asking], None]
    ) -> Written:
        asked = await self._store.asks(turn.id)
        if not any(message.text.strip() for message in asked):
            return Written(end=endings.unanswerable(endings.NOTHING_ASKED, "nothing_asked"))
        voice = await self._voices.of(turn)
        found(Asking(voice=voice))
        written = await self._answered(turn, voice, voice.persona, add, rest, found)
        if self._may_fall_back(voice, written):
            written = await self._fallen_back(turn, voice, add, rest, found)
        return written

    def _may_fall_back(self, voice: Voice, written: Written) -> bool:
        missing = written.silent and isinstance(written.error, ModelNotFound)
        return missing and not self._voices.has_default_model(voice.persona)

    async def _fallen_back(
        self,
        turn: Turn,
        voice: Voice,
        add: Callable[[str], None],
        rest: Callable[[], float],
        found: Callable[[Asking], None],
    ) -> Written:
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
        written = await self._answered(turn, voice, persona, add, rest, found)
        if written.error is not None:
            return written
        missing = PersonaModelNotFound(persona=voice.persona.name, model=voice.persona.model)
        return replace(written, end=endings.noting(written.end, missing.notice), error=missing)

    async def _answered(
        self,
        turn: Turn,
        voice: Voice,
        persona: Persona,
        add: Callable[[str], None],
        rest: Callable[[], float],
        found: Callable[[Asking], None],
    ) -> Written:
        recalled = await self._compaction.recall(turn, persona)
        window = self._model.window(persona.model)
        room = divide(window, persona, summary_tokens=0, counter=self._counter)
        if size(recalled.history.messages, self._counter) > room.history:
            return Written(end=endings.unanswerable(ContextTooLong().sentence, "too_long"))
        request = _request(turn, persona, recalled)
        asking = Asking(voice=voice, prompt_tokens=size(request.messages, self._counter), before=recalled.used)
        granted = await self._purse.reserve(
            turn,
            voice,
            persona,
            prompt_tokens=asking.prompt_tokens + recalled.used.prompt_tokens + recalled.used.completion_tokens,
            answer_cap=answer_cap(persona, window),
        )
        if isinstance(granted, Denied):
            return Written(end=endings.refused(), private=(granted.sentence,))
        found(replace(asking, price=granted.price))
        written = await self._stream(turn, _capped(request, granted), add, rest)
        return _remembering(replace(written, private=granted.warnings), recalled)

    async def _stream(
        self, turn: Turn, request: ModelRequest, add: Callable[[str], None], rest: Callable[[], float]
    ) -> Written:
        came: list[str] = []
        gathering = _Gathering(self._clock, rest)
        try:
            async with aclosing(self._model.stream(request)) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        came.append(event.text)
                        add(event.text)
                        await gathering.gathered()
                    elif isinstance(event, Finished):
                        return Written(end=endings.finished(event, text="".join(came)), usage=event.usage)
            raise ModelCut("the stream ended without saying why")
        except ModelError as error:
            log.warning(
                "model failed",
                action="answering.model_failed",
                turn=turn.id,
                error=type(error).__name__,
                detail=error.detail,
                mender=error.mender.value,
            )
            return Written(end=endings.failed(error, text="".join(came)), error=error, silent=not came)


def _request(turn: Turn, persona: Persona, recalled: Recalled) -> ModelRequest:
    summary = recalled.history.summary
    return ModelRequest(
        messages=build(persona, summary.text if summary else None, recalled.history.messages),
        model=persona.model,
        parameters=persona.parameters,
        user=hashed_person(turn),
    )


def _capped(request: ModelRequest, granted: Granted) -> ModelRequest:
    """The answer may not take more than was reserved for it."""
    if granted.answer_most is None:
        return request
    return replace(request, parameters=replace(request.parameters, max_tokens=granted.answer_most))


def hashed_person(turn: Turn) -> str:
    """Names the asker to the provider without telling who it is; at most 64 characters (chat-completions.md, 2)."""
    person = f"{turn.key.platform.value}:{turn.key.workspace}:{turn.asker.id}"
    return hashlib.sha256(person.encode()).hexdigest()[:32]


def _remembering(written: Written, recalled: Recalled) -> Written:
    """People are told when older talk was summarised or left out."""
    if recalled.condensed:
        return replace(written, end=endings.noting(written.end, endings.CONDENSED))
    if recalled.shortened:
        return replace(written, end=endings.noting(written.end, endings.SHORTENED))
    return written
