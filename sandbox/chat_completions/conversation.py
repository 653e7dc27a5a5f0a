"""What OpenAI demands of the list of messages: known roles, content of the right kind, every tool call answered."""

from __future__ import annotations

from typing import Any

from sandbox.chat_completions.failures import error
from sandbox.chat_completions.script import Failure

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_USER_PARTS = ("text", "image_url", "input_audio", "file")


def broken_conversation(messages: object) -> Failure | None:
    """The refusal of a conversation that breaks a rule, or None."""
    if not isinstance(messages, list) or not messages:
        text = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        return error(400, text, code="empty_array", param="messages")
    for index, message in enumerate(messages):
        refusal = _broken_message(index, message)
        if refusal:
            return refusal
    return _broken_calls(messages)


def _broken_message(index: int, message: object) -> Failure | None:
    where = f"messages[{index}]"
    if not isinstance(message, dict):
        return error(400, f"Invalid type for '{where}': expected an object.", code="invalid_type", param=where)
    role = message.get("role")
    if role not in _ROLES:
        supported = ", ".join(f"'{known}'" for known in _ROLES)
        text = f"Invalid value: '{role}'. Supported values are: {supported}."
        return error(400, text, code="invalid_value", param=f"{where}.role")
    if role == "tool" and not message.get("tool_call_id"):
        text = f"Missing required parameter: '{where}.tool_call_id'."
        return error(400, text, code="missing_required_parameter", param=f"{where}.tool_call_id")
    return _broken_content(where, message)


def _broken_content(where: str, message: dict[str, Any]) -> Failure | None:
    content, role = message.get("content"), message["role"]
    if content is None:
        if role == "assistant" and (
            message.get("tool_calls") or message.get("refusal") or message.get("function_call")
        ):
            return None
        text = f"Invalid value for 'content': expected a string, got null. ({where})"
        return error(400, text, param=f"{where}.content")
    if isinstance(content, str):
        return None
    allowed = _USER_PARTS if role == "user" else ("text", "refusal") if role == "assistant" else ("text",)
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") in allowed for part in content):
        return None
    text = f"Invalid content for a message of role '{role}': expected text or parts of type {', '.join(allowed)}."
    return error(400, text, code="invalid_value", param=f"{where}.content")


def _broken_calls(messages: list[dict[str, Any]]) -> Failure | None:
    open_calls: list[str] = []
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                return error(400, f"Invalid parameter: {text}", param=f"messages.[{index}].role")
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return _unanswered(open_calls, index)
        else:
            open_calls = [str(call.get("id")) for call in message.get("tool_calls") or ()]
    return _unanswered(open_calls, len(messages) - 1) if open_calls else None


def _unanswered(calls: list[str], index: int) -> Failure:
    text = (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(calls)}"
    )
    return error(400, text, param=f"messages.[{index}].role")
