"""Exported cards, opened again by readers of their formats."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from adapters.flashcards.files import DeckFiles
from core.tutoring.flashcards import Deck, Flashcard

ODD = [
    "What is 1/2?",
    "=SUM(A1)",
    "a < b & c > d",
    "{{c1::cloze}} and {{Front}}",
    'quotes " and, commas;\nand lines',
    "日本語 🎓 é",
    "```py\nif x:\n    pass\n```",
]
DECK = Deck(
    name="Parley: odd",
    cards=tuple(
        Flashcard(front=text, back=f"back of {text}", tags=("a b", "x/y"), guid=f"g{number}")
        for number, text in enumerate(ODD)
    ),
)


async def notes_of(deck: Deck, folder: Path) -> list[tuple[str, str, str]]:
    """What Anki reads out of the package: guid, tags and fields of each note."""
    content = await DeckFiles().anki(deck)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        (folder / "collection.anki2").write_bytes(package.read("collection.anki2"))
    database = sqlite3.connect(folder / "collection.anki2")
    try:
        decks = json.loads(database.execute("SELECT decks FROM col").fetchone()[0])
        assert deck.name in {one["name"] for one in decks.values()}
        return list(database.execute("SELECT guid, tags, flds FROM notes ORDER BY id"))
    finally:
        database.close()


async def test_an_anki_package_has_every_card(tmp_path: Path) -> None:
    """With its text as text: no field, no cloze and no markup is made of it."""
    notes = await notes_of(DECK, tmp_path)
    fields = [flds.split("\x1f") for _, _, flds in notes]
    assert len(notes) == len(ODD)
    assert all(len(parts) == 2 for parts in fields)
    assert fields[2][0] == "a &lt; b &amp; c &gt; d"
    assert "{{" not in "".join(part for parts in fields for part in parts)
    assert fields[4][0].endswith("<br>and lines")
    assert all(tags.strip() == "a-b x-y" for _, tags, _ in notes)


async def test_a_second_export_is_the_same_cards(tmp_path: Path) -> None:
    """By the ids under which Anki knows them, so that an import changes and does not double."""
    first, second = await notes_of(DECK, tmp_path), await notes_of(DECK, tmp_path)
    assert [guid for guid, _, _ in first] == [guid for guid, _, _ in second]
    assert len({guid for guid, _, _ in first}) == len(ODD)


async def test_an_empty_deck_is_a_package_too(tmp_path: Path) -> None:
    """Nothing breaks."""
    assert await notes_of(Deck(name="empty", cards=()), tmp_path) == []


def test_a_table_is_read_back() -> None:
    """Each text as it was, but for what a spreadsheet would take for a formula."""
    rows = list(csv.DictReader(io.StringIO(DeckFiles().table(DECK).decode("utf-8-sig"), newline="")))
    assert [row["front"].removeprefix("'") for row in rows] == ODD


@pytest.mark.parametrize("begins", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(begins: str) -> None:
    """However a question begins."""
    card = Flashcard(front=f"{begins}1", back=f"{begins}2", guid="g")
    rows = list(csv.reader(io.StringIO(DeckFiles().table(Deck(name="d", cards=(card,))).decode("utf-8-sig"))))
    assert [cell[0] for cell in rows[1][:2]] == ["'", "'"]
