"""PDF and Office documents, made by the real libraries."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from tests.adapters.documents.conftest import Read, Refused
from tests.samples import archive, image, pdf, slides, word, workbook


async def test_a_pdf_is_read_page_by_page(read: Read) -> None:
    """Each under its number, so that an answer can name it."""
    got = await read(pdf("Otters hold hands.", "They eat (a lot)."), "o.pdf", "application/pdf")
    assert got.text == "[Page 1]\nOtters hold hands.\n\n[Page 2]\nThey eat (a lot)."
    assert got.cut == ""


async def test_pages_beyond_the_limit_are_named(read: Read) -> None:
    """By their numbers."""
    got = await read(pdf(*(f"page {n}" for n in range(1, 231))), "long.pdf", "application/pdf")
    assert "[Page 200]" in got.text
    assert "[Page 201]" not in got.text
    assert got.cut == "pages 201 to 230 were left out"


async def test_pages_that_do_not_fit_are_named(read: Read) -> None:
    """Also where it is the text that is too long."""
    got = await read(pdf(*["word " * 60] * 9), "long.pdf", "application/pdf", most=700)
    assert len(got.text) <= 700
    assert got.cut == "pages 4 to 9 were left out"


async def test_a_page_that_is_longer_than_the_limit_says_so(read: Read) -> None:
    """One page alone is cut too."""
    got = await read(pdf("word " * 60), "one.pdf", "application/pdf", most=100)
    assert got.cut == "what follows after the first 100 characters was left out"


async def test_a_scan_is_said_to_be_one(refused: Refused) -> None:
    """Pages without text are no empty document."""
    assert "a scan" in await refused(pdf("", ""), "scan.pdf", "application/pdf")


async def test_a_locked_pdf_is_said_to_be_locked(refused: Refused, read: Read) -> None:
    """One that opens without a password is read."""
    for password in ("secret", ""):
        writer = PdfWriter()
        writer.append(PdfReader(BytesIO(pdf("Otters."))))
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
        written = BytesIO()
        writer.write(written)
        if password:
            assert "password" in await refused(written.getvalue(), "locked.pdf", "application/pdf")
        else:
            assert "Otters." in (await read(written.getvalue(), "open.pdf", "application/pdf")).text


async def test_a_word_document_keeps_its_order(read: Read) -> None:
    """Headings, paragraphs and tables, as Markdown."""
    made = word("Otters", ["They hold hands.", "", "They eat a lot."], [["food", "kg"], ["fish | crab", "2"]])
    got = await read(made, "o.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    expected = (
        "# Otters\n\nThey hold hands.\n\nThey eat a lot.\n\n\n| food | kg |\n| --- | --- |\n| fish \\| crab | 2 |"
    )
    assert got.text == expected


async def test_a_workbook_is_its_sheets(read: Read) -> None:
    """Values as comma-separated lines, without empty ends."""
    made = workbook({"Otters": [["name", "kg"], ["Ann", 7.5, None]], "Empty": [], "Fish": [["cod"]]})
    got = await read(made, "o.xlsx")
    assert got.text == "[Sheet Otters]\nname,kg\nAnn,7.5\n\n[Sheet Empty]\n\n[Sheet Fish]\ncod"


async def test_a_long_sheet_says_which_rows_are_missing(read: Read) -> None:
    """By the sheet's place and the rows' numbers."""
    got = await read(workbook({"a": [["x"]], "b": [[n] for n in range(6_000)]}), "o.xlsx")
    assert got.cut == "rows of sheet 2 from 5,001 on were left out"


async def test_a_presentation_is_its_slides(read: Read) -> None:
    """With what the speaker means to say."""
    got = await read(slides("Otters", "Fish", notes="Smile."), "o.pptx")
    assert got.text == "[Slide 1]\nOtters\nNotes: Smile.\n\n[Slide 2]\nFish\nNotes: Smile."


async def test_the_content_tells_and_not_the_name(read: Read) -> None:
    """A PDF that is called a text is read as the PDF that it is, and a Word document as one."""
    assert "Otters." in (await read(pdf("Otters."), "notes.txt", "text/plain")).text
    assert "# Otters" in (await read(word("Otters", []), "notes.pdf", "application/pdf")).text


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"%PDF-1.7 and then nothing of it", "a.pdf", "damaged"),
        (pdf("Otters.")[:300], "a.pdf", "damaged"),
        (word("Otters", [])[:-400], "a.docx", "damaged"),
        (archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w"}), "a.docx", "damaged"),
        (archive({"readme.txt": b"hi"}), "a.zip", "an archive"),
        (b"\x1f\x8b\x08" + bytes(40), "a.tar.gz", "an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc", "old Office document"),
        (image(), "a.docx", "neither text"),
    ],
)
async def test_what_cannot_be_read_says_why(refused: Refused, content: bytes, name: str, why: str) -> None:
    """In words for people."""
    assert why in await refused(content, name)
