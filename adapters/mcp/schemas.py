"""Schemas of arguments as servers send them: which of them may be used, and what a model is given of one. Pure.

Arguments are checked against the schema in our own process, so a schema must not only be valid: it must not refer to
other documents (they would be fetched), and checking must not take long, whoever made it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MOST_CHARACTERS = 20_000
MOST_STEPS = 5_000
"""Nodes that are visited when every reference is followed: references to references can double them at each step."""
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Hold schemas by names that are no keywords."""
_VALUES = ("const", "enum", "default", "examples")
"""Hold values, which are no schemas."""
EMPTY: Mapping[str, object] = {"type": "object", "properties": {}}


class UnfitSchema(Exception):
    """The schema cannot be used; the text is a word for the log."""


def usable(schema: Mapping[str, Any], *, trusted: bool) -> dict[str, object]:
    """The schema as models get it. A server that is not trusted has no patterns, which can take for ever to match, and
    no schemas within themselves. Raises UnfitSchema."""
    try:
        if length(schema) > MOST_CHARACTERS:
            raise UnfitSchema("too long")
        _cheap(schema, recursive=trusted)
        kept = dict(schema) if trusted else _without_patterns(schema)
        _valid(kept)
    except (RecursionError, ValueError, TypeError) as error:
        raise UnfitSchema("no JSON") from error
    return {**EMPTY, **kept}


def length(schema: Mapping[str, Any]) -> int:
    """Characters, as it is sent to a model. Raises RecursionError, ValueError and TypeError for what is no JSON."""
    return len(json.dumps(schema))


def _valid(schema: Mapping[str, Any]) -> None:
    # The library takes a while to load and is of use only where a server has tools.
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    if schema.get("type", "object") != "object":
        raise UnfitSchema("no object")
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError:
        raise UnfitSchema("invalid") from None


# ── what checking costs ──


def _cheap(schema: Mapping[str, Any], *, recursive: bool) -> None:
    _Costs(schema, recursive=recursive).of(schema)


class _Costs:
    """Counts what checking visits, each place that is referred to once."""

    def __init__(self, schema: Mapping[str, Any], *, recursive: bool) -> None:
        self._schema = schema
        self._recursive = recursive
        self._known: dict[str, int] = {}
        self._entered: set[str] = set()

    def of(self, part: object) -> int:
        """Raises UnfitSchema as soon as it is too much."""
        steps = 1
        if isinstance(part, Mapping):
            steps += sum(self._reference(part[name]) for name in _REFERENCES if name in part)
        for inner in _inner(part):
            steps += self.of(inner)
        if steps > MOST_STEPS:
            raise UnfitSchema("too costly")
        return steps

    def _reference(self, target: object) -> int:
        if not isinstance(target, str) or not target.startswith("#"):
            raise UnfitSchema("refers to another document")
        if target in self._entered:
            if self._recursive:
                return 1
            raise UnfitSchema("within itself")
        if target not in self._known:
            self._entered.add(target)
            self._known[target] = self.of(self._found(target))
            self._entered.remove(target)
        return self._known[target]

    def _found(self, target: str) -> object:
        found: object = self._schema
        for name in target.removeprefix("#").split("/")[1:]:
            key = name.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping) and key in found:
                found = found[key]
            else:
                raise UnfitSchema("refers to nothing")
        if target != "#" and not target.startswith("#/"):
            raise UnfitSchema("refers by an anchor")
        return found


def _inner(part: object) -> Iterator[object]:
    if isinstance(part, Mapping):
        yield from (value for name, value in part.items() if name not in _VALUES)
    elif isinstance(part, list):
        yield from part


def _without_patterns(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _kept(name, value)
        for name, value in schema.items()
        if not (name == "pattern" and isinstance(value, str)) and name != "patternProperties"
    }


def _kept(name: str, value: Any) -> Any:
    if name in _VALUES:
        return value
    if name in _NAMED and isinstance(value, Mapping):
        return {inner: _kept("", one) for inner, one in value.items()}
    if isinstance(value, Mapping):
        return _without_patterns(value)
    return [_kept("", one) for one in value] if isinstance(value, list) else value
