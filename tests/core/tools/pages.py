"""Readers of documents for tests."""

from __future__ import annotations

import asyncio

import trafilatura

from core.documents import ReadText, Unreadable


class NoDocuments:
    """Reads nothing."""

    async def read(self, content: bytes, *, name: str, media_type: str, most: int) -> ReadText:
        """Never."""
        raise Unreadable("it has no text.")


class Articles:
    """Reads pages by trafilatura and text as it is; the smallest real reader there can be."""

    async def read(self, content: bytes, *, name: str, media_type: str, most: int) -> ReadText:
        """The text, in a thread."""
        if media_type != "text/html":
            return ReadText(text=content.decode(errors="replace")[:most])
        text = await asyncio.to_thread(trafilatura.extract, content.decode(errors="replace"))
        if not text:
            raise Unreadable("it has no text.")
        return ReadText(text=text[:most], cut="" if len(text) <= most else f"only {most} characters were read")
