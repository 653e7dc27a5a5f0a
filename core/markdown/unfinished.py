"""Markdown that is still being written, made well formed for showing: what was opened is closed, and what does not
mean anything yet is held back. Finished text stays as it is.
"""

from __future__ import annotations

from core.markdown.fences import begins_closing, open_fence


def well_formed(text: str) -> str:
    """What may be shown of a text that goes on."""
    head, separator, last = text.rpartition("\n")
    fence = open_fence(head) if separator else None
    if fence is None:
        fence = open_fence(text)
    if fence is None:
        return text
    if separator and (not last.strip() or begins_closing(last, fence)):
        return f"{head}\n{fence.closing}"
    after = open_fence(text)
    return text if after is None else f"{text}\n{after.closing}"
