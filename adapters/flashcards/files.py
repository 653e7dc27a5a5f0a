"""Writes decks as Anki packages (genanki) and as CSV. Implements core.tutoring.flashcards.DeckWriter.

Ids follow from names, so that what is imported again changes what is there. Text is text: marks of HTML and of Anki's
own clozes mean nothing, and no spreadsheet takes a cell for a formula.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import html
import io
import re
import tempfile
from pathlib import Path
from typing import Any

from core.tutoring.flashcards import Deck, Flashcard

MODEL = "Parley card"
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would work out; the wide signs too (OWASP, CSV injection)."""
_CSS = ".card { font: 18px sans-serif; text-align: left; white-space: pre-wrap; max-width: 40em; margin: auto }"
"""Blanks count, or code would lose its indentation."""
_MEANT = re.compile(r"\[(?=sound:|anki:|/?latex\]|/?\${1,2}\])", re.IGNORECASE)
"""What Anki would play or hand to LaTeX. Its other way to write formulas, \\( and \\[, is harmless and welcome."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Controls that no card can hold; 0x1f would begin another field."""


class DeckFiles:
    """Decks as files."""

    async def anki(self, deck: Deck) -> bytes:
        """See DeckWriter."""
        return await asyncio.to_thread(_package, deck)

    def table(self, deck: Deck) -> bytes:
        """See DeckWriter."""
        written = io.StringIO(newline="")
        rows = csv.writer(written)
        rows.writerow(["front", "back", "tags"])
        rows.writerows([_safe(card.front), _safe(card.back), _safe(" ".join(card.tags))] for card in deck.cards)
        return written.getvalue().encode("utf-8-sig", "replace")


def _package(deck: Deck) -> bytes:
    import genanki

    fields, template = (
        [{"name": "Front"}, {"name": "Back"}],
        {
            "name": "Card 1",
            "qfmt": "{{Front}}",
            "afmt": "{{FrontSide}}<hr id=answer>{{Back}}",
        },
    )
    model = genanki.Model(_number(MODEL), MODEL, fields=fields, templates=[template], css=_CSS)
    name = _whole(deck.name)
    made = genanki.Deck(_number(name), name)
    for card in deck.cards:
        made.add_note(_note(genanki, model, card))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deck.apkg"
        genanki.Package(made).write_to_file(str(path))
        return path.read_bytes()


def _note(genanki: Any, model: Any, card: Flashcard) -> Any:
    fields = [_field(card.front), _field(card.back)]
    return genanki.Note(model=model, fields=fields, tags=[_tag(tag) for tag in card.tags], guid=_guid(card.guid))


def _field(text: str) -> str:
    """As Anki shows it: HTML, in which nothing but line breaks is ours. Braces are broken up, or they would be
    fields."""
    plain = _UNSEEN.sub(" ", _whole(text).replace("\r\n", "\n").replace("\r", "\n"))
    shown = html.escape(plain, quote=False).replace("{{", "{&#8203;{").replace("}}", "}&#8203;}")
    return _MEANT.sub("&#91;", shown).replace("\n", "<br>")


def _whole(text: str) -> str:
    """Halves of a letter, which models write where an answer was cut, become question marks."""
    return text.encode("utf-8", "replace").decode()


def _tag(tag: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in tag)[:60] or "parley"


def _guid(name: str) -> str:
    return hashlib.sha256(_whole(name).encode()).hexdigest()[:20]


def _number(name: str) -> int:
    """Between 2^30 and 2^31, as Anki wants its ids (genanki's README)."""
    return (1 << 30) + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % (1 << 30)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
