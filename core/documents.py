"""Files as text: what core asks of whoever can read documents. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Unreadable(Exception):
    """The file gave no text. The text is a sentence for people that says why, without the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """What a file says."""

    text: str
    """Markdown or plain text."""
    cut: str = ""
    """A sentence on what was left out, such as `pages 31 to 200 were left out`; empty where nothing was."""


class DocumentReader(Protocol):
    """Reads documents: text and source files, HTML, PDF, Office documents, CSV."""

    async def read(self, content: bytes, *, name: str, media_type: str, most: int) -> ReadText:
        """The document's text, no longer than so many characters. Bounded in time and memory whatever the bytes are.
        Raises Unreadable."""
        ...
