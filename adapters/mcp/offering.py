"""What a server lists and gives back, in core's words. Pure.

A server may say anything: names that no model takes, schemas that are none, descriptions without end, thousands of
tools. What cannot be used is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from core.ports import ToolSpec
from core.tools.arguments import usable
from core.tools.tool import Handed

log = structlog.get_logger()

LONGEST_NAME = 64
"""Letters that models take (chat-completions.md, section 1)."""
LONGEST_DESCRIPTION = 2_000
LONGEST_SCHEMA = 20_000
"""Characters of it as JSON."""
LONGEST_RESULT = 400_000
"""Characters of a result that are looked at."""
MOST_TOOLS = 300
"""Of one server."""
_ODD = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A tool of a server that a model can call."""

    name: str
    """As the server calls it."""
    spec: ToolSpec
    title: str
    only_reads: bool
    """As the server says."""


def listed(server: str, tools: Iterable[Any]) -> tuple[Listed, ...]:
    """The usable ones among a server's `mcp.types.Tool`s, each name once."""
    found: dict[str, Listed] = {}
    for tool in tools:
        one = _listed(server, tool)
        if one is None or one.spec.name in found:
            log.warning("tool not usable", action="mcp.tool_left_out", server=server, doubled=one is not None)
        elif len(found) < MOST_TOOLS:
            found[one.spec.name] = one
    return tuple(found.values())


def _listed(server: str, tool: Any) -> Listed | None:
    name = str(tool.name)
    model_name = f"{server}__{_ODD.sub('_', name)}"
    schema: Mapping[str, object] = tool.input_schema or {"type": "object"}
    if not name or len(model_name) > LONGEST_NAME or not _fits(schema):
        return None
    hints = tool.annotations
    title = tool.title or (hints.title if hints else None) or name
    description = " ".join(str(tool.description or title).split())
    return Listed(
        name=name,
        spec=ToolSpec(name=model_name, description=description[:LONGEST_DESCRIPTION], parameters=schema),
        title=" ".join(str(title).split())[:80],
        only_reads=bool(hints and hints.read_only_hint),
    )


def _fits(schema: Mapping[str, object]) -> bool:
    try:
        small = len(json.dumps(schema)) <= LONGEST_SCHEMA
    except (TypeError, ValueError, RecursionError):
        return False
    return small and schema.get("type", "object") == "object" and usable(schema)


def handed(result: Any) -> Handed:
    """What a `mcp.types.CallToolResult` says."""
    text = "\n".join(part for part in map(_said, result.content) if part)
    if not text and result.structured_content is not None:
        text = json.dumps(result.structured_content, ensure_ascii=False, default=str)
    return Handed(text=text[:LONGEST_RESULT], failed=bool(result.is_error))


def _said(content: Any) -> str:
    match content.type:
        case "text":
            return str(content.text)
        case "image" | "audio":
            return f"[{content.type} of type {content.mime_type}, which cannot be shown here]"
        case "resource":
            inner = getattr(content.resource, "text", None)
            return str(inner) if inner is not None else f"[a file: {content.resource.uri}]"
        case "resource_link":
            return f"[a link: {content.uri}]"
        case _:
            return ""
