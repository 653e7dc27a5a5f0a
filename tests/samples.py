"""Files as people send them, made by the real libraries where these write such files, and else by hand."""

from __future__ import annotations

import functools
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

import docx
import openpyxl
import pptx
from PIL import Image


def pdf(*pages: str) -> bytes:
    """A PDF whose pages say that, in a font that every reader has."""
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        shown = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("latin-1")
        stream = zlib.compress(b"BT /F1 12 Tf 72 720 Td (" + shown + b") Tj ET") if text else zlib.compress(b" ")
        length = b"<< /Length " + str(len(stream)).encode() + b" /Filter /FlateDecode >>"
        bodies.append(length + b"\nstream\n" + stream + b"\nendstream")
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(bodies)} 0 R "
        bodies.append(f"{page}/Resources << /Font << /F1 3 0 R >> >> >>".encode())
        kids.append(f"{len(bodies)} 0 R")
    bodies[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(written)
    written += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    written += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(written)


def word(heading: str, paragraphs: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """A Word document."""
    made = docx.Document()
    made.add_heading(heading, 1)
    for text in paragraphs:
        made.add_paragraph(text)
    if table:
        shown = made.add_table(len(table), len(table[0]))
        for row, cells in enumerate(table):
            for column, text in enumerate(cells):
                shown.cell(row, column).text = text
    return _saved(made)


def workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    """An Excel workbook."""
    made = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return _saved(made)


def slides(*titles: str, notes: str = "") -> bytes:
    """A PowerPoint presentation."""
    made = pptx.Presentation()
    for title in titles:
        slide = made.slides.add_slide(made.slide_layouts[0])
        slide.shapes.title.text = title
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    return _saved(made)


def _saved(made: object) -> bytes:
    written = BytesIO()
    made.save(written)  # type: ignore[attr-defined]
    return written.getvalue()


def image(width: int = 8, height: int = 8, *, kind: str = "PNG", noisy: bool = False, **options: object) -> bytes:
    """A picture of one colour, or of noise that nothing can pack."""
    made = Image.effect_noise((width, height), 90).convert("RGB") if noisy else Image.new("RGB", (width, height), "red")
    written = BytesIO()
    made.save(written, kind, **options)
    return written.getvalue()


def photograph(width: int = 40, height: int = 20) -> bytes:
    """A JPEG as a camera writes it: lying on its side, with where and by whom it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x013B] = "Secret Owner"
    return image(width, height, kind="JPEG", exif=exif)


@functools.cache
def pixel_bomb() -> bytes:
    """A PNG of a hundred kilobytes with nine hundred million pixels."""
    written = BytesIO()
    Image.new("1", (30_000, 30_000)).save(written, "PNG")
    return written.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return written.getvalue()


@functools.cache
def zip_bomb(part: str = "word/document.xml", size: int = 200_000_000) -> bytes:
    """An office document that unpacks to a thousand times its size."""
    return archive({"[Content_Types].xml": b"<Types/>", part: b" " * size})


def lying_bomb() -> bytes:
    """One that says of itself that it is small."""
    content = bytearray(zip_bomb(size=60_000_000))
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (1_000).to_bytes(4, "little")
    return bytes(content)


def laughing() -> bytes:
    """A Word document whose XML says a word a billion times."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">{entities}]><d>&a9;</d>'.encode()
    with zipfile.ZipFile(BytesIO(word("h", ["p"]))) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    return archive(parts | {"word/document.xml": body})


def log_file(size: int = 50_000_000) -> bytes:
    """What a server writes in a day."""
    line = b"2026-11-23 09:00:00 INFO request served in 12 ms\n"
    return line * (size // len(line))
