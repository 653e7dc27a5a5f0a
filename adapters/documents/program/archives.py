"""Zip archives, which most office documents are: nothing is opened before it is known how much it unpacks to."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

from adapters.documents.program.refusal import BROKEN, LOCKED, TOO_LARGE, Refused

MOST_FILES = 5_000
MOST_BYTES = 150 * 1024 * 1024
"""Unpacked, all together."""
MOST_XML = 40 * 1024 * 1024
"""Unpacked, one part in XML: in memory it is ten times as large."""
_CHUNK = 256 * 1024


def checked(content: bytes) -> frozenset[str]:
    """The names of what is in the archive, which unpacks to what it says and to no more than is good. Raises
    Refused."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _declared(entries)
            _unpacked(archive, entries)
            return frozenset(entry.filename for entry in entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        raise Refused(BROKEN) from None


def _declared(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(LOCKED)
    most_xml = max((entry.file_size for entry in entries if entry.filename.endswith((".xml", ".rels"))), default=0)
    whole = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or whole > MOST_BYTES or most_xml > MOST_XML:
        raise Refused(TOO_LARGE)


def _unpacked(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """What an entry says of its size may be a lie."""
    left = MOST_BYTES
    for entry in entries:
        with archive.open(entry) as part:
            while piece := part.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise Refused(TOO_LARGE)
