"""Tables found and drawn."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.tables import Alignment, Table, aligned, display_width, parse_table, replace_tables

TABLE = "| Name | Price |\n|:--|--:|\n| 日本 | `1\\|2` |\n| x |\n"


def drawn(table: Table) -> str:
    """A table as code."""
    return "```\n" + aligned([table.header, *table.rows], table.alignments) + "\n```"


def test_cells_and_alignments_are_read() -> None:
    """Short rows are filled up, long ones cut, and a pipe may be escaped."""
    table = parse_table([*TABLE.splitlines(), "| a | b | c |"])
    assert table == Table(
        header=("Name", "Price"),
        alignments=(Alignment.LEFT, Alignment.RIGHT),
        rows=(("日本", "`1|2`"), ("x", ""), ("a", "b")),
    )


def test_columns_stand_under_each_other() -> None:
    """Wide characters count two columns."""
    text = aligned([["Name", "Price"], ["日本", "5"], ["é", "10"]], [Alignment.LEFT, Alignment.RIGHT])
    assert text.splitlines() == ["Name │ Price", "─────┼──────", "日本 │     5", "é    │    10"]
    assert {display_width(line) for line in text.splitlines()} == {12}


def test_centred_columns() -> None:
    """Uneven room goes to the right."""
    assert aligned([["abcd", "x"], ["y", "z"]], [Alignment.CENTER, Alignment.LEFT]).splitlines()[2] == " y   │ z"


def test_only_tables_are_replaced() -> None:
    """Text around them stays as it is, code included."""
    before, after = "Look at this:\n\n", "\nand `a|b`\n\n```\n" + TABLE + "```\n| no | table |\n"
    assert replace_tables(before + TABLE + after, lambda table: "TABLE\n" * len(table.rows)) == (
        before + "TABLE\nTABLE\n" + "\n" + after
    )


def test_a_table_ends_where_another_block_begins() -> None:
    """A heading, a list or a fence directly below is not a row."""
    for below in ("# Heading", "- item", "```\ncode\n```", "> quote"):
        assert replace_tables(TABLE + below, lambda table: str(len(table.rows))) == "2\n" + below


def test_an_indented_table_stays_indented() -> None:
    """So that it stays in its list item."""
    text = "- item\n\n  | a |\n  |---|\n  | 1 |\n"
    assert replace_tables(text, drawn) == "- item\n\n  ```\n  a\n  ─\n  1\n  ```\n"


LINES = st.sampled_from(
    ["| a | b |", "|---|---|", "|:-:|--|", "x | y", "-|-", "text", "", "```", "| 1 |", "a", "---", "# h"]
)


@given(lines=st.lists(LINES, max_size=12))
def test_the_same_tables_are_found_as_by_a_markdown_parser(lines: list[str]) -> None:
    """markdown-it is the judge of what is a table."""
    text = "\n".join(lines)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    expected = [token.map for token in tokens if token.type == "table_open"]
    marked = replace_tables(text, lambda table: "\0")
    assert marked.count("\0") == len(expected)


@given(text=st.text(alphabet="|-: a`\n\\", max_size=200))
def test_text_without_tables_is_unchanged(text: str) -> None:
    """Replacing each table by itself only ever touches tables."""
    if "-" not in text:
        assert replace_tables(text, lambda table: "gone") == text
