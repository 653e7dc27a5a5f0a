"""PDF, page by page."""

from __future__ import annotations

import logging
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from adapters.documents.program.bounds import hurried
from adapters.documents.program.gathering import SLOW, Gathering, span
from adapters.documents.program.refusal import BROKEN, LOCKED, Refused

MOST_PAGES = 200
SCANNED = "its pages are pictures without any text (a scan). Please send them as pictures, or a PDF with text."
_FAULTS = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    RecursionError,
    OSError,
)
"""What the library lets through from broken files, beside its own errors."""


def pages(content: bytes, gathering: Gathering) -> None:
    """The text of each page under its number."""
    logging.disable(logging.CRITICAL)  # it warns of each oddity, and nobody reads it here
    try:
        reader = PdfReader(BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused(LOCKED)
        count = len(reader.pages)
    except (*_FAULTS, ImportError, NotImplementedError):
        raise Refused(BROKEN) from None
    torn: list[int] = []
    found = False
    for number in range(1, count + 1):
        if number > MOST_PAGES or gathering.over:
            gathering.cut(span("page", number, count) + (f" ({SLOW})" if hurried() else ""))
            break
        try:
            text = (reader.pages[number - 1].extract_text() or "").strip()
        except _FAULTS:
            torn.append(number)
            continue
        found = found or bool(text)
        gathering.add(f"[Page {number}]\n{text}\n\n")
    if not found:
        raise Refused(BROKEN if torn else SCANNED)
    if torn:
        gathering.cut(f"{len(torn):,} damaged pages were left out")
