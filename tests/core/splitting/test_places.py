"""Where a reader finds the cut, and what the next message begins with."""

import pytest

from core.splitting import Opening, seal, split, take


def shown(text: str, limit: int = 100) -> list[str]:
    """The parts as people see them."""
    return [part.shown for part in split(text, limit=limit, measure=len)]


def test_a_paragraph_is_the_best_place() -> None:
    """Between paragraphs, even where a later line, sentence or word would fit too."""
    assert shown("First one. " * 5 + "\n\n" + "Second one.\n" * 5) == [
        ("First one. " * 5).rstrip(),
        ("Second one.\n" * 5).rstrip(),
    ]


def test_then_a_line_then_a_sentence_then_a_word() -> None:
    """Each when there is no better place in the second half of the message."""
    lines = shown("a line of words\n" * 8)
    assert all(line.startswith("a line") for line in lines)
    sentences = shown("This is one of them. " * 8)
    assert all(part.startswith("This") and part.endswith("them.") for part in sentences)
    words = shown("word " * 40)
    assert all(part.startswith("word") and part.endswith("word") for part in words)


def test_a_huge_word_is_cut_all_the_same() -> None:
    """Nothing can be so long that it is never shown."""
    assert shown("x" * 250) == ["x" * 100, "x" * 100, "x" * 50]


@pytest.mark.parametrize(
    "atom",
    [
        "[a link of several words](https://example.com/somewhere)",
        "`some code with blanks in it that goes on`",
        "<@U0123456789ABCDEF>",
        "<:a_very_long_emoji_name_indeed:123456789012345678>",
        "https://example.com/a/long/address/without/any/blank",
        "👩\u200d👩\u200d👧",
        "![an image with words](https://example.com/a.png)",
    ],
)
@pytest.mark.parametrize("room", range(1, 50, 6))
def test_never_within(atom: str, room: int) -> None:
    """Links, code, mentions, addresses and emoji are in one message or in the other."""
    text = "word " * ((100 - room) // 5) + atom + " and more words follow here."
    assert sum(atom in part for part in shown(text)) == 1


def test_code_goes_on_in_its_language() -> None:
    """The fence is closed and opened again as it was, with as many marks."""
    text = "Look:\n\n````python\n" + "".join(f"value_{number} = {number}\n" for number in range(20)) + "````\nDone."
    parts = shown(text)
    assert len(parts) > 2
    for part in parts[1:]:
        assert part.startswith("````python\n")
    for part in parts[:-1]:
        assert part.endswith("\n````")
    assert parts[-1].endswith("````\nDone.")


def test_code_in_a_list_goes_on() -> None:
    """A fence that its item indents is opened again where every platform reads it, and closed at the same depth."""
    text = "10. Run\n    ```sh\n" + "    echo something\n" * 12 + "    ```\n11. Done"
    parts = shown(text)
    assert parts[0].endswith("echo something\n    ```")
    assert parts[1].startswith("```sh\n    echo")
    assert parts[-1].endswith("\n```\n11. Done")


def test_a_table_is_cut_between_rows() -> None:
    """Its header and delimiter row stand over each part of it."""
    head = "| name | value |\n|---|--:|\n"
    parts = shown(head + "| a name | 12345 |\n" * 10 + "\nAfter the table.")
    assert len(parts) > 2
    for part in parts:
        assert part.startswith(head)
    assert parts[-1].endswith("\n\nAfter the table.")


def test_list_items_keep_their_markers() -> None:
    """A cut falls between items, and top-level ones first."""
    text = "".join(f"{number}. item with words\n   - below it\n" for number in range(1, 9))
    assert all(part[0].isdigit() for part in shown(text))


def test_emphasis_goes_on() -> None:
    """Bold text that is cut is bold in both messages."""
    parts = shown("Well **" + "bold words " * 15 + "end** so.")
    assert parts[0].endswith("**")
    assert parts[1].startswith("**bold")
    assert parts[-1].endswith("end** so.")


def test_a_heading_stays_with_its_text() -> None:
    """No message ends with a heading."""
    parts = shown("word " * 14 + "\n\n## A heading\n\n" + "more " * 10)
    assert parts == [("word " * 14).rstrip(), "## A heading\n\n" + ("more " * 10).rstrip()]


def test_white_space_does_not_fill_a_message() -> None:
    """Blank ends are no reason for another message."""
    cut = take("x" * 100 + "\n\n  ", Opening(), limit=100, measure=len)
    assert not cut.full
    assert cut.shown == "x" * 100


def test_a_sealed_part_ends_where_it_is() -> None:
    """Whatever its length; the next one goes on with what was open."""
    cut = seal("```py\nx = 1\n", Opening())
    assert (cut.full, cut.end, cut.shown) == (True, 12, "```py\nx = 1\n```")
    assert cut.following == Opening(text="```py\n")


def test_text_longer_than_many_messages_is_not_read_whole() -> None:
    """Taking one message from a very long text measures only its beginning."""
    measured = 0

    def measure(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return len(text)

    take("some words. " * 100_000, Opening(), limit=1000, measure=measure)
    assert measured < 50_000
