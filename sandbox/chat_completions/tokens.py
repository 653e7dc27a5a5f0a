"""The sandbox's own rule of what a token is: up to six letters with the space before them, or one other sign.

It is made for numbers that a test can predict and a stream that looks like one. It is no tokenizer of any model.
"""

from __future__ import annotations

import re
from typing import Any

_PIECE = re.compile(r"\s*\w{1,6}|\s*[^\w\s]|\s+")
_PER_MESSAGE = 3
_FOR_THE_REPLY = 3


def pieces(text: str) -> tuple[str, ...]:
    """The text cut into token-like pieces; they join to exactly the text."""
    return tuple(_PIECE.findall(text))


def count(text: str) -> int:
    """How many pieces that is."""
    return sum(1 for _ in _PIECE.finditer(text))


def prompt_tokens(messages: list[dict[str, Any]]) -> int:
    """What a list of messages costs: 3 each, their role and text, and 3 for the reply."""
    return _FOR_THE_REPLY + sum(
        _PER_MESSAGE + count(str(message.get("role", ""))) + count(text_of(message)) for message in messages
    )


def text_of(message: dict[str, Any]) -> str:
    """The text of a message whose content may be a string, a list of parts, or missing."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""
