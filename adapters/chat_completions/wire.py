"""ModelRequest → the JSON of `POST {base}/chat/completions`. Pure.

What a request says beyond the messages comes from parameters.py; how a particular server wants it, from dialects.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from adapters.chat_completions.calls import AROUND
from adapters.chat_completions.dialects import Dialect, Payload
from adapters.chat_completions.parameters import parameter_fields
from core.context import without_tools
from core.conversation import ImagePart, Message, Role, TextPart, ToolCall
from core.errors import ModelRefused
from core.ports import ModelRequest, ToolSpec

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SHORT = 9
_UNSEEN = " [This picture is not shown to you.]"


def payload(request: ModelRequest, *, model: str, dialect: Dialect, user_field: str = "") -> Payload:
    """The request's JSON, streamed and with usage asked for, as the dialect wants it."""
    said: Payload = {"model": model, "messages": written_messages(request.messages, dialect), "stream": True}
    said["stream_options"] = {"include_usage": True}
    if request.tools:
        said["tools"] = [_tool(tool) for tool in request.tools]
    if user_field and request.user:
        said[user_field] = request.user
    for name, value in parameter_fields(request.parameters, with_tools=bool(request.tools)).items():
        said[name] = {**_mapping(said.get(name)), **_mapping(value)} if name == "stream_options" else value
    return dialect.applied(said)


def encoded(said: Payload) -> bytes:
    """The payload as UTF-8. Halves of surrogate pairs, which chat platforms let through, become `?`.
    Raises ModelRefused for parameters that are no JSON."""
    try:
        text = json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise ModelRefused("the persona's parameters are no JSON") from None
    return text.encode("utf-8", "replace")


def written_messages(messages: Sequence[Message], dialect: Dialect) -> list[Payload]:
    """The messages in order, none left out. Names of people are core's affair and stand in the text."""
    if dialect.blind:
        messages = [_without_pictures(message) for message in messages]
    if dialect.system_role == "user":
        messages = _without_system(messages)
    if not dialect.takes_tools:
        messages = without_tools(messages)
    if dialect.functions:
        return _with_functions(messages, dialect)
    return [_message(message, dialect) for message in messages]


def _with_functions(messages: Sequence[Message], dialect: Dialect) -> list[Payload]:
    """Calls in the older form (fact sheet, section 1): one a message, each before its result, which names it."""
    said, calls = list[Payload](), dict[str, ToolCall]()
    for message in messages:
        if message.role is Role.TOOL:
            call = calls.get(message.tool_call_id or "")
            if call is not None:
                asked = {"name": call.name, "arguments": call.arguments}
                said.append({"role": "assistant", "content": None, "function_call": asked})
                said.append({"role": "function", "name": call.name, "content": message.text})
            continue
        calls.update({call.id: call for call in message.tool_calls})
        if message.role is not Role.ASSISTANT or message.text:
            said.append(_message(replace(message, tool_calls=()), dialect))
    return said


def _without_pictures(message: Message) -> Message:
    if not any(isinstance(part, ImagePart) for part in message.parts):
        return message
    parts = tuple(TextPart(text=_UNSEEN) if isinstance(part, ImagePart) else part for part in message.parts)
    return replace(message, parts=parts)


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The prompts in front of the first message of a person, for templates that know no system role."""
    prompts = [TextPart(text=message.text + "\n\n") for message in messages if message.role is Role.SYSTEM]
    rest = [message for message in messages if message.role is not Role.SYSTEM]
    first = next((number for number, message in enumerate(rest) if message.role is Role.USER), None)
    if first is None:
        return [Message(role=Role.USER, parts=tuple(prompts)), *rest]
    joined = Message(role=Role.USER, parts=(*prompts, *rest[first].parts))
    return [*rest[:first], joined, *rest[first + 1 :]]


def _message(message: Message, dialect: Dialect) -> Payload:
    match message.role:
        case Role.SYSTEM:
            return {"role": dialect.system_role, "content": message.text}
        case Role.USER:
            return {"role": "user", "content": _content(message)}
        case Role.ASSISTANT:
            return _assistant(message, dialect)
        case Role.TOOL:
            call_id = _call_id(message.tool_call_id or "", dialect)
            return {"role": "tool", "tool_call_id": call_id, "content": message.text}


def _content(message: Message) -> object:
    """Plain text where there is nothing else: some servers take no list."""
    if not any(isinstance(part, ImagePart) for part in message.parts):
        return message.text
    return [_image(part) if isinstance(part, ImagePart) else _text(part) for part in message.parts]


def _text(part: TextPart) -> Payload:
    return {"type": "text", "text": part.text}


def _image(part: ImagePart) -> Payload:
    detail = {} if part.detail in ("", "auto") else {"detail": part.detail}
    return {"type": "image_url", "image_url": {"url": part.url, **detail}}


def _assistant(message: Message, dialect: Dialect) -> Payload:
    if not message.tool_calls:
        return {"role": "assistant", "content": message.text}
    calls = [_call(call, dialect) for call in message.tool_calls]
    around = {} if dialect.bare_messages else _mapping(message.tool_calls[0].extra.get(AROUND))
    return {**around, "role": "assistant", "content": message.text or None, "tool_calls": calls}


def _call(call: ToolCall, dialect: Dialect) -> Payload:
    function = {"name": call.name, "arguments": call.arguments}
    extra = {} if dialect.bare_messages else {name: value for name, value in call.extra.items() if name != AROUND}
    return {**extra, "id": _call_id(call.id, dialect), "type": "function", "function": function}


def _call_id(call_id: str, dialect: Dialect) -> str:
    """The id as it is, or nine letters and digits made from it, the same for the call and for its result."""
    fits = len(call_id) == _SHORT and call_id.isascii() and call_id.isalnum()
    if not dialect.short_call_ids or fits:
        return call_id
    digest = hashlib.sha256(call_id.encode("utf-8", "replace")).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:_SHORT])


def _tool(tool: ToolSpec) -> Payload:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _mapping(value: object) -> Payload:
    return dict(value) if isinstance(value, dict) else {}
