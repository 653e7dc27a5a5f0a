"""Several models as one: the first answers, and where it cannot, the next one does.

Goes on only while nothing has been given out, and only where another endpoint may do better. An endpoint that failed
rests for a while: it is asked last then, so that not every question waits for the same broken server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

import structlog

from adapters.chat_completions.client import ChatCompletionsModel, with_model
from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.retries import USUAL, RetryRule
from core.errors import ContextTooLong, ModelError, ModelFiltered, ModelNotFound, ModelRefused
from core.ports import ChatModel, Clock, ModelEvent, ModelRequest
from core.telemetry import SILENT, Telemetry

log = structlog.get_logger()

REST = 30.0
"""Seconds that an endpoint rests after a failure, where it does not say how long."""
_OF_THE_QUESTION = (ContextTooLong, ModelFiltered, ModelRefused)
"""Failures that say nothing about the endpoint's health."""


BESIDE_OTHERS = RetryRule(retries=1, longest_wait=5.0)
"""Where somebody else can answer, nobody waits long for one server."""


class Candidate(ChatModel, Protocol):
    """A model that can say whether it has been given a name, and whether what has it sees."""

    def knows(self, model: str) -> bool:
        """Whether somebody said that it has that model."""
        ...

    def sees(self, model: str) -> bool:
        """Whether the model looks at pictures."""
        ...

    async def models(self) -> tuple[str, ...]:
        """Names that it can be asked for."""
        ...


class FallbackModel:
    """Asks its candidates in order of preference. They are closed with it."""

    def __init__(self, candidates: Sequence[Candidate], *, clock: Clock, rest: float = REST) -> None:
        if not candidates:
            raise ValueError("a fallback needs at least one model")
        self._candidates = tuple(candidates)
        self._clock = clock
        self._rest = rest
        self._resting: dict[int, float] = {}

    def knows(self, model: str) -> bool:
        """Whether one of them does."""
        return any(candidate.knows(model) for candidate in self._candidates)

    def window(self, model: str) -> int:
        """That of the candidate preferred for the model."""
        first = self._preferred(model)[0]
        return self._candidates[first].window(self._asked(first, model))

    def sees(self, model: str) -> bool:
        """Whether the candidate preferred for the model looks at pictures."""
        first = self._preferred(model)[0]
        return self._candidates[first].sees(self._asked(first, model))

    async def models(self) -> tuple[str, ...]:
        """Those of all candidates."""
        found = await asyncio.gather(*(candidate.models() for candidate in self._candidates))
        return tuple(dict.fromkeys(name for names in found for name in names))

    async def aclose(self) -> None:
        """Every candidate is closed."""
        for candidate in self._candidates:
            await candidate.aclose()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """The answer of the first candidate that gives one. Raises the preferred one's error when none does."""
        errors: dict[int, ModelError] = {}
        given = False
        for number in self._order(request.model):
            if not self._may_help(number, request.model, errors):
                continue
            asked = with_model(request, self._asked(number, request.model))
            try:
                async with aclosing(self._candidates[number].stream(asked)) as events:
                    async for event in events:
                        given = True
                        yield event
                self._resting.pop(number, None)
                return
            except ModelError as error:
                errors[number] = error
            if isinstance(errors[number], ModelNotFound) and asked.model and not self.knows(asked.model):
                raise errors[number]  # a name that is nobody's default: who asked decides what answers instead
            self._failed(number, errors[number])
            if given or isinstance(errors[number], ModelFiltered):
                raise errors[number]
        raise errors[min(errors, key=self._preferred(request.model).index)]

    def _preferred(self, model: str) -> list[int]:
        """Those that have the model before those that answer with their own default."""
        numbers = range(len(self._candidates))
        return sorted(numbers, key=lambda number: not self._candidates[number].knows(model))

    def _order(self, model: str) -> list[int]:
        now = self._clock.monotonic()
        return sorted(self._preferred(model), key=lambda number: self._resting.get(number, now) > now)

    def _asked(self, number: int, model: str) -> str:
        """The model to ask that candidate for: another than the preferred one may not have it."""
        candidate = self._candidates[number]
        nobody_knows = not self.knows(model)
        return model if candidate.knows(model) or (nobody_knows and number == 0) else ""

    def _may_help(self, number: int, model: str, errors: dict[int, ModelError]) -> bool:
        """What was too long for one window is asked again only of a larger one."""
        window = self._candidates[number].window(self._asked(number, model))
        too_long = [n for n, error in errors.items() if isinstance(error, ContextTooLong)]
        return all(window > self._candidates[n].window(self._asked(n, model)) for n in too_long)

    def _failed(self, number: int, error: ModelError) -> None:
        if not isinstance(error, _OF_THE_QUESTION):
            self._resting[number] = self._clock.monotonic() + (error.retry_after or self._rest)
        log.warning("asking the next one", action="model.fallback", candidate=number, error=type(error).__name__)


def open_model(
    endpoints: Sequence[Endpoint], *, clock: Clock, telemetry: Telemetry = SILENT, busy: bool = True
) -> Candidate:
    """The model behind these endpoints, the preferred one first. Where `busy` is false, one that has no room is not
    asked again: whoever asks keeps a line. Raises ValueError where there is none."""
    usual, beside = replace(USUAL, busy=busy), replace(BESIDE_OTHERS, busy=busy)
    if len(endpoints) == 1:
        return ChatCompletionsModel(endpoints[0], clock=clock, retry=usual, telemetry=telemetry)
    if not endpoints:
        raise ValueError("no endpoint is configured")
    *others, last = endpoints
    models = [ChatCompletionsModel(endpoint, clock=clock, retry=beside, telemetry=telemetry) for endpoint in others]
    final = ChatCompletionsModel(last, clock=clock, retry=usual, telemetry=telemetry)
    return FallbackModel([*models, final], clock=clock)
