"""An answer as the steps in which it is played. Pure: when to send what, in which order, and where it breaks.

The same plan serves a test that looks at the steps and the server that carries them out; bytes are framing.py's
affair, waiting and sockets server.py's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from sandbox.chat_completions import tokens, wire
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer, Usage, UsageIn
from sandbox.chat_completions.wire import Envelope, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """An event goes out."""

    payload: Json
    delta: bool = False
    """It carries a piece of the answer, and counts as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing goes out until the event is set."""

    until: asyncio.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Nothing goes out for this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The stream ends here, before its end."""

    kind: Literal["eof", "reset"]


Step = Send | Hold | Pause | Cut


def counted(answer: Answer, question: Question) -> Usage | None:
    """The usage this answer tells, or None."""
    if isinstance(answer.usage, Usage):
        return answer.usage
    if not answer.usage:
        return None
    reasoning = tokens.count(answer.reasoning)
    called = sum(tokens.count(call.name) + tokens.count(call.arguments) for call in answer.tool_calls)
    said = tokens.count(answer.whole_text) + tokens.count(answer.refusal)
    return Usage(
        prompt_tokens=question.prompt_tokens, completion_tokens=said + called + reasoning, reasoning_tokens=reasoning
    )


def completion(answer: Answer, question: Question, envelope: Envelope) -> Json:
    """The answer in one JSON body."""
    calls = [
        wire.tool_call(call, call.id or f"call_{envelope.id}_{index}") for index, call in enumerate(answer.tool_calls)
    ]
    said = wire.message(answer.whole_text, answer.reasoning, answer.refusal, calls, answer.shape)
    choices = [
        {"index": index, "message": said, "logprobs": None, "finish_reason": answer.ending}
        for index in range(question.choices)
    ]
    return envelope.completion(choices, counted(answer, question))


def stream(answer: Answer, question: Question, envelope: Envelope) -> Iterator[Step]:
    """The answer as the steps of a stream, `[DONE]` left out. A Cut is the last step."""
    for step in _unbroken(answer, question, envelope):
        yield _altered(step, answer)
        if isinstance(step, Cut):
            return


def _altered(step: Step, answer: Answer) -> Step:
    if isinstance(step, Send) and answer.shape.altered is not None:
        return replace(step, payload=answer.shape.altered(step.payload))
    return step


def _unbroken(answer: Answer, question: Question, envelope: Envelope) -> Iterator[Step]:
    played = _Played(answer, question, envelope)
    if answer.shape.azure:
        yield Send(payload=wire.azure_prelude(envelope))
    yield from played.openings()
    yield from played.interruptions(0)
    sent = count(1)
    for delta in _deltas(answer, envelope):
        for index in range(question.choices):
            if answer.pace:
                yield Pause(seconds=1 / answer.pace)
            yield Send(payload=played.event(index, delta), delta=True)
            yield from played.interruptions(next(sent))
    yield from played.closings()


class _Played:
    """One answer to one question: what its events share."""

    def __init__(self, answer: Answer, question: Question, envelope: Envelope) -> None:
        self._answer = answer
        self._question = question
        self._envelope = envelope
        self._usage = counted(answer, question)

    def interruptions(self, sent: int) -> Iterator[Step]:
        """What goes wrong after so many deltas."""
        for stall in self._answer.stalls:
            if stall.after == sent:
                yield Hold(until=stall.until)
        if self._answer.error_after == sent:
            yield Send(payload=self._error())
            yield Cut(kind="eof")
        elif self._answer.cut_after == sent:
            yield Cut(kind=self._answer.cut)

    def _error(self) -> Json:
        error = dict(self._answer.error)
        if self._answer.shape.error_in_chunk:
            return {**self.event(0, {"content": ""}, "error"), "error": error}
        return error if self._answer.shape.bare_error else {"error": error}

    def openings(self) -> Iterator[Step]:
        """The event that names the role, once for each choice."""
        first = {"role": "assistant", "content": None if self._answer.shape.null_content else "", "refusal": None}
        for index in range(self._question.choices):
            yield Send(payload=self.event(index, first))

    def event(self, index: int, delta: Json, finish_reason: str | None = None) -> Json:
        """An event with one choice."""
        choice = self._envelope.choice(index, delta, finish_reason)
        return self._envelope.chunk([choice], **self._usage_beside(finish_reason))

    def _usage_beside(self, finish_reason: str | None) -> Json:
        place, usage = self._answer.usage_in, self._usage
        if usage is None:
            return {}
        told = wire.usage_payload(usage)
        if place is UsageIn.EVERY_CHUNK or (place is UsageIn.FINISH_CHUNK and finish_reason is not None):
            return {"usage": told}
        if place is UsageIn.X_GROQ and finish_reason is not None:
            return {"x_groq": {"id": self._envelope.id, "usage": told}}
        if place is UsageIn.OWN_CHUNK and self._question.wants_usage:
            return {"usage": None}
        return {}

    def closings(self) -> Iterator[Step]:
        """The finish reason and, where it has a chunk of its own, the usage."""
        if self._answer.ending is not None:
            for index in range(self._question.choices):
                yield Send(payload=self.event(index, {}, self._answer.ending))
        if self._usage is None:
            return
        told = wire.usage_payload(self._usage)
        if self._answer.usage_in is UsageIn.OWN_CHUNK and self._question.wants_usage:
            yield Send(payload=self._envelope.chunk([], usage=told))
        elif self._answer.usage_in is UsageIn.OWN_CHUNK_WITH_CHOICE:
            empty = self._envelope.choice(0, {"role": "assistant", "content": ""})
            yield Send(payload=self._envelope.chunk([empty], usage={**told, "cost": 0.0001}))


def _deltas(answer: Answer, envelope: Envelope) -> Iterator[Json]:
    for piece in tokens.pieces(answer.reasoning):
        yield {answer.shape.reasoning_field: piece}
    for piece in answer.deltas or tokens.pieces(answer.text):
        yield {"content": wire.content(piece, answer.shape)}
    for piece in tokens.pieces(answer.refusal):
        yield {"refusal": piece}
    for index, call in enumerate(answer.tool_calls):
        call_id = call.id or f"call_{envelope.id}_{index}"
        for fragment in wire.tool_call_fragments(call, call_id, index, answer.shape):
            yield {"tool_calls": [fragment]}
