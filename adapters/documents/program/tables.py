"""Rows → text that a model reads well and cheaply: comma-separated, without empty ends."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from adapters.documents.program.gathering import Gathering

MOST_COLUMNS = 100
LONGEST_CELL = 2_000
_CLIPPED = "cells of more than 2,000 characters were shortened"
_NARROWED = "columns after the first 100 were left out"


def line(cells: Sequence[object], gathering: Gathering) -> str:
    """The row as one line, empty for an empty row."""
    texts = [_text(cell, gathering) for cell in cells[: MOST_COLUMNS + 1]]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        gathering.cut(_NARROWED)
        texts = texts[:MOST_COLUMNS]
    if not texts:
        return ""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(texts)
    return written.getvalue()


def _text(cell: object, gathering: Gathering) -> str:
    text = "" if cell is None else str(cell).strip()
    if len(text) > LONGEST_CELL:
        gathering.cut(_CLIPPED)
        text = f"{text[:LONGEST_CELL]}…"
    return text


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, the first row its head."""
    lines = []
    for number, row in enumerate(rows):
        cells = [" ".join(cell.replace("|", "\\|").split()) for cell in row[:MOST_COLUMNS]]
        lines.append(f"| {' | '.join(cells)} |")
        if number == 0:
            lines.append(f"|{' --- |' * len(cells)}")
    return "\n".join(lines)
