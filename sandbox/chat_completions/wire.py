"""The payloads of chat completions, as values. Pure: no bytes, no time, no sockets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sandbox.chat_completions.script import Shape, ToolCall, Usage

Json = dict[str, Any]


def usage_payload(usage: Usage) -> Json:
    """OpenAI's usage object."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens, "audio_tokens": 0},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What all payloads of one answer share."""

    id: str
    created: int
    model: str
    shape: Shape = Shape()

    def chunk(self, choices: list[Json], **more: object) -> Json:
        """One event of a stream."""
        head: Json = {"id": self.id} if self.shape.named else {}
        return {
            **head,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_sandbox",
            "choices": choices,
            **more,
        }

    def choice(self, index: int, delta: Json, finish_reason: str | None = None) -> Json:
        """One choice of an event."""
        return {"index": index, self.shape.delta_key: delta, "logprobs": None, "finish_reason": finish_reason}

    def completion(self, choices: list[Json], usage: Usage | None) -> Json:
        """A whole answer that was not streamed."""
        told: Json = {} if usage is None else {"usage": usage_payload(usage)}
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_sandbox",
            "choices": choices,
            **told,
        }


def azure_prelude(envelope: Envelope) -> Json:
    """Azure's first event: filter results, no choices, no id, no model."""
    results = [{"prompt_index": 0, "content_filter_results": {"violence": {"filtered": False, "severity": "safe"}}}]
    return {**envelope.chunk([]), "id": "", "model": "", "created": 0, "object": "", "prompt_filter_results": results}


def content(text: str, shape: Shape) -> object:
    """Text as this vendor puts it into `content`."""
    return [{"type": "text", "text": text}] if shape.content_parts else text


def message(text: str, reasoning: str, refusal: str, calls: list[Json], shape: Shape) -> Json:
    """The message of an answer that was not streamed."""
    said: Json = {
        "role": "assistant",
        "content": content(text, shape) if text or not calls else None,
        "refusal": refusal or None,
        "annotations": [],
    }
    if reasoning:
        said[shape.reasoning_field] = reasoning
    return said | ({"tool_calls": calls} if calls else {})


def tool_call(call: ToolCall, call_id: str) -> Json:
    """A call in one piece."""
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
        **call.extra,
    }


def tool_call_fragments(call: ToolCall, call_id: str, index: int, shape: Shape) -> list[Json]:
    """A call as it is streamed: first its name, then its arguments in pieces."""
    place: Json = {"index": index} if shape.indexed else {}
    if call.whole:
        return [{**place, **tool_call(call, call_id)}]
    edges = [0, *sorted(call.cuts), len(call.arguments)]
    pieces = [call.arguments[start:end] for start, end in pairwise(edges)]
    first = {**place, "id": call_id, "type": "function", "function": {"name": call.name, "arguments": ""}, **call.extra}
    return [first, *({**place, "function": {"arguments": piece}} for piece in pieces)]
