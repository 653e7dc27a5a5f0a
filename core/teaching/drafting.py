"""Has a model fill in a form: by a function call, or by one JSON object where it calls no functions.

What it fills in is read by whoever asked; where that finds faults, the model is told and mends them, a few times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import structlog

from core.context import size
from core.conversation import Message, Role, text_message
from core.persona import Persona
from core.ports import Finished, ModelRequest, TextDelta, TokenCounter, ToolCallDelta, ToolSpec
from core.rounds import hashed_person
from core.turn import Turn, Usage
from core.waiting import Waiting

log = structlog.get_logger()

Read = TypeVar("Read")

TRIES = 3
LONGEST = 60_000
"""Characters of an answer that are looked at."""
LEAST_TOKENS = 2_000
"""Room that a form needs, whatever the persona allows its answers."""
BY_FUNCTION = (
    "Answer by calling the function `{name}` and with nothing else. If you cannot call functions, answer with one JSON "
    "object of its arguments and nothing else. The arguments: {schema}"
)
MEND = "That cannot be used: {faults}. Do it again, whole, with this mended."
NO_FORM = "there was neither a call of `{name}` nor a JSON object"
_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Generic[Read]):
    """What came of it."""

    made: Read | None
    """None where the model could not do it."""
    used: Usage


class Drafting:
    """Has forms filled in, in the same line before the model as answers."""

    def __init__(self, *, waiting: Waiting, counter: TokenCounter) -> None:
        self._waiting = waiting
        self._counter = counter

    async def filled(
        self,
        turn: Turn,
        persona: Persona,
        spec: ToolSpec,
        *,
        order: str,
        material: str,
        read: Callable[[Mapping[str, object]], Read],
    ) -> Draft[Read]:
        """The form as `read` understands it. `read` raises ValueError with what is to be mended, which quotes nothing.
        Raises ModelError."""
        asked = BY_FUNCTION.format(name=spec.name, schema=json.dumps(dict(spec.parameters)))
        messages = [
            text_message(Role.SYSTEM, f"{order}\n\n{asked}"),
            text_message(Role.USER, material),
        ]
        used = Usage()
        for _ in range(TRIES):
            request = self._request(turn, persona, spec, messages)
            text, document, spent = await self._asked(turn, spec, request)
            used += spent
            try:
                if document is None:
                    raise ValueError(NO_FORM.format(name=spec.name))
                return Draft(made=read(document), used=used)
            except ValueError as faults:
                log.info("form not usable", action="drafting.faults", turn=turn.id, form=spec.name)
                messages = [
                    *messages[:2],
                    text_message(Role.ASSISTANT, text[:LONGEST] or "…"),
                    text_message(Role.USER, MEND.format(faults=faults)),
                ]
        log.warning("form given up", action="drafting.given_up", turn=turn.id, form=spec.name)
        return Draft(made=None, used=used)

    def _request(self, turn: Turn, persona: Persona, spec: ToolSpec, messages: list[Message]) -> ModelRequest:
        most = persona.parameters.max_tokens
        parameters = replace(
            persona.parameters,
            tool_choice={"type": "function", "function": {"name": spec.name}},
            max_tokens=None if most is None else max(most, LEAST_TOKENS),
            stop=(),
            response_format=None,
        )
        return ModelRequest(
            messages=tuple(messages),
            model=persona.model,
            parameters=parameters,
            tools=(spec,),
            user=hashed_person(turn),
        )

    async def _asked(
        self, turn: Turn, spec: ToolSpec, request: ModelRequest
    ) -> tuple[str, Mapping[str, object] | None, Usage]:
        """What the model wrote, the form in it, and what that took."""
        texts, calls, usage = list[str](), list[str](), None
        async with aclosing(self._waiting.stream(request, turn)) as events:
            async for event in events:
                match event:
                    case TextDelta(text=text):
                        texts.append(text)
                    case ToolCallDelta(call=call) if call.name == spec.name:
                        calls.append(call.arguments)
                    case Finished():
                        usage = event.usage
                    case _:
                        pass
        written = "".join([*texts, *calls])
        counted = Usage(
            prompt_tokens=size(request.messages, self._counter),
            completion_tokens=self._counter.count(written),
            estimated=True,
        )
        found = next((form for call in calls if (form := object_in(call)) is not None), None)
        return written, found or object_in("".join(texts)), usage or counted


def object_in(text: str) -> Mapping[str, object] | None:
    """The first JSON object that stands in the text, commas too many forgiven."""
    text = text[:LONGEST]
    for attempt in (text, _COMMA.sub(r"\1", text)):
        at = attempt.find("{")
        while at >= 0:
            try:
                found, _ = json.JSONDecoder().raw_decode(attempt, at)
            except (ValueError, RecursionError):
                at = attempt.find("{", at + 1)
                continue
            return found if isinstance(found, dict) else None
    return None
