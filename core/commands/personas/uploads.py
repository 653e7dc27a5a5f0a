"""Text that comes as a file."""

from __future__ import annotations

from core.commands.personas.desk import Desk
from core.errors import SurfaceError
from core.incoming import Attachment, Incoming

MOST = 1_000_000
"""Bytes."""


class Unreadable(Exception):
    """The file could not be read. The text says why, for the person."""


async def read_text(desk: Desk, incoming: Incoming, attachment: Attachment) -> str:
    """The file's text. Raises Unreadable."""
    try:
        content = await desk.outlets[incoming.key.platform].fetch(attachment, most=MOST)
    except SurfaceError as error:
        raise Unreadable(f"I could not read the file. {error.sentence}") from error
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Unreadable("I could not read the file: it is not text in UTF-8.") from None
