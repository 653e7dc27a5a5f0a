"""Whatever people send, as text or as a picture that a model can look at, opened in a process of its own.

A file is read by a program that ends with it (program/), bounded in memory, in time and in what it may say. So a bomb,
a bug of a library or an endless document costs one process and nothing else; and the libraries, 60 MB of them, are
never loaded here. Measured on Python 3.11: 0.1 s for a text, 0.3 s for a PDF or a picture, 0.9 s for a web page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from adapters.documents.process import PROGRAM, NoAnswer, asked
from core.documents import Picture, ReadText, Unreadable

log = structlog.get_logger()

MEMORY = 1_024 * 1024 * 1024
"""Bytes of address space: what a library maps counts, whether it uses it or not."""
WITHIN = 30.0
"""Seconds on the clock."""
SIDE_BY_SIDE = 2
"""Files that are open at once in this process of ours."""
LONGEST_PICTURE = 4_000_000
"""Bytes of an answer; the picture itself has 1.5 million at most (program/pictures.py)."""
GAVE_UP = "reading it took too long or too much memory."


class FileProgram:
    """Implements core.documents.FileReader."""

    def __init__(
        self,
        *,
        within: float = WITHIN,
        memory: int = MEMORY,
        side_by_side: int = SIDE_BY_SIDE,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._within = within
        self._memory = memory
        self._room = asyncio.Semaphore(side_by_side)
        self._program = tuple(program)

    async def read(self, content: bytes, *, name: str, media_type: str, most: int) -> ReadText:
        """See core.documents.DocumentReader."""
        question = {"want": "text", "name": name, "media_type": media_type, "most": most}
        answer = await self._asked(question, content, longest=16 * most + 10_000)
        text, cut = answer.get("text"), answer.get("cut")
        if not isinstance(text, str) or not isinstance(cut, str):
            raise Unreadable(GAVE_UP)
        return ReadText(text=text[:most], cut=cut)

    async def picture(self, content: bytes) -> Picture:
        """See core.documents.PictureReader."""
        answer = await self._asked({"want": "picture"}, content, longest=LONGEST_PICTURE)
        url, width, height = answer.get("url"), answer.get("width"), answer.get("height")
        if not isinstance(url, str) or not isinstance(width, int) or not isinstance(height, int):
            raise Unreadable(GAVE_UP)
        return Picture(url=url, width=width, height=height)

    async def _asked(self, question: dict[str, object], content: bytes, *, longest: int) -> dict[str, Any]:
        question |= {"memory": self._memory, "cpu": max(1, int(self._within))}
        async with self._room:
            try:
                answer = await asked(question, content, within=self._within, longest=longest, program=self._program)
            except NoAnswer as error:
                log.warning("file not read", action="documents.no_answer", detail=str(error), bytes=len(content))
                raise Unreadable(GAVE_UP) from None
        refused = answer.get("refused")
        if isinstance(refused, str):
            raise Unreadable(refused)
        return answer
