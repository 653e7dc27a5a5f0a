"""What a model reads of files, and what people are told of them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from core.attachments import beginning
from core.incoming import Attachment
from core.reading import MATERIAL, ReadAs, Reading, notice, parts_of, quoted, reading_tokens, told, unread_tokens
from tests.doubles import LetterCounter

COUNTER = LetterCounter()
FILE = Attachment(id="F1", name="a.txt", media_type="text/plain", size=1, url="")


def reading(kind: ReadAs = ReadAs.TEXT, *, name: str = "a.txt", text: str = "Otters.", **fields: str) -> Reading:
    """What came of a file."""
    return Reading(id="F1", name=name, media_type="text/plain", kind=kind, text=text, mark="ab12cd34", **fields)  # type: ignore[arg-type]  # all given are text


@given(st.text())
def test_a_name_stays_in_its_quotation_marks(name: str) -> None:
    """On one line, and without anything of which marks are made."""
    shown = quoted(name)
    assert shown.isprintable()
    assert not set("<>[]`\n") & set(shown)
    assert len(json.loads(shown)) <= 100


@given(st.text(), st.text())
def test_a_file_ends_only_at_its_own_mark(name: str, text: str) -> None:
    """Whatever it says and is called, there is one end of it, which nobody could know who wrote it."""
    shown = told(reading(name=name, text=text.replace("ab12cd34", "")))
    assert shown.count("<<<file ab12cd34: ") == 1
    assert shown.endswith("\n<<<end of file ab12cd34>>>")
    assert shown.split("\n")[1] == MATERIAL


def test_what_was_left_out_is_told_outside_the_file() -> None:
    """It is ours to say."""
    shown = told(reading(cut="page 2 was left out"))
    assert shown.endswith("<<<end of file ab12cd34>>>\n[Of this file not all is here: page 2 was left out.]")


@given(st.sampled_from(ReadAs), st.text(max_size=200))
def test_tokens_cover_what_is_read(kind: ReadAs, text: str) -> None:
    """The word on an unread file, counted at first, and what is added when it is read, are together no less than what
    the model then reads (law 4)."""
    one = reading(kind, text=text, problem="it is empty.")
    counted = unread_tokens(FILE, COUNTER) + reading_tokens(one, FILE, COUNTER)
    shown = "".join(part.text for part in parts_of("hi", [FILE], [one])[1:] if hasattr(part, "text"))
    assert counted >= COUNTER.count(shown)


@given(st.text(), st.integers(0, 60))
def test_a_beginning_fits(text: str, most: int) -> None:
    """It is the text's own beginning, and has no more tokens than that."""
    cut = beginning(text, most, COUNTER)
    assert text.startswith(cut)
    assert COUNTER.count(cut) <= most
    assert cut == text or COUNTER.count(text) > most


def test_nothing_is_said_where_all_went_well() -> None:
    """A whole text and a picture that is shown need no word."""
    picture = reading(ReadAs.PICTURE)
    assert notice([reading(), picture], sees=True, shown={"F1"}) == ""


def test_people_are_told_what_was_not_read() -> None:
    """File by file; of many files only the first ones, and how many more there are."""
    refused = reading(ReadAs.NOTHING, name="a`b<@U1>.txt", problem="it is empty.")
    assert notice([refused], sees=True, shown=()) == "I did not read `a'b‹@U1›.txt`: it is empty."
    assert notice([reading(cut="page 2 was left out")], sees=True, shown=()) == "Of `a.txt`: page 2 was left out."
    assert notice([refused] * 5, sees=True, shown=()).endswith("Nor were 2 more files read whole.")


def test_people_are_told_what_was_not_seen() -> None:
    """And why."""
    picture = reading(ReadAs.PICTURE, name="a.png")
    unseen = notice([picture], sees=False, shown=())
    assert unseen == "The answer was made without `a.png`: this model cannot look at pictures."
    assert "no room" in notice([picture], sees=True, shown=())
