"""Whether what a model wrote as a call's arguments is what the tool wants. Pure.

Schemas may come from strangers (MCP servers), so no reference of theirs is fetched, and their regular expressions are
not tried: one of them can take longer than the sun lasts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from core.conversation import ToolCall

LONGEST = 40_000
"""Characters of arguments. Longer ones are not read, and not kept either: they would fill the model's window."""
MOST_FAULTS = 5
LONGEST_FAULT = 300


class BadArguments(ValueError):
    """The text tells the model what is wrong, so that it can mend it."""


def read(arguments: str, schema: Mapping[str, object], *, quoting: bool = True) -> Mapping[str, object]:
    """The arguments of a call. Raises BadArguments, with a text that quotes none of them unless it may."""
    if len(arguments) > LONGEST:
        raise BadArguments(f"The arguments have {len(arguments):,} characters; at most {LONGEST:,} are read.")
    try:
        given = json.loads(arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise BadArguments(f"The arguments are no JSON ({_short(str(error))}). Send them again, whole.") from None
    if not isinstance(given, dict):
        raise BadArguments("The arguments must be one JSON object.")
    faults = _faults(given, schema, quoting=quoting)
    if faults:
        raise BadArguments("The arguments do not fit: " + "; ".join(faults) + ". Mend them and call again.")
    return given


def kept(call: ToolCall, secrets: frozenset[str] = frozenset()) -> ToolCall:
    """The call as it is kept in the conversation: without the arguments of these names."""
    if secrets:
        return replace(call, arguments=_without(call.arguments, secrets))
    if len(call.arguments) <= LONGEST:
        return call
    return replace(call, arguments=json.dumps(f"{len(call.arguments):,} characters, left out"))


def _without(arguments: str, secrets: frozenset[str]) -> str:
    try:
        given = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or len(arguments) > LONGEST:
        return "{}"
    return json.dumps({name: value for name, value in given.items() if name not in secrets}, ensure_ascii=False)


def usable(schema: Mapping[str, object]) -> bool:
    """Whether it is a JSON schema that arguments can be checked against."""
    try:
        _validator().check_schema(dict(schema))
    except Exception:  # whatever a stranger's schema makes the library do, it is not usable
        return False
    return True


def _faults(given: Mapping[str, object], schema: Mapping[str, object], *, quoting: bool) -> list[str]:
    try:
        errors = list(_errors(given, schema))
    except Exception as error:  # a schema with references to nowhere, or without end
        raise BadArguments(f"The tool's own schema is broken ({type(error).__name__}); it cannot be called.") from None
    return [_short(f"{_place(error)}: {error.message if quoting else _wanted(error)}") for error in errors]


def _errors(given: Mapping[str, object], schema: Mapping[str, object]) -> Iterable[Any]:
    from itertools import islice

    from referencing import Registry

    return islice(_validator()(dict(schema), registry=Registry()).iter_errors(given), MOST_FAULTS)


@lru_cache(maxsize=1)
def _validator() -> Any:
    """Loaded with the first call: 4 MB that nobody needs who uses no tools."""
    from jsonschema import Draft202012Validator, validators

    return validators.extend(Draft202012Validator, {"pattern": _untried, "patternProperties": _untried})


def _untried(*_: object) -> Iterable[Any]:
    return ()


def _wanted(error: Any) -> str:
    return f"{error.validator} must be {json.dumps(error.validator_value)}"


def _place(error: Any) -> str:
    return ".".join(str(step) for step in error.absolute_path) or "arguments"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_FAULT else text[:LONGEST_FAULT] + "…"
