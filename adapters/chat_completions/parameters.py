"""ModelParameters → the fields of a request. Only what was configured becomes a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from adapters.chat_completions.dialects import Payload
from core.persona import ModelParameters

OURS = frozenset({"model", "messages", "stream", "tools"})
"""Fields that a persona's `extra` cannot replace: this package decides them."""
_WITH_TOOLS = frozenset({"tool_choice", "parallel_tool_calls"})
"""Sent without tools, these are refused with 400."""
_CAPS = frozenset({"max_tokens", "max_completion_tokens"})


def parameter_fields(parameters: ModelParameters, *, with_tools: bool) -> Payload:
    """The fields, in the common way of saying them. What stands in `extra` goes before what does not."""
    extra = {name: value for name, value in parameters.extra.items() if name not in OURS and value is not None}
    said = {**_given(parameters), **extra}
    if _CAPS & extra.keys():
        said = {name: value for name, value in said.items() if name not in _CAPS or name in extra}
    return {name: value for name, value in said.items() if with_tools or name not in _WITH_TOOLS}


def _given(parameters: ModelParameters) -> Payload:
    values = {field.name: getattr(parameters, field.name) for field in fields(parameters) if field.name != "extra"}
    return {name: _plain(value) for name, value in values.items() if value is not None and value != ()}


def _plain(value: object) -> object:
    """Tuples and mappings as JSON knows them."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
