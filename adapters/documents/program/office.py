"""Word, PowerPoint and Excel, in the formats of 2007 and later."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from adapters.documents.program.bounds import hurried
from adapters.documents.program.gathering import SLOW, Gathering, span
from adapters.documents.program.tables import line, markdown

MOST_SLIDES = 300
MOST_SHEETS = 30
MOST_ROWS = 5_000
"""Of one sheet."""
MOST_TABLE_ROWS = 1_000
DEEPEST = 20


def document(content: bytes, gathering: Gathering) -> None:
    """Headings, paragraphs, lists and tables in their order."""
    import docx
    from docx.table import Table

    for block in docx.Document(BytesIO(content)).iter_inner_content():
        if gathering.over:
            gathering.cut("what follows in the document was left out" + (f" ({SLOW})" if hurried() else ""))
            return
        gathering.add(_table(block, gathering) if isinstance(block, Table) else _paragraph(block))


def _paragraph(paragraph: Any) -> str:
    text = paragraph.text.strip()
    if not text:
        return ""
    style = str(getattr(paragraph.style, "name", "") or "")
    if style.startswith("Heading") and style[-1:].isdigit():
        return f"{'#' * min(int(style[-1]), 6)} {text}\n\n"
    if style == "Title":
        return f"# {text}\n\n"
    marks = paragraph._p.pPr
    listed = style.startswith("List") or (marks is not None and marks.numPr is not None)
    return f"- {text}\n" if listed else f"{text}\n\n"


def _table(table: Any, gathering: Gathering) -> str:
    rows = []
    for number, row in enumerate(table.rows):
        if number >= MOST_TABLE_ROWS or hurried():
            gathering.cut(f"rows of a table after the first {number:,} were left out")
            break
        rows.append([cell.text for cell in row.cells])
    return f"\n{markdown(rows)}\n\n"


def slides(content: bytes, gathering: Gathering) -> None:
    """The text of each slide under its number, and the speaker's notes."""
    import pptx

    shown = pptx.Presentation(BytesIO(content)).slides
    count = len(shown)
    for number, slide in enumerate(shown, 1):
        if number > MOST_SLIDES or gathering.over:
            gathering.cut(span("slide", number, count) + (f" ({SLOW})" if hurried() else ""))
            return
        texts = [text for shape in slide.shapes for text in _of_shape(shape)]
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes is not None and notes.text.strip():
            texts.append(f"Notes: {notes.text.strip()}")
        gathering.add(f"[Slide {number}]\n" + "\n".join(texts) + "\n\n")


def _of_shape(shape: Any, depth: int = 0) -> Iterator[str]:
    if hasattr(shape, "shapes") and depth < DEEPEST:
        for inner in shape.shapes:
            yield from _of_shape(inner, depth + 1)
    elif shape.has_text_frame and shape.text_frame.text.strip():
        yield shape.text_frame.text.strip().replace("\v", "\n")
    elif getattr(shape, "has_table", False):
        yield markdown([cell.text for cell in row.cells] for row in shape.table.rows)


def sheets(content: bytes, gathering: Gathering) -> None:
    """The values of each sheet under its name, as comma-separated lines."""
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    names = book.sheetnames
    for number, sheet in enumerate(book.worksheets, 1):
        if number > MOST_SHEETS or gathering.over:
            gathering.cut(span("sheet", number, len(names)) + (f" ({SLOW})" if hurried() else ""))
            return
        sheet.reset_dimensions()  # what a file says of its extent is often wrong
        gathering.add(f"[Sheet {sheet.title}]\n")
        _sheet(sheet, gathering)
        gathering.add("\n")


def _sheet(sheet: Any, gathering: Gathering) -> None:
    written = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if written >= MOST_ROWS or gathering.over:
            why = f" ({SLOW})" if hurried() else ""
            place = sheet.parent.worksheets.index(sheet) + 1
            gathering.cut(f"rows of sheet {place} from {number:,} on were left out{why}")
            return
        text = line(row, gathering)
        written += bool(text)
        gathering.add(text)
