"""Exported cards, opened again by readers of their formats."""

from __future__ import annotations

import csv
import html
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
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
    with closing(await opened(deck, folder)) as database:
        decks = json.loads(database.execute("SELECT decks FROM col").fetchone()[0])
        assert deck.name in {one["name"] for one in decks.values()}
        return list(database.execute("SELECT guid, tags, flds FROM notes ORDER BY id"))


async def opened(deck: Deck, folder: Path) -> sqlite3.Connection:
    """The collection inside the package."""
    content = await DeckFiles().anki(deck)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        (folder / "collection.anki2").write_bytes(package.read("collection.anki2"))
    return sqlite3.connect(folder / "collection.anki2")


async def front_of(text: str, folder: Path) -> str:
    """How a question stands in the package."""
    ((_, _, fields),) = await notes_of(Deck(name="d", cards=(Flashcard(front=text, back="b", guid="g"),)), folder)
    front, back = fields.split("\x1f")
    assert back == "b"
    return front


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


async def test_an_import_finds_the_same_deck_and_model(tmp_path: Path) -> None:
    """Also when the cards have changed since; a deck of another name is another deck, with the same model."""

    async def ids(deck: Deck) -> tuple[set[str], set[int]]:
        with closing(await opened(deck, tmp_path)) as database:
            decks = json.loads(database.execute("SELECT decks FROM col").fetchone()[0])
            models = {model for (model,) in database.execute("SELECT mid FROM notes")}
            return {number for number, one in decks.items() if one["name"] == deck.name}, models

    first = await ids(DECK)
    assert await ids(replace(DECK, cards=DECK.cards[:2])) == first
    others = await ids(replace(DECK, name="Parley: other"))
    assert others[0] != first[0]
    assert others[1] == first[1]


async def test_code_keeps_its_indentation(tmp_path: Path) -> None:
    """Anki shows HTML, where blanks are one, unless the style of the card says otherwise."""
    assert await front_of("if x:\n    pass", tmp_path) == "if x:<br>    pass"
    with closing(await opened(DECK, tmp_path)) as database:
        models = json.loads(database.execute("SELECT models FROM col").fetchone()[0])
    assert all("white-space: pre-wrap" in model["css"] for model in models.values())


@pytest.mark.parametrize(
    "text",
    [
        "[sound:https://example.org/a.mp3]",
        "[SOUND:a.mp3]",
        "[anki:play:q:0]",
        "[latex]\\input{x}[/latex]",
        "[$]x[/$]",
        "[$$]x[/$$]",
    ],
)
async def test_anki_plays_and_runs_nothing(text: str, tmp_path: Path) -> None:
    """Text that looks like a command to Anki is shown as it was written."""
    front = await front_of(text, tmp_path)
    assert "[" not in front
    assert html.unescape(front) == text


@pytest.mark.parametrize("text", [r"\(x^2\)", r"\[\frac{1}{2}\]", "a[0] = b[$i]", "see [1] and [latex docs]", "$x$"])
async def test_formulas_and_brackets_stay(text: str, tmp_path: Path) -> None:
    """As Anki's MathJax and people read them."""
    assert await front_of(text, tmp_path) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("half \ud83d", "half ?"), ("a\x00b\x1fc", "a b c"), ("a\r\nb\rc", "a<br>b<br>c"), ("", "")],
)
async def test_what_no_card_can_hold(text: str, shown: str, tmp_path: Path) -> None:
    """Is replaced; it neither breaks the export nor begins another field."""
    assert await front_of(text, tmp_path) == shown


async def test_a_name_may_be_odd_too(tmp_path: Path) -> None:
    """A name and an id with half a letter make a package that opens."""
    deck = Deck(name="d \ud83d", cards=(Flashcard(front="a", back="b", guid="g\ud83d"),))
    with closing(await opened(deck, tmp_path)) as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone() == (1,)


async def test_an_empty_deck_is_a_package_too(tmp_path: Path) -> None:
    """Nothing breaks."""
    assert await notes_of(Deck(name="empty", cards=()), tmp_path) == []


def test_a_table_is_read_back() -> None:
    """Each text as it was, but for what a spreadsheet would take for a formula."""
    rows = list(csv.DictReader(io.StringIO(DeckFiles().table(DECK).decode("utf-8-sig"), newline="")))
    assert [row["front"].removeprefix("'") for row in rows] == ODD


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(begins: str) -> None:
    """However a question begins."""
    card = Flashcard(front=f"{begins}1", back=f"{begins}2", guid="g")
    rows = list(
        csv.reader(io.StringIO(DeckFiles().table(Deck(name="d", cards=(card,))).decode("utf-8-sig"), newline=""))
    )
    assert [cell[0] for cell in rows[1][:2]] == ["'", "'"]
