"""Function calls, put together from their fragments.

OpenAI numbers each call and sends id and name once, then pieces of the arguments. Others send no number, no id, the
whole call at once, the same number for every call, or the arguments as an object; all of them end up the same here.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.conversation import ToolCall

AROUND = "message"
"""Key in the first call's `extra` for unknown fields of the message itself (DeepSeek's and OpenRouter's reasoning)."""
_OURS = frozenset({"index", "id", "type", "function"})
_ID_LENGTH = 9
"""Mistral takes ids of exactly this length, and everybody else takes them too."""


@dataclass(slots=True)
class _Growing:
    """A call so far."""

    index: object = None
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    extra: dict[str, object] = field(default_factory=dict)


class CallAssembly:
    """Takes fragments in the order in which they come."""

    def __init__(self) -> None:
        self._calls: list[_Growing] = []

    @property
    def begun(self) -> bool:
        """A fragment has come."""
        return bool(self._calls)

    def take(self, fragment: Mapping[str, object]) -> None:
        """The fragment belongs to a call that has begun, or begins one."""
        function = fragment.get("function")
        function = function if isinstance(function, Mapping) else {}
        name = _text(function.get("name"))
        call = self._belonging(fragment.get("index"), _text(fragment.get("id")), name)
        call.id = call.id or _text(fragment.get("id"))
        call.name = _joined(call.name, name)
        call.extra.update({key: value for key, value in fragment.items() if key not in _OURS})
        _add_arguments(call, function.get("arguments"))

    def calls(self, around: Mapping[str, object] | None = None) -> list[ToolCall]:
        """The calls that have a name, in order; those without an id get one. What stood `around` them in the message
        is kept with the first one."""
        if around and self._calls:
            self._calls[0].extra[AROUND] = dict(around)
        return [
            ToolCall(id=call.id or _new_id(), name=call.name, arguments=_whole(call), extra=call.extra)
            for call in self._calls
            if call.name
        ]

    def _belonging(self, index: object, call_id: str, name: str) -> _Growing:
        found = self._numbered(index, call_id, name) if index is not None else self._unnumbered(call_id, name)
        if found is None:
            found = _Growing(index=index)
            self._calls.append(found)
        return found

    def _numbered(self, index: object, call_id: str, name: str) -> _Growing | None:
        """The newest call of that number, unless the fragment shows itself to begin another (same number for all)."""
        call = next((call for call in reversed(self._calls) if call.index == index), None)
        if call is None or not name:
            return call
        another_id = bool(call_id and call.id and call_id != call.id)
        another_name = bool(call.arguments and not call_id and name != call.name)
        return None if another_id or another_name else call

    def _unnumbered(self, call_id: str, name: str) -> _Growing | None:
        if not self._calls:
            return None
        if call_id:
            return next((call for call in reversed(self._calls) if call.id == call_id), None)
        last = self._calls[-1]
        return last if not name or not last.name else None


def _joined(before: str, piece: str) -> str:
    """A name sent again is the same name; any other piece goes on with it."""
    return before if piece == before else before + piece


def _add_arguments(call: _Growing, arguments: object) -> None:
    if isinstance(arguments, str):
        if arguments:
            call.arguments.append(arguments)
    elif arguments is not None:
        call.arguments = [json.dumps(arguments, ensure_ascii=False)]


def _whole(call: _Growing) -> str:
    """The arguments; `{}` for a function that was given none, since some servers refuse an empty text."""
    return "".join(call.arguments).strip() or "{}"


def _new_id() -> str:
    return "".join(random.choices(string.ascii_letters + string.digits, k=_ID_LENGTH))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
