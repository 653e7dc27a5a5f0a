"""The provider's own token counts, wherever in an answer it puts them."""

from __future__ import annotations

from collections.abc import Mapping

from core.turn import Usage


def usage_in(chunk: Mapping[str, object], *, model: str) -> Usage | None:
    """The counts of this chunk or answer (Groq: in `x_groq`), or None where it has none."""
    counts = _mapping(chunk.get("usage")) or _mapping(_mapping(chunk.get("x_groq")).get("usage"))
    if not counts:
        return None
    prompt = _mapping(counts.get("prompt_tokens_details"))
    completion = _mapping(counts.get("completion_tokens_details"))
    return Usage(
        prompt_tokens=_count(counts.get("prompt_tokens")),
        completion_tokens=_count(counts.get("completion_tokens")),
        cached_tokens=_count(prompt.get("cached_tokens")) or _count(counts.get("prompt_cache_hit_tokens")),
        reasoning_tokens=_count(completion.get("reasoning_tokens")),
        model=model,
    )


def _count(value: object) -> int:
    return max(0, int(value)) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
