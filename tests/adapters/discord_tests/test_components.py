"""What buttons, lists, forms and options carry comes back as it was, whatever it says, and nothing else does. Pure."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import components, forms, suggestions, uploads
from adapters.discord.components import MOST_CARRIED, Carried, carried_by, carrying, press_of, rows
from adapters.discord.forms import FormTooLong, filled, modal
from adapters.discord.invocations import INTEGER, TEXT, said
from adapters.discord.statements import MOST_PARTS, statement, statements
from core.errors import PostTooLong
from core.interaction import Answer, Button, Choice, Field, FieldKind, File, Form, Select

READABLE = st.characters(codec="utf-8", exclude_categories=["Cc"])
ACTIONS = st.text(READABLE, min_size=1, max_size=45)
VALUES = st.text(READABLE, max_size=45)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=120)


@given(action=ACTIONS, value=VALUES, number=st.integers(0, 99))
def test_actions_and_values_come_back(action: str, value: str, number: int) -> None:
    """Whatever both say, separators included, within Discord's 100 characters."""
    custom_id = carrying(action, value, number)
    assert 1 <= len(custom_id) <= 100
    assert carried_by(custom_id) == Carried(action=action, value=value)


@given(st.text(max_size=120))
def test_foreign_ids_are_not_read(custom_id: str) -> None:
    """What is read is within the bounds that we keep, and would be written in the same way."""
    read = carried_by(custom_id)
    if read is not None:
        assert 0 < len(read.action) + len(read.value) <= MOST_CARRIED
        assert custom_id.partition(":")[2] == carrying(read.action, read.value).partition(":")[2]


@pytest.mark.parametrize(
    "custom_id", ["", "p:1:a|", "p0:0:a|", "p0:2:a|", "p0:1:a", "parley:stop:4", f"p0:1:{'a' * 91}|"]
)
def test_ids_that_nobody_of_us_made(custom_id: str) -> None:
    """Buttons under replies, too long and damaged ones are none of these."""
    assert carried_by(custom_id) is None


@pytest.mark.parametrize(
    ("action", "value"), [("", "x"), ("a" * 91, ""), ("a", "x" * 90), ("a\n", ""), ("a", "\ud800")]
)
def test_what_could_not_be_carried_is_a_fault(action: str, value: str) -> None:
    """It is found where the button is made, not where it is pressed."""
    with pytest.raises(ValueError, match="cannot be carried"):
        carrying(action, value)


@given(st.lists(st.text(READABLE, max_size=80), min_size=1, max_size=25, unique=True), st.data())
def test_choices_come_back(values: list[str], data: st.DataObject) -> None:
    """The value that was chosen, also the empty one, which Discord does not know."""
    select = Select(action="a.b", placeholder="", choices=tuple(Choice(value=one, label=one) for one in values))
    [row] = rows((), (select,))
    [menu] = row["components"]
    shown = data.draw(st.sampled_from(menu["options"]))
    press = press_of({"custom_id": menu["custom_id"], "component_type": 3, "values": [shown["value"]]})
    assert press is not None
    assert press.value == values[menu["options"].index(shown)]
    assert all(1 <= len(option["value"]) <= 100 for option in menu["options"])


def test_the_same_button_twice() -> None:
    """Two buttons that carry the same are two: Discord refuses ids that stand in a message twice."""
    twice = (Button(label="A", action="a.b"), Button(label="B", action="a.b"))
    [row] = rows(twice)
    assert len({one["custom_id"] for one in row["components"]}) == 2


def submission(opened: components.Json, texts: dict[str, object]) -> components.Json:
    """What Discord sends of a modal, filled in with these values by the inputs' ids."""
    fields = [one["component"] for one in opened["components"]]
    given = [
        {"type": one["type"], "custom_id": one["custom_id"]}
        | ({"value": texts[one["custom_id"]]} if one["type"] == 4 else {"values": texts[one["custom_id"]]})
        for one in fields
    ]
    return {"custom_id": opened["custom_id"], "components": [{"type": 18, "component": one} for one in given]}


@given(st.lists(TEXTS, min_size=1, max_size=5), VALUES)
def test_forms_come_back(texts: list[str], value: str) -> None:
    """Each field under its name with the text that was typed, and what the form carries."""
    fields = tuple(Field(name=f"f.{n}:x", label="L", kind=FieldKind.TEXT) for n in range(len(texts)))
    opened = modal(Form(action="a.b", title="T", fields=fields, value=value))
    ids = [one["component"]["custom_id"] for one in opened["components"]]
    read = filled(submission(opened, dict(zip(ids, texts, strict=True))))
    assert read.values == {field.name: text for field, text in zip(fields, texts, strict=True)}
    assert carried_by(opened["custom_id"]) == Carried(action="a.b", value=value)


@given(st.integers(0, 19_000), st.text("ab \n", min_size=1, max_size=7))
def test_long_texts_stand_in_several_inputs(length: int, pattern: str) -> None:
    """No input holds more than Discord takes, and joined again they are the text."""
    text = (pattern * (length // len(pattern) + 1))[:length]
    opened = modal(Form(action="a", title="T", fields=(Field(name="f", label="L", kind=FieldKind.TEXT, value=text),)))
    inputs = [one["component"] for one in opened["components"]]
    assert all(len(one.get("value", "")) <= one["max_length"] <= 4_000 for one in inputs)
    read = filled(submission(opened, {one["custom_id"]: one.get("value", "") for one in inputs}))
    assert read.values == {"f": text}


def test_nothing_is_cut_to_fit_a_form() -> None:
    """A form that could only show a part of what somebody is about to save is not shown."""
    long = Field(name="f", label="L", kind=FieldKind.TEXT, value="x" * 20_001)
    line = Field(name="f", label="L", value="x" * 4_001)
    for field in (long, line):
        with pytest.raises(FormTooLong):
            modal(Form(action="a", title="T", fields=(field,)))


def test_what_no_database_takes_is_left_out() -> None:
    """NUL and halves of characters do not reach the store, out of forms and out of options."""
    assert forms.storable("a\x00b\ud800") == "ab�"
    assert said("a\x00\udfff") == "a�"


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.0, "3"), (2**60, str(2**60)), (1e300, str(int(1e300))), (0.5, "0.5"), (True, "True"), ("", "")],
)
def test_numbers_as_people_meant_them(value: object, text: str) -> None:
    """JSON knows one kind of number; whole ones are whole, however large."""
    assert said(value) == text


def test_only_what_discord_takes_is_suggested() -> None:
    """At most 25; numbers as numbers where the option is one; nothing empty, too long or beyond 53 bits."""
    many = [Choice(value=str(number), label=f"Nr {number}") for number in range(40)]
    assert suggestions.shown(many, TEXT)[24] == {"name": "Nr 24", "value": "24"}
    assert len(suggestions.shown(many, TEXT)) == 25
    odd = [Choice(value=one, label="") for one in ("", "x" * 101, "x", str(2**53), str(2**53 + 1), "1e3")]
    assert [one["value"] for one in suggestions.shown(odd, TEXT)] == ["x", str(2**53), str(2**53 + 1), "1e3"]
    assert [one["value"] for one in suggestions.shown(odd, INTEGER)] == [2**53]


@given(st.integers(0, 25), st.integers(0, 4), st.integers(0, 23), st.integers(0, 9_000))
def test_nothing_of_an_answer_is_lost(buttons: int, selects: int, files: int, length: int) -> None:
    """However many messages it takes, each within Discord's limits, all buttons, lists, files and words are there."""
    answer = Answer(
        text=("word " * (length // 5)).strip(),
        buttons=tuple(Button(label=str(number), action="a", value=str(number)) for number in range(buttons)),
        selects=tuple(
            Select(action=f"s{number}", placeholder="p", choices=(Choice(value="v", label="l"),))
            for number in range(selects)
        ),
        files=tuple(File(name=f"{number}", media_type="text/plain", content=b"x") for number in range(files)),
    )
    shown = statements(answer)
    rows_of = [row for one in shown for row in one.components]
    inside = [part for row in rows_of for part in row["components"]]
    assert all(len(one.content) <= 2_000 and len(one.components) <= 5 and len(one.files) <= 10 for one in shown)
    assert all(one.content or one.components or one.files for one in shown)
    assert all(len(row["components"]) <= 5 for row in rows_of)
    assert len(inside) == buttons + selects
    given_files = [file for one in shown for file in one.files]
    assert [file for file in given_files if file.name != "text.md"] == list(answer.files)
    words = " ".join(one.content for one in shown).split()
    if len(given_files) > files:
        assert given_files[0].content.decode() == answer.text
    else:
        assert words.count("word") == answer.text.split().count("word")
        assert len(shown) <= MOST_PARTS + 2 + 3


def test_one_message_holds_a_long_text_as_a_file() -> None:
    """A message that must stay one shows its beginning and holds all of it."""
    text = "\n\n".join(f"Paragraph {number} " + "x" * 90 for number in range(60))
    one = statement(text)
    assert len(one.content) <= 2_000
    assert one.content.startswith("Paragraph 0")
    assert one.content.endswith("All of it is in the file.")
    assert [file.content.decode() for file in one.files] == [text]


def test_more_than_one_message_holds() -> None:
    """Nothing is left out to make it fit."""
    many = tuple(File(name="f", media_type="text/plain", content=b"x") for _ in range(11))
    select = Select(action="s", placeholder="", choices=(Choice(value="v", label="l"),))
    with pytest.raises(PostTooLong):
        statement("x", files=many)
    with pytest.raises(PostTooLong):
        statement("x", selects=(select,) * 4, buttons=(Button(label="b", action="a"),) * 6)


@given(st.text(max_size=300))
def test_file_names_are_plain(name: str) -> None:
    """No path, no line end, never empty, never too long."""
    clean = uploads.filename(name)
    assert 1 <= len(clean) <= 120
    assert not set(clean) & set('\\/:*?"<>|\r\n\x00')


@given(st.text(string.printable, max_size=40))
def test_media_types_fit_into_a_header(given_type: str) -> None:
    """Whatever somebody calls their file, the request can be sent."""
    [_, part] = uploads.Parts(payload={}, files=[File(name="f", media_type=given_type, content=b"x")])
    assert set(part["content_type"]) <= set(string.ascii_letters + string.digits + "/+.-")
    assert part["content_type"].count("/") == 1
