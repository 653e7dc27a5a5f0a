"""Files as text and as pictures: what core asks of whoever can read them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Unreadable(Exception):
    """The file gave nothing. The text is a sentence for people that says why, without the file's name."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that a model can look at."""

    url: str
    """`data:`, of a format that every model that sees takes."""
    width: int
    height: int
    """Pixels."""


class PictureReader(Protocol):
    """Makes pictures fit for models."""

    async def picture(self, content: bytes) -> Picture:
        """The picture, smaller than it was where it was too large, and without what cameras write beside it (place,
        time, owner). Bounded in time and memory whatever the bytes are. Raises Unreadable."""
        ...


class FileReader(DocumentReader, PictureReader, Protocol):
    """Reads whatever people send."""


_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_HEIF = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")


def is_picture(content: bytes) -> bool:
    """Whether the bytes begin as those of a picture do. What a file is called and said to be is not asked."""
    if content[:4] == b"RIFF":
        return content[8:12] == b"WEBP"
    if content[4:8] == b"ftyp":
        return content[8:12] in _HEIF
    if content[:2] == b"BM":  # two letters are also how a text may begin
        return content[6:10] == b"\x00\x00\x00\x00"
    return content.startswith(_PICTURES)


def told_as_picture(media_type: str) -> bool:
    """Whether the platform says that it is one. Drawings in SVG are text."""
    return media_type.startswith("image/") and not media_type.startswith("image/svg")
