"""What of a server's list of tools is used: bounded, with names of its own, without what is broken. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.mcp.naming import model_names
from adapters.mcp.schemas import UnfitSchema, length, usable

MOST_TOOLS = 500
"""Of one server."""
MOST_CHARACTERS = 1_000_000
"""Of all their schemas together."""
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 1_000
"""Characters that a model reads of one tool, each time it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A tool as the server tells of it."""

    name: str
    description: str
    schema: Mapping[str, Any]
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A tool that can be used."""

    name: str
    """As the server calls it."""
    model_name: str
    description: str
    schema: Mapping[str, object]
    read_only: bool
    """The server says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The tools of a server, and how many were left out for which reason."""

    offered: tuple[Offered, ...] = ()
    left_out: Mapping[str, int]


def listed(server: str, announced: Iterable[Announced], *, trusted: bool) -> Listing:
    """The tools that can be used, in the server's order."""
    left_out: Counter[str] = Counter()
    fit: dict[str, tuple[Announced, Mapping[str, object]]] = {}
    room = MOST_CHARACTERS
    for tool in announced:
        reason = _unfit_name(tool.name, fit)
        if reason is None and (len(fit) >= MOST_TOOLS or room < 0):
            reason = "too many"
        if reason is None:
            try:
                fit[tool.name] = tool, usable(tool.schema, trusted=trusted)
                room -= length(tool.schema)
            except UnfitSchema as unfit:
                reason = str(unfit)
        if reason is not None:
            left_out[reason] += 1
    names = model_names(server, list(fit))
    offered = tuple(_offered(tool, names[name], schema) for name, (tool, schema) in fit.items())
    return Listing(offered=offered, left_out=left_out)


def _unfit_name(name: str, known: Mapping[str, object]) -> str | None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return "bad name"
    return "twice" if name in known else None


def _offered(tool: Announced, model_name: str, schema: Mapping[str, object]) -> Offered:
    return Offered(
        name=tool.name,
        model_name=model_name,
        description=shortened(tool.description, LONGEST_DESCRIPTION),
        schema=schema,
        read_only=tool.read_only,
    )


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning."""
    text = text.strip()
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
