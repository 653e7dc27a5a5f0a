"""Tables over several messages: each part of one is a table with its header, and rows stay whole where they can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.splitting import split
from core.tables import is_table_start, split_row

HEAD = "| name | value |\n|---|--:|\n"
CELLS = st.sampled_from(["a", "two words", "x" * 12, "**bold** text", "`code here`", "1,234", ""])
WIDE = st.sampled_from([CELLS, st.sampled_from(["some words " * 14, "y" * 130, "**much in bold** " * 9])])
ROWS = st.lists(st.tuples(WIDE.flatmap(lambda cells: cells), CELLS), min_size=1, max_size=12)
BEFORE = st.sampled_from(["", "Intro.\n\n", "Some words before it. " * 4 + "\n\n", "Directly above.\n", "# Title\n\n"])
AFTER = st.sampled_from(["", "\nAfter it.", "\n" + "More words behind. " * 9])


def shown(text: str, limit: int = 100) -> list[str]:
    """The parts as people see them."""
    return [part.shown for part in split(text, limit=limit, measure=len)]


def row(one: tuple[str, str]) -> str:
    """As a model writes it."""
    return f"| {one[0].strip()} | {one[1]} |"


def tables(part: str) -> list[list[str]]:
    """The rows of each table of the part, without header and delimiters."""
    found: list[list[str]] = []
    lines = part.split("\n")
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and is_table_start(line, lines[number + 1]):
            below = lines[number + 2 :]
            end = next((place for place, one in enumerate(below) if not one.strip()), len(below))
            found.append(below[:end])
    return found


@given(rows=ROWS, before=BEFORE, after=AFTER)
def test_rows_stay_whole_below_their_header(rows: list[tuple[str, str]], before: str, after: str) -> None:
    """A row that fits into a message with its header stands whole in exactly one, in order; no part of a table is
    without its header, and no header without rows."""
    text = before + HEAD + "".join(row(one) + "\n" for one in rows) + after
    parts = shown(text)
    found = [table for part in parts for table in tables(part)]
    assert all(found), parts
    standing = [line for table in found for line in table]
    fitting = [row(one) for one in rows if len(HEAD) + len(row(one)) <= 100]
    assert [line for line in standing if line in fitting] == fitting
    piped = [line for part in parts for line in part.split("\n") if line.startswith("|")]
    assert len(piped) == len(standing) + 2 * len(found)


@given(rows=ROWS, before=BEFORE)
def test_no_word_changes_its_column(rows: list[tuple[str, str]], before: str) -> None:
    """What is left of a cut row goes on in its own column; joined, each column holds the words that were written."""
    text = before + HEAD + "".join(row(one) + "\n" for one in rows)
    columns = ["", ""]
    for table in (table for part in shown(text) for table in tables(part)):
        for cells in map(split_row, table):
            assert len(cells) <= 2
            for number, cell in enumerate(cells):
                columns[number] += letters(cell)
    assert columns == [letters("".join(one[number] for one in rows)) for number in (0, 1)]


def letters(text: str) -> str:
    """Without blanks and marks."""
    return "".join(character for character in text if character.isalnum())


def test_a_long_row_is_cut_at_a_cell_else_at_a_word() -> None:
    """The columns before it are left empty below the repeated header."""
    head = "| a | b | c |\n|---|---|---|\n"
    parts = shown(head + "| " + "one " * 10 + "| " + "two " * 10 + "| " + "three " * 6 + "|\n| x | y | z |\n")
    assert parts == [
        head + "| " + "one " * 10 + "|",
        head + "| | " + "two " * 10 + "|",
        head + "| | | " + "three " * 6 + "|\n| x | y | z |",
    ]
    assert shown(HEAD + "| " + "word " * 30 + "| 1 |\n")[0] == HEAD + "| " + ("word " * 14) + "|"


def test_a_table_begins_in_the_next_message_rather_than_without_rows() -> None:
    """Its first row and its header stay together, also while only half the header is known."""
    for header in ("| name | value |", "| a rather long name of a column | value |"):
        before = "words " * 7 + "\n\n"
        parts = shown(before + header + "\n|---|---|\n| " + "cell " * 6 + "| 1 |")
        assert parts[0] == before.strip()
        assert parts[1].startswith(header + "\n|---|---|\n| ")


@pytest.mark.parametrize("quote", ["> ", "  "])
def test_a_row_within_a_quote_or_a_list(quote: str) -> None:
    """What stands before the rows stands before what is left of one, too."""
    lines = ["| a | b |", "|---|---|", "| " + "word " * 30 + "| 1 |"]
    parts = shown("".join(f"{quote}{line}\n" for line in lines))
    assert len(parts) > 1
    for part in parts:
        assert all(line.startswith(quote.rstrip() or quote) for line in part.split("\n")[1:]), part


def test_escaped_pipes_are_no_cells() -> None:
    r"""`\|` within a cell neither begins a column nor ends a row."""
    parts = shown(HEAD + "| " + "a \\| b " * 20 + "| 1 |\n")
    assert len(parts) > 1
    assert all(len(split_row(line)) <= 2 for part in parts for table in tables(part) for line in table)
