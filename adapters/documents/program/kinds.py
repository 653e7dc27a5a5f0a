"""Which kind of document it is: by how it begins, and by name and type only where any text begins like any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from adapters.documents.program.archives import checked
from adapters.documents.program.gathering import Gathering
from adapters.documents.program.refusal import BROKEN, EMPTY, TOO_LARGE, Refused

Read = Callable[[bytes, Gathering], None]

OLD_OFFICE = "it is an old Office document, or protected by a password. Please send it as DOCX, XLSX or PPTX."
ARCHIVE = "it is an archive. Please send what is in it."
_HEAD = 1_024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_TABLES = frozenset({".csv", ".tsv"})
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_TABLE_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
_PAGE_BEGINS = (b"<!doctype html", b"<html")


def read(content: bytes, *, name: str, media_type: str, gathering: Gathering) -> None:
    """The document's text is gathered. Raises Refused."""
    if not content.strip():
        raise Refused(EMPTY)
    chosen = _chosen(content, PurePath(name).suffix.lower(), media_type.partition(";")[0].strip().lower())
    try:
        chosen(content, gathering)
    except (Refused, MemoryError):
        raise
    except Exception:  # a broken file makes the libraries raise anything; the process ends after it
        if not gathering.length:
            raise Refused(BROKEN) from None
        gathering.cut("what follows is damaged and was left out")


def _chosen(content: bytes, suffix: str, media_type: str) -> Read:
    """Libraries are loaded with the first file of their kind, which is also the last."""
    from adapters.documents.program import texts

    if b"%PDF-" in content[:_HEAD]:
        from adapters.documents.program import pdf

        return pdf.pages
    if content.startswith(b"PK\x03\x04"):
        return _office(checked(content))
    if content.startswith(_OLE):
        raise Refused(OLD_OFFICE)
    if content.startswith(_PACKED) or content.startswith(b"PK"):
        raise Refused(ARCHIVE)
    if suffix in _PAGES or media_type in _PAGE_TYPES or content[:_HEAD].lstrip().lower().startswith(_PAGE_BEGINS):
        return texts.page
    if suffix in _TABLES or media_type in _TABLE_TYPES:
        return texts.rows
    return texts.notebook if suffix == ".ipynb" else texts.plain


def _office(names: frozenset[str]) -> Read:
    from adapters.documents.program import office

    kinds = {
        "word/document.xml": office.document,
        "ppt/presentation.xml": office.slides,
        "xl/workbook.xml": office.sheets,
    }
    found = next((kinds[name] for name in kinds if name in names), None)
    if found is None:
        raise Refused(ARCHIVE)
    return found


def too_large() -> Refused:
    """Said when there was no memory left."""
    return Refused(TOO_LARGE)
