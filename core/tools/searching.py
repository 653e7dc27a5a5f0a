"""`search_messages`: what was said earlier in the same conversation, also what the model no longer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core.conversation import Role
from core.errors import StoreUnavailable
from core.ports import ToolSpec
from core.store import Found, Search, Store
from core.store.search import folded
from core.tools.tool import Handed, Scene, Tool, ToolFailed

MOST_WORDS = 8
MOST_FOUND = 20
USUAL = 8
AROUND = 240
"""Characters that are quoted on each side of the first word found."""
AWAY = "My memory cannot be reached at the moment. Answer without it, or say so."
SPEC = ToolSpec(
    name="search_messages",
    description=(
        "Find earlier messages of this conversation that you no longer read in full, by words. All of the words must "
        "occur in a message; parts of words match too, however the letters are written. Use few, telling words. "
        "Nothing outside this conversation is searched."
    ),
    parameters={
        "type": "object",
        "properties": {
            "words": {"type": "string", "description": "Words to look for, such as: budget march", "maxLength": 200},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "description": f"{USUAL} when left out"},
        },
        "required": ["words"],
        "additionalProperties": False,
    },
)


def searching(store: Store) -> Tool:
    """The tool."""

    async def handle(scene: Scene, arguments: Mapping[str, object]) -> Handed:
        words = str(arguments.get("words", "")).split()[:MOST_WORDS]
        if not words:
            raise ToolFailed("Name at least one word to look for.")
        said = arguments.get("limit", USUAL)
        limit = min(max(said, 1), MOST_FOUND) if isinstance(said, int) else USUAL
        try:
            search = await store.search_messages(
                scene.turn, words, before_seq=scene.first_read or scene.turn.seq, limit=limit
            )
        except StoreUnavailable:
            raise ToolFailed(AWAY) from None
        return Handed(text=_told(search, words, scene.time_zone))

    return Tool(spec=SPEC, doing="Searching earlier messages", handler=handle)


def _told(search: Search, words: Sequence[str], zone: str) -> str:
    more = "" if search.whole else "\n\nNot everything was searched: there may be more, further back."
    if not search.found:
        return f"No earlier message holds {' and '.join(words)}. What you read already was not searched.{more}"
    return "\n\n".join(_entry(one, words, zone) for one in search.found) + more


def _entry(one: Found, words: Sequence[str], zone: str) -> str:
    author = "you" if one.role is Role.ASSISTANT else one.author or "somebody"
    return f"[{day(one.at, zone)}, {author}]\n{excerpt(one.text, words)}"


def day(at: datetime, zone: str) -> str:
    """When it was, on the asker's clock."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def excerpt(text: str, words: Sequence[str]) -> str:
    """The text around the first of the words, with dots where something is left out."""
    line = " ".join(text.split())
    low = folded(line)
    # Folding may change how long a text is: then the place is near, which is enough for a quotation.
    place = min((low.find(folded(word)) for word in words if folded(word) in low), default=0)
    begin, end = max(0, place - AROUND), min(len(line), place + AROUND)
    return f"{'…' if begin else ''}{line[begin:end].strip()}{'…' if end < len(line) else ''}"
