"""Chunks of an answer → core's events. Pure: it is given decoded JSON and asked for the end.

Tolerates every habit of the fact sheet's section 5: chunks without choices, `message` for `delta`, content as a list of
parts, reasoning under three names, usage anywhere, finish reasons of all kinds. Fragments of function calls are put
together in calls.py, `<think>` blocks told apart in thinking.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import structlog

from adapters.chat_completions.calls import CallAssembly
from adapters.chat_completions.counts import usage_in
from adapters.chat_completions.thinking import Piece, ThoughtSplitter
from core.ports import Finished, FinishReason, ModelEvent, ReasoningDelta, TextDelta, ToolCallDelta
from core.turn import Usage

log = structlog.get_logger()

_REASONS: Mapping[str, FinishReason] = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "tool_use": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.FILTER,
    "safety": FinishReason.FILTER,
    "refusal": FinishReason.REFUSAL,
}
BROKEN_OFF = frozenset({"error", "insufficient_system_resource", "abort"})
"""Reasons that mean: the server gave up (OpenRouter and Mistral, DeepSeek, vLLM)."""
_UNDERSTOOD = frozenset({"role", "content", "refusal", "tool_calls", "function_call", "annotations", "audio"})
"""Fields of a message that need not go back beside its calls: all others do (fact sheet, section 5)."""
_REASONING = ("reasoning_content", "reasoning", "thinking")


class Assembly:
    """One answer, from its first chunk to its end."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._usage: Usage | None = None
        self._calls = CallAssembly()
        self._thoughts = ThoughtSplitter()
        self._refused = False
        self._around: dict[str, list[object]] = {}
        self.begun = False
        """A piece of the answer has come, be it text, reasoning or part of a call."""
        self.reason: str | None = None
        """Why it ended, in the server's words; None while it has not said so."""

    def take(self, chunk: Mapping[str, object]) -> list[ModelEvent]:
        """The events that this chunk (or whole answer) makes."""
        model = chunk.get("model")
        self._model = model if isinstance(model, str) and model else self._model
        self._usage = usage_in(chunk, model=self._model) or self._usage
        choice = _first_choice(chunk)
        events = list(self._spoken(_piece(choice)))
        self.begun = self.begun or bool(events) or self._calls.begun
        reason = choice.get("finish_reason")
        self.reason = reason if isinstance(reason, str) and reason else self.reason
        return events

    def end(self) -> list[ModelEvent]:
        """The last events; Finished comes last. Calls that a cut-off answer left half written are not given."""
        reason = self._finish_reason()
        events: list[ModelEvent] = list(self._told(self._thoughts.flush()))
        if reason is FinishReason.TOOL_CALLS:
            around = {name: whole for name, pieces in self._around.items() if (whole := _whole(pieces))}
            events += [ToolCallDelta(call=call) for call in self._calls.calls(around)]
        return [*events, Finished(reason=reason, usage=self._usage)]

    def _spoken(self, piece: Mapping[str, object]) -> Iterator[ModelEvent]:
        if thought := _reasoning(piece):
            yield ReasoningDelta(text=thought)
        yield from self._content(piece.get("content"))
        refusal = piece.get("refusal")
        if isinstance(refusal, str) and refusal:
            self._refused = True
            yield TextDelta(text=refusal)
        for fragment in _fragments(piece):
            self._calls.take(fragment)
        for name in piece.keys() - _UNDERSTOOD:
            self._around.setdefault(name, []).append(piece[name])

    def _content(self, content: object) -> Iterator[ModelEvent]:
        if isinstance(content, str):
            yield from self._told(self._thoughts.feed(content))
        for part in _mappings(content):
            if text := _part_text(part):
                is_thought = part.get("type") in ("thinking", "reasoning")
                yield from [ReasoningDelta(text=text)] if is_thought else self._told(self._thoughts.feed(text))

    def _told(self, pieces: Iterable[Piece]) -> Iterator[ModelEvent]:
        for piece in pieces:
            yield ReasoningDelta(text=piece.text) if piece.thought else TextDelta(text=piece.text)

    def _finish_reason(self) -> FinishReason:
        word = (self.reason or "").lower()
        reason = _REASONS.get(word)
        if reason is None:
            log.warning("unknown finish reason", action="model.finish_reason", reason=word[:40], model=self._model)
            reason = FinishReason.STOP
        if reason in (FinishReason.STOP, FinishReason.TOOL_CALLS):
            return self._how_it_stopped()
        return reason

    def _how_it_stopped(self) -> FinishReason:
        """Servers say `stop` for calls and refusals too, and `tool_calls` without any."""
        if self._calls.calls():
            return FinishReason.TOOL_CALLS
        return FinishReason.REFUSAL if self._refused else FinishReason.STOP


def _first_choice(chunk: Mapping[str, object]) -> Mapping[str, object]:
    """The choice of index 0; others belong to answers that nobody reads."""
    return next((choice for choice in _mappings(chunk.get("choices")) if not choice.get("index")), {})


def _piece(choice: Mapping[str, object]) -> Mapping[str, object]:
    for name in ("delta", "message"):
        piece = choice.get(name)
        if isinstance(piece, Mapping):
            return piece
    text = choice.get("text")
    return {"content": text} if isinstance(text, str) else {}


def _reasoning(piece: Mapping[str, object]) -> str:
    """The same thought may come under several names; it is taken once."""
    for name in _REASONING:
        if isinstance(text := piece.get(name), str) and text:
            return text
    return "".join(_part_text(detail) for detail in _mappings(piece.get("reasoning_details")))


def _whole(pieces: list[object]) -> object:
    """A field of a streamed message: texts and lists go on, of anything else the last one stands."""
    given = [piece for piece in pieces if piece is not None]
    if all(isinstance(piece, str) for piece in given):
        return "".join(str(piece) for piece in given)
    if all(isinstance(piece, list) for piece in given):
        return [item for piece in given if isinstance(piece, list) for item in piece]
    return given[-1]


def _part_text(part: Mapping[str, object]) -> str:
    """The text of a content part; Mistral's thinking parts hold parts themselves."""
    inner = part.get("text", part.get("thinking"))
    if isinstance(inner, str):
        return inner
    return "".join(_part_text(item) for item in _mappings(inner))


def _fragments(piece: Mapping[str, object]) -> list[Mapping[str, object]]:
    fragments = _mappings(piece.get("tool_calls"))
    legacy = piece.get("function_call")
    if isinstance(legacy, Mapping) and not fragments:
        return [{"index": 0, "function": legacy}]
    return fragments


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
