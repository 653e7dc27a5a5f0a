"""What a model reads of a tool's result: its text, and a note where there was something else. Pure."""

from __future__ import annotations

import json

from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from adapters.mcp.listing import shortened
from core.tools.tool import Handed

LONGEST = 200_000
"""Characters. Whoever runs the tool cuts it to what the model's window has room for."""
NOTHING = "(The tool gave no output.)"
_LONGEST_NAME = 200


def handed(result: CallToolResult) -> Handed:
    """The result as one text."""
    text = "\n\n".join(part for part in map(_part, result.content) if part)
    spoken = any(isinstance(block, TextContent | EmbeddedResource) for block in result.content)
    if not spoken and result.structured_content is not None:
        structured = json.dumps(result.structured_content, ensure_ascii=False)
        text = f"{text}\n\n{structured}".strip()
    return Handed(text=_bounded(text) or NOTHING, failed=result.is_error)


def _bounded(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n\n[Cut here: {len(text) - LONGEST:,} characters are left out.]"


def _part(block: ContentBlock) -> str:
    match block:
        case TextContent():
            return block.text
        case ImageContent():
            return f"[An image ({_named(block.mime_type)}), which cannot be shown here.]"
        case AudioContent():
            return f"[A sound ({_named(block.mime_type)}), which cannot be played here.]"
        case ResourceLink():
            return f"[A resource: {_named(block.name)}, {_named(block.uri)}]"
        case EmbeddedResource(resource=TextResourceContents() as resource):
            return f"[The resource {_named(resource.uri)}:]\n{resource.text}"
        case EmbeddedResource(resource=resource):
            return f"[The resource {_named(resource.uri)}, which is no text.]"


def _named(text: object) -> str:
    return shortened(" ".join(str(text).split()), _LONGEST_NAME)
