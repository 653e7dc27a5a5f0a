"""The program that opens files, and how it is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from adapters.documents.reader import FileProgram
from core.documents import ReadText, Unreadable

Read = Callable[..., Awaitable[ReadText]]
Refused = Callable[..., Awaitable[str]]


@pytest.fixture
def files() -> FileProgram:
    """As it runs in production."""
    return FileProgram()


@pytest.fixture
def read(files: FileProgram) -> Read:
    """What is read of a file."""

    async def read(content: bytes, name: str = "file", media_type: str = "", most: int = 100_000) -> ReadText:
        return await files.read(content, name=name, media_type=media_type, most=most)

    return read


@pytest.fixture
def refused(read: Read) -> Refused:
    """Why nothing is read of it."""

    async def refused(content: bytes, name: str = "file", media_type: str = "") -> str:
        with pytest.raises(Unreadable) as caught:
            await read(content, name, media_type)
        return str(caught.value)

    return refused
