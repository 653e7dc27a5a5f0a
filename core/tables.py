"""Tables in GitHub's Markdown: found, read, and drawn with aligned columns for platforms that know no tables.

Found line by line and outside fenced code, as the specification says (github.github.com/gfm, section 4.10): a header,
a delimiter row with as many cells, and rows until a blank line or another block. What a platform makes of a table is
its adapter's choice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Alignment(StrEnum):
    """Where a column's text stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose rows all have as many cells as its header. Cells are Markdown."""

    header: tuple[str, ...]
    alignments: tuple[Alignment, ...]
    rows: tuple[tuple[str, ...], ...] = ()


CELL_END = re.compile(r"(?<!\\)(?:\\\\)*\|")
"""A pipe that is not escaped."""
_DELIMITER_CELL = re.compile(r":?-+:?\Z")
_FENCE = re.compile(r"(?:[ \t]|>)*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_OTHER_BLOCK = re.compile(r" {0,3}(?:>|#{1,6}(?:[ \t]|$)|[-+*][ \t]|1[.)][ \t]|(?:[-_*][ \t]*){3,}$|</?[A-Za-z!])")


def parse_table(lines: Sequence[str]) -> Table | None:
    """The table that these lines are, header and delimiter row first; None where they are none."""
    if len(lines) < 2 or not is_table_start(lines[0], lines[1]):
        return None
    header = split_row(lines[0])
    rows = tuple(_fitted(split_row(line), len(header)) for line in lines[2:])
    return Table(header=header, alignments=tuple(map(_alignment, split_row(lines[1]))), rows=rows)


def is_table_start(header: str, delimiters: str) -> bool:
    """Whether a table begins with these two lines."""
    return "|" in header and is_delimiter_row(delimiters) and len(split_row(header)) == len(split_row(delimiters))


def is_delimiter_row(line: str) -> bool:
    """Whether the line could stand under a table's header."""
    bare = line.strip()
    if "-" not in bare or len(bare) < 2 or bare.startswith(("- ", "-\t")) or bare.strip(" \t|:-"):
        return False
    return all(_DELIMITER_CELL.match(cell) for cell in split_row(bare))


def split_row(line: str) -> tuple[str, ...]:
    r"""The cells of a row, trimmed; a pipe within a cell is written `\|`."""
    line = line.strip()
    cells, start = [], 0
    for end in CELL_END.finditer(line):
        cells.append(line[start : end.end() - 1])
        start = end.end()
    cells.append(line[start:])
    if len(cells) > 1 and not cells[0].strip():
        del cells[0]
    if len(cells) > 1 and not cells[-1].strip():
        del cells[-1]
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)


def replace_tables(markdown: str, render: Callable[[Table], str]) -> str:
    """The text with each table outside of fenced code replaced by what `render` makes of it, equally indented."""
    return "".join(_replaced(markdown.split("\n"), render))


def _replaced(lines: list[str], render: Callable[[Table], str]) -> Iterator[str]:
    position, fence = 0, ""
    while position < len(lines):
        separator = "\n" if position else ""
        end = position + 1
        if not fence and (table := parse_table(lines[position : position + 2])) is not None:
            end = _table_end(lines, position)
            indent = lines[position][: len(lines[position]) - len(lines[position].lstrip())]
            whole = parse_table(lines[position:end]) or table
            yield separator + "\n".join(indent + line for line in render(whole).split("\n"))
        else:
            fence = fence_after(lines[position], fence)
            yield separator + lines[position]
        position = end


def _table_end(lines: list[str], start: int) -> int:
    end = start + 2
    while end < len(lines) and lines[end].strip() and not _OTHER_BLOCK.match(lines[end]):
        if fence_after(lines[end], ""):
            break
        end += 1
    return end


def fence_after(line: str, fence: str) -> str:
    """The marks of the fence that is open after a line, given those before it; empty where none is."""
    if fence:
        rest = line.strip(" \t>")
        closes = len(rest) >= len(fence) and not rest.strip(fence[0])
        return "" if closes else fence
    opened = _FENCE.match(line)
    return opened.group(1) if opened else ""


def _fitted(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells[:width] + ("",) * (width - len(cells))


def _alignment(cell: str) -> Alignment:
    if cell.endswith(":"):
        return Alignment.CENTER if cell.startswith(":") else Alignment.RIGHT
    return Alignment.LEFT


# ── drawing ──


def display_width(text: str) -> int:
    """Columns of a monospaced font: East Asian wide characters and emoji take two, combining marks none."""
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if " " <= character <= "~":
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc") or character == "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def aligned(rows: Sequence[Sequence[str]], alignments: Sequence[Alignment]) -> str:
    """The rows as lines of plain text in columns, the first one underlined as the header."""
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(alignments))]
    lines = [_line(row, widths, alignments) for row in rows]
    lines.insert(1, "─┼─".join("─" * width for width in widths))
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int], alignments: Sequence[Alignment]) -> str:
    cells = (_padded(cell, width, alignment) for cell, width, alignment in zip(row, widths, alignments, strict=True))
    return " │ ".join(cells).rstrip()


def _padded(text: str, width: int, alignment: Alignment) -> str:
    room = width - display_width(text)
    if alignment is Alignment.RIGHT:
        return " " * room + text
    if alignment is Alignment.CENTER:
        return " " * (room // 2) + text + " " * (room - room // 2)
    return text + " " * room
