"""What a typed line means, and what is drawn of what a model wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.drawing import clean, drawn, plain
from adapters.console.files import attachment, save
from adapters.console.places import direct_key, target
from adapters.console.shown import Book
from adapters.console.typed import Own, PressNumber, Say, Use, meaning
from core.interaction import Button, File
from core.ports import Control, Draft

HERE = target(direct_key("ann"))


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("hello", Say(text="hello")),
        ("/etc/passwd is a file", Say(text="/etc/passwd is a file")),
        ("/nonsense", Say(text="/nonsense")),
        ("/7", PressNumber(number=7)),
        ("25", Say(text="25")),
        ("/new", Own(word="new")),
        ("/channel #help", Own(word="channel", rest="#help")),
        ("/ask why is that?", Use(name="ask", words="why is that?", options={"question": "why is that?"})),
        ("!usage me", Use(name="usage me", words="me", options={})),
    ],
)
def test_what_a_line_means(line: str, meant: object) -> None:
    """Commands, presses and the terminal's own words; everything else is said."""
    assert meaning(line) == meant


def test_people_are_named_by_name() -> None:
    """An @ before a person is no part of the name."""
    said = meaning("/quota set 1 requests day user @cleo")
    assert isinstance(said, Use)
    assert said.options["person"] == "cleo"


@given(st.text())
def test_no_text_moves_the_cursor(text: str) -> None:
    """Whatever a model writes, nothing of it is obeyed by a terminal."""
    assert not [one for one in clean(text) if (ord(one) < 32 and one not in "\n\t") or 0x7F <= ord(one) < 0xA0]
    shown = Book().draft("m", HERE, Draft(text=text))
    assert "\x1b" not in plain(shown)


def test_a_growing_reply_and_its_end() -> None:
    """Stop is a key and no number; what comes under the answer has one, which stays the same while it stands there."""
    book = Book()
    growing = book.draft("m", HERE, Draft(text="a", controls=(Control.STOP,), turn=3))
    assert (growing.growing, growing.presses, book.growing()) == (True, {}, [growing])
    ended = book.draft("m", HERE, Draft(text="**a** b", notice="Cut.", controls=(Control.TRY_AGAIN,), turn=3))
    assert not ended.growing
    assert plain(ended).split("\n") == ["parley:", "**a** b", "Cut.", "[/1 Try again]"]
    assert "\x1b[1ma\x1b[0m b" in drawn(ended, 80)
    again = book.draft("m", HERE, Draft(text="c", controls=(Control.TRY_AGAIN,), turn=3))
    press = book.press(1)
    assert (list(again.presses), press is not None and press.options) == ([1], {"turn": "3"})
    book.message("n", HERE, "choose", (Button(label="Yes", action="a.b", value="v"),), ())
    other = book.press(2)
    assert other is not None
    assert (other.action, other.options, book.press(9)) == ("a.b", {"value": "v"}, None)


def test_files_stay_in_their_folder(tmp_path: Path) -> None:
    """A name of a file that Parley gives leads nowhere else, and nothing there is written over."""
    folder = tmp_path / "given"
    first = save(File(name="../../evil name?.txt", media_type="text/plain", content=b"1"), folder)
    second = save(File(name="../../evil name?.txt", media_type="text/plain", content=b"2"), folder)
    assert {first.parent, second.parent} == {folder}
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


def test_what_is_no_file_is_not_attached(tmp_path: Path) -> None:
    """A folder, a name that no system takes, and nothing at all."""
    assert [attachment(name) for name in ("", "nowhere.txt", str(tmp_path), "a\0b")] == [None] * 4
    (tmp_path / "a b.txt").write_text("x")
    found = attachment(f"'{tmp_path}/a b.txt'")
    assert found is not None
    assert (found.name, found.media_type, found.size) == ("a b.txt", "text/plain", 1)
