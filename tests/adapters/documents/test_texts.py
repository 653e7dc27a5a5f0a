"""Text, tables, notebooks and web pages: what is read of them, in whatever they were written."""

from __future__ import annotations

import json

import pytest

from adapters.documents.program.encodings import decoded
from adapters.documents.program.refusal import Refused as Refusal
from tests.adapters.documents.conftest import Read, Refused
from tests.samples import image, log_file

GERMAN = "Über die Brücke gehen schöne Mädchen und große Jungen.\nÄpfel, Öfen, Übel.\n" * 3


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_a_text_is_read_whatever_it_was_written_with(encoding: str) -> None:
    """Marks, zeros and the look of the bytes tell."""
    assert decoded(GERMAN.encode(encoding)) == GERMAN


def test_one_torn_sign_makes_no_other_encoding() -> None:
    """A log that was cut in the middle of a sign is still UTF-8."""
    assert decoded(("ü" * 2_000).encode()[:-1]) == "ü" * 1_999 + "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("content", [bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(400), b"\x00" * 50])
def test_what_is_no_text_is_not_taken_for_one(content: bytes) -> None:
    """Programs and other bytes are refused, not guessed at."""
    with pytest.raises(Refusal, match="neither text"):
        decoded(content)


def test_line_ends_are_made_one() -> None:
    """Whichever machine wrote them."""
    assert decoded(b"a\r\nb\rc\n") == "a\nb\nc\n"


async def test_a_source_file_is_read_as_it_is(read: Read) -> None:
    """Nothing is taken away and nothing is added."""
    source = 'def main() -> None:\n    print("hé")\n'
    got = await read(source.encode(), "main.py", "text/x-python")
    assert (got.text, got.cut) == (source.strip(), "")


async def test_a_log_is_cut_and_says_so(read: Read) -> None:
    """Fifty megabytes: its beginning is there, and how much of it that is."""
    got = await read(log_file(), "server.log", "text/plain", most=1_000)
    assert 990 < len(got.text) <= 1_000
    assert got.cut == "only the first 1,000 of its 49,999,992 characters were read"


@pytest.mark.parametrize("content", [b"", b"  \n\t "])
async def test_an_empty_file_is_said_to_be_empty(refused: Refused, content: bytes) -> None:
    """Not damaged, not unknown."""
    assert await refused(content, "a.txt", "text/plain") == "it is empty."


async def test_a_picture_under_another_name_is_no_text(refused: Refused) -> None:
    """What a file is called makes it nothing else."""
    assert "neither text" in await refused(image(300, 300, noisy=True), "notes.txt", "text/plain")


async def test_a_table_is_read_whatever_parts_its_cells(read: Read) -> None:
    """Semicolons become commas, and what has a comma is quoted."""
    got = await read(b"name;price\r\nTea, green;3\r\nCoffee;4\r\n", "prices.csv", "text/csv")
    assert got.text == 'name,price\n"Tea, green",3\nCoffee,4'


async def test_a_long_table_says_which_rows_are_missing(read: Read) -> None:
    """By their number."""
    rows = "\n".join(f"{n},x" for n in range(8_000)).encode()
    got = await read(rows, "long.csv", "text/csv", most=1_000_000)
    assert got.text.splitlines()[-1] == "4999,x"
    assert got.cut == "rows from 5,001 on were left out, of about 7,999"


async def test_a_table_that_breaks_its_own_rules_is_still_read(read: Read) -> None:
    """As plain text."""
    torn = b'a,b\n"never closed,' + b"x" * 10_500_000
    got = await read(torn, "torn.csv", "text/csv", most=100)
    assert got.text.startswith("a,b")
    assert got.cut


async def test_a_web_page_is_its_text(read: Read) -> None:
    """As Markdown, without scripts and what stands around it."""
    text = "<p>Otters hold hands while they sleep, so that the current does not part them.</p>" * 4
    page = f"""<html><head><title>Otters</title><script>steal()</script></head><body><nav>Home | Shop</nav>
        <article><h2>Sleep</h2>{text}</article><footer>Imprint</footer></body></html>"""
    got = await read(page.encode(), "page.html", "text/html")
    assert got.text.startswith("# Otters")
    assert "## Sleep" in got.text
    assert "Otters hold hands" in got.text
    assert "steal" not in got.text


async def test_a_page_that_is_all_frame_is_read_all_the_same(read: Read) -> None:
    """Where no part of it stands out, everything there is."""
    got = await read(b"<!doctype html><script>x()</script><div>Total: 42</div>", "invoice", "application/octet-stream")
    assert got.text == "Total: 42"


async def test_a_notebook_is_its_cells(read: Read) -> None:
    """Words, code and printed results; no pictures."""
    cells = [
        {"cell_type": "markdown", "source": ["# Study\n", "of otters"]},
        {
            "cell_type": "code",
            "source": "print(6 * 7)",
            "outputs": [{"text": ["42\n"]}, {"data": {"image/png": "iVBORw0KGgo" * 999}}],
        },
    ]
    got = await read(json.dumps({"cells": cells}).encode(), "study.ipynb", "application/json")
    assert got.text == "# Study\nof otters\n\n```python\nprint(6 * 7)\n```\n\nResult:\n\n```\n42\n```"
