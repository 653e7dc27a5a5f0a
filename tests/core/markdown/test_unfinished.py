"""What is shown of single constructs while they are being written."""

import time

import pytest

from core.markdown import well_formed

TABLE = "| a | b |\n|---|---|\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold", "**bold**"),
        ("**bold*", "**bold**"),
        ("**bold **", "**bold**"),
        ("***both**", "***both***"),
        ("*a **b**", "*a **b***"),
        ("~~gone~", "~~gone~~"),
        ("**a `b", "**a `b`**"),
        ("``a`", "``a``"),
        ("- **item\n", "- **item**"),
        ("> quoted *so", "> quoted *so*"),
        ("2 * 3", "2 * 3"),
        ("5*3 = 15", "5*3 = 15"),
    ],
)
def test_open_marks_are_closed(written: str, shown: str) -> None:
    """Bold, emphasis, strikethrough and code look as they will, from their first word on."""
    assert well_formed(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see **", "see"),
        ("see `", "see"),
        ("see ~", "see"),
        ("item\n\n-", "item"),
        ("item\n\n- ", "item"),
        ("- one\n1", "- one"),
        ("- one\n12.", "- one"),
        ("text\n#", "text"),
        ("text\n>", "text"),
        ("text\n--", "text"),
        ("text\n```p", "text"),
        ("text\n``", "text"),
        ("- [", ""),
        ("back\\", "back"),
    ],
)
def test_lone_markers_are_held_back(written: str, shown: str) -> None:
    """A marker that has nothing to mark yet is not shown: neither as itself nor as what it might not become."""
    assert well_formed(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see [the docs](http://exa", "see the docs"),
        ('see [the docs](http://example.com "ti', "see the docs"),
        ("see [**the** docs](http", "see **the** docs"),
        ("![a cat](http://exa", "a cat"),
        ("see [the do", "see"),
        ("see [the docs]", "see"),
        ("as [1] says", "as [1] says"),
        ("see [a](http://b) and", "see [a](http://b) and"),
    ],
)
def test_an_unfinished_link_is_its_text(written: str, shown: str) -> None:
    """No bracket and no half address is shown."""
    assert well_formed(written) == shown


@pytest.mark.parametrize(
    "half",
    [
        "&am",
        "&#12",
        "<b",
        '<a href="x',
        '<a href="x"',
        '<img src="x" /',
        "<@U12",
        "<#C1|gen",
        "<:wav",
        "<!subteam^S",
        "<http://a",
    ],
)
def test_half_a_sign_is_held_back(half: str) -> None:
    """Entities, tags and mentions are shown whole or not at all."""
    assert well_formed(f"so {half}") == "so"


def test_what_is_no_sign_is_shown() -> None:
    """A lone `<` or `&` within a sentence is text."""
    assert well_formed("a < b & c") == "a < b & c"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("look\n\n| a | b", "look"),
        ("look\n\n| a | b |\n", "look"),
        ("look\n\n| a | b |\n|--", "look"),
        ("look\n\n" + TABLE, "look\n\n" + TABLE),
        ("look\n\n" + TABLE + "| 1 |", "look\n\n" + TABLE.rstrip()),
        ("look\n\n" + TABLE + "| 1 | 2 |\n", "look\n\n" + TABLE + "| 1 | 2 |\n"),
    ],
)
def test_a_table_comes_row_by_row(written: str, shown: str) -> None:
    """Nothing of a table is shown before it is known to be one, and no row before it is complete."""
    assert well_formed(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("```py\n", ""),
        ("```py\nx", "```py\nx\n```"),
        ("```py\nx\n``", "```py\nx\n```"),
        ("```py\nx\n```", "```py\nx\n```"),
        ("````md\n```\nx", "````md\n```\nx\n````"),
        ("~~~\n```\n", "~~~\n```\n~~~"),
        ("- a\n\n  ```js\n  x", "- a\n\n  ```js\n  x\n  ```"),
        ("> ```\n> x", "> ```\n> x\n> ```"),
        ("```\n**x", "```\n**x\n```"),
    ],
)
def test_open_code_is_closed(written: str, shown: str) -> None:
    """A fence gets its closing line, where it stands, and shows once there is code in it."""
    assert well_formed(written) == shown


@pytest.mark.parametrize("text", ["", "plain", "a\n\nb\n", "`x` **y** [z](u) ", "1. a\n2. b\n", "# Title\n\ntext."])
def test_finished_text_stays(text: str) -> None:
    """What is complete is shown as it was written, blanks included."""
    assert well_formed(text) == text


MARKS = ["*", "**a ", "_a*b~~", "~", "`", "`` ` ", "```\n", "$$", "\\["]
BRACKETS = ["[", "![", "](", "[a](", "[a](b ", "[a] (\n", "(\n", "<a b=", "<a\n", "<", "&"]
LINES = ["| ", "|-", "- ", "--- ", "> ", "1. ", "   ", "\n"]


@pytest.mark.parametrize("piece", MARKS + BRACKETS + LINES)
def test_the_work_is_linear(piece: str) -> None:
    """Text made to be slow is not: twenty times as much takes about twenty times as long, with room for noise."""
    small, large = (_quickest("see [x](" + piece * (length // len(piece)) + "!") for length in (2_000, 40_000))
    assert large < 0.2 + 60 * small


def _quickest(text: str) -> float:
    """CPU seconds of the quickest of some tries, so that nothing else is measured."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        well_formed(text)
        spent.append(time.process_time() - began)
    return min(spent)
