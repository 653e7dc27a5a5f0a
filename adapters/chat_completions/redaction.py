"""What of a server's message may be printed.

Operators need the reason of a refusal; nobody needs a key or what a person wrote, and servers quote both. So keys,
long runs that may be keys or data, and every passage that also stands in the conversation give way to `…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 240
"""Characters of a message that are kept."""
PASSAGE = 12
"""So many characters in a row that also stand in the conversation are a quotation of it."""
GONE = "…"

_KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|gsk|xai|nvapi|hf|key|AIza|xox[a-z])[-_*.][\w*.-]{4,}|\w*\*{3,}\w*|AIza[\w-]{8,}")
_RUN = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_QUOTED = re.compile(r"(['\"`‘“])(.{4,}?)(['\"`’”])", re.DOTALL)


def printable(message: str, *, secrets: Iterable[str], conversation: str) -> str:
    """The message on one line, cut to LONGEST, without keys and without words of the conversation."""
    message = " ".join(message.split())
    for secret in sorted(secrets, key=len, reverse=True):
        message = message.replace(secret, GONE)
    message = _KEY_LIKE.sub(GONE, message[: 4 * LONGEST])
    message = _RUN.sub(GONE, message)[:LONGEST]  # now, since every place of it is looked for in the conversation
    return _without_quotations(message, " ".join(conversation.split()))


def _without_quotations(message: str, conversation: str) -> str:
    message = _QUOTED.sub(
        lambda match: f"{match[1]}{GONE}{match[3]}" if match[2] in conversation else match[0], message
    )
    kept: list[str] = []
    position = 0
    while position < len(message):
        length = _shared(message, position, conversation)
        kept.append(GONE if length else message[position])
        position += length or 1
    return "".join(kept)


def _shared(message: str, position: int, conversation: str) -> int:
    """Length of the passage at this position that also stands in the conversation, or 0."""
    length = PASSAGE
    if position + length > len(message) or message[position : position + length] not in conversation:
        return 0
    while position + length < len(message) and message[position : position + length + 1] in conversation:
        length += 1
    return length
