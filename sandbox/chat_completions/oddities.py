"""What compatible servers do differently, by name: each makes an ordinary answer an odd one that says the same.

Sources: shared/platforms/chat-completions.md, sections 4 and 5. Tests play them all; a person gets one by asking the
demo to "play" it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from sandbox.chat_completions.script import Answer, Framing, Shape, UsageIn
from sandbox.chat_completions.wire import Json

Oddity = Callable[[Answer], Answer]


def _framed(framing: Framing) -> Oddity:
    return lambda answer: replace(answer, framing=framing)


def _shaped(shape: Shape) -> Oddity:
    return lambda answer: replace(answer, shape=shape)


def _using(place: UsageIn) -> Oddity:
    return lambda answer: replace(answer, usage_in=place)


def _without_id(payload: Json) -> Json:
    """Some proxies: no id, an empty model, a creation time in words."""
    kept = {name: value for name, value in payload.items() if name != "id"}
    return {**kept, "model": "", "created": "2026-11-23T05:00:00Z"}


def _arguments_as_object(payload: Json) -> Json:
    """Some proxies: a tool call's arguments are an object and not its text."""
    for choice in payload.get("choices", ()):
        for call in choice.get("delta", {}).get("tool_calls", ()):
            arguments = call["function"].get("arguments")
            call["function"]["arguments"] = json.loads(arguments) if arguments else {}
    return payload


def _thinking_inside(answer: Answer) -> Answer:
    text = f"<think>\nThe demo pretends to think.\n</think>\n\n{answer.whole_text}"
    return replace(answer, text=text, deltas=())


def _thinking_before(field: str) -> Oddity:
    thought = "The demo pretends to think before it speaks."
    return lambda answer: replace(answer, reasoning=thought, shape=Shape(reasoning_field=field))


ODDITIES: Mapping[str, Oddity] = {
    "crlf": _framed(Framing(line_end="\r\n")),
    "cr": _framed(Framing(line_end="\r")),
    "bom": _framed(Framing(bom=True)),
    "no_space": _framed(Framing(space=False)),
    "openrouter_comments": _framed(Framing(comments=("OPENROUTER PROCESSING", "OPENROUTER PROCESSING"))),
    "keep_alive": _framed(Framing(keep_alive="keep-alive")),
    "event_names": _framed(Framing(event_name="completion")),
    "several_data_lines": _framed(Framing(data_lines=3)),
    "split_bytes": _framed(Framing(split_every=1)),
    "no_done": _framed(Framing(done=False)),
    "no_last_blank_line": _framed(Framing(done=False, closing_blank_line=False)),
    "line_separators": lambda answer: replace(answer, text=f"{answer.whole_text}\u2028\u2029\u0085.", deltas=()),
    "json_although_streamed": _shaped(Shape(as_json=True)),
    "blank_lines_before_json": lambda answer: replace(
        answer, shape=Shape(as_json=True), framing=Framing(blank_lines=20)
    ),
    "azure_first_chunk": _shaped(Shape(azure=True)),
    "message_for_delta": _shaped(Shape(delta_key="message")),
    "null_content": _shaped(Shape(null_content=True)),
    "content_parts": _shaped(Shape(content_parts=True)),
    "bare_proxy": _shaped(Shape(altered=_without_id)),
    "usage_on_finish": _using(UsageIn.FINISH_CHUNK),
    "usage_in_x_groq": _using(UsageIn.X_GROQ),
    "usage_with_choice": _using(UsageIn.OWN_CHUNK_WITH_CHOICE),
    "usage_on_every_chunk": _using(UsageIn.EVERY_CHUNK),
    "no_usage": lambda answer: replace(answer, usage=False),
    "no_finish_reason": lambda answer: replace(answer, finish_reason=None),
    "unknown_finish_reason": lambda answer: replace(answer, finish_reason="eos"),
    "empty_finish_reason": lambda answer: replace(answer, finish_reason=""),
    "reasoning_content": _thinking_before("reasoning_content"),
    "reasoning": _thinking_before("reasoning"),
    "think_block": _thinking_inside,
    "tool_calls_without_index": _shaped(Shape(indexed=False)),
    "arguments_as_object": lambda answer: replace(
        answer,
        shape=Shape(altered=_arguments_as_object),
        tool_calls=tuple(replace(call, whole=True) for call in answer.tool_calls),
    ),
    "error_as_chunk": lambda answer: replace(answer, error_after=20, shape=Shape(error_in_chunk=True)),
    "bare_error": lambda answer: replace(answer, error_after=20, shape=Shape(bare_error=True)),
}
