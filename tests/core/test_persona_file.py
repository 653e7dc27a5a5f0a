"""Personas as files: what is written is read back the same, and faults are found where they are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.channel import AnswerIn
from core.persona import NUMBERS, REASONING_EFFORTS, Length, Persona
from core.persona_document import PersonaInvalid, read
from core.persona_file import dumped, loaded

HOSTILE = (
    "\r\n",
    "\n",
    '"""',
    "'''",
    "\\",
    '"',
    "'",
    "\x00",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "[[persona]]",
    "#",
    "=",
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(HOSTILE), max_size=12).map("".join)).map(
    lambda text: text.replace("{", "(").replace("}", ")")
)
NAMES = st.from_regex(r"[A-Za-zäß日][A-Za-z0-9 .\-äß日]{0,30}", fullmatch=True)


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    """Some of the numbers that a model may be asked for, within their bounds."""
    each = {
        number.name: st.integers(int(number.least), int(number.most))
        if number.whole
        else st.floats(number.least, number.most, allow_nan=False)
        for number in NUMBERS
    }
    return st.fixed_dictionaries({}, optional=each)


DOCUMENTS = st.fixed_dictionaries(
    {"name": NAMES, "prompt": TEXTS.map(lambda text: f"x{text}")},
    optional={
        "description": TEXTS,
        "welcome": TEXTS,
        "model": TEXTS,
        "private": st.booleans(),
        "tools": st.lists(TEXTS.filter(lambda text: text != "" and text.isprintable()), max_size=3, unique=True),
        "parameters": st.tuples(
            numbers(),
            st.fixed_dictionaries(
                {},
                optional={
                    "stop": st.lists(TEXTS.filter(bool), max_size=4),
                    "reasoning_effort": st.sampled_from(REASONING_EFFORTS),
                },
            ),
        ).map(lambda parts: parts[0] | parts[1]),
        "style": st.fixed_dictionaries(
            {},
            optional={
                "length": st.sampled_from([each.value for each in Length]),
                "language": NAMES,
                "answer_in": st.sampled_from([each.value for each in AnswerIn]),
                "mention_needed": st.booleans(),
            },
        ),
    },
)


@given(st.lists(DOCUMENTS, max_size=4, unique_by=lambda document: " ".join(document["name"].split()).casefold()))
def test_what_is_written_is_read_back(documents: list[dict[str, Any]]) -> None:
    """Any personas that may be stored come out of a file as they went in."""
    personas = tuple(read(document) for document in documents)
    assert loaded(dumped(personas)) == personas


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """A file that is none is refused with a sentence, never with an error of another kind."""
    found: tuple[object, ...] = ()
    try:
        found = loaded(text)
    except PersonaInvalid as error:
        found = error.problems
    assert found or re.fullmatch(r"\ufeff?(?:[ \t\r\n]|#[^\n]*)*", text)


def test_a_file_reads_well() -> None:
    """A prompt stands as it is read by the model, line for line; what is as it is by default is not there."""
    persona = Persona(name="Support", prompt='You help.\n\n- Say "hello".\n- Be brief.\n')
    assert dumped([persona]) == 'name = "Support"\nprompt = """\nYou help.\n\n- Say "hello".\n- Be brief.\n"""\n'


def test_backslashes_stay_single() -> None:
    """A prompt about regular expressions or Windows needs no doubled backslashes."""
    persona = Persona(name="Code", prompt="Match \\d+\nin C:\\new")
    assert "Match \\d+\nin C:\\new" in dumped([persona])
    assert loaded(dumped([persona])) == (persona,)


def test_nothing_is_no_persona() -> None:
    """A file with nothing but a comment is no fault."""
    assert loaded("# nothing yet\n") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "A"\nprompt == "B"', ("not TOML", "line 2")),
        ('name = "A"\n', ("prompt: a persona needs a prompt",)),
        ('name = "A"\nprompt = "p"\ncolour = "red"\n', ("colour: there is no such name",)),
        ('name = "A"\nprompt = "p"\n[parameters]\ntemperature = 3\n', ("parameters.temperature", "from 0 to 2")),
        (
            '[[persona]]\nname = "A"\nprompt = "p"\n[[persona]]\nname = "B"\nprompt = "{nobody}"\n',
            ("persona 2 (B)", "{nobody}"),
        ),
        (
            '[[persona]]\nname = "A"\nprompt = "p"\n[[persona]]\nname = "a"\nprompt = "p"\n',
            ("two personas are called",),
        ),
        ('x = 1\n[[persona]]\nname = "A"\nprompt = "p"\n', ("x: nothing may stand beside",)),
        ("persona = 3\n", ("write [[persona]]",)),
        ("name = " + "[" * 100_000, ("not TOML",)),
        ("seed = " + "9" * 10_000, ("not TOML",)),
    ],
)
def test_faults_are_found_where_they_are(text: str, words: tuple[str, ...]) -> None:
    """The sentence names the line, or the persona and the field."""
    with pytest.raises(PersonaInvalid) as caught:
        loaded(text)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("field", ["prompt", "welcome", "description"])
def test_half_a_character_is_refused(field: str) -> None:
    """What no file and no database could hold is a fault of the field."""
    with pytest.raises(PersonaInvalid, match=field):
        read({"name": "A", "prompt": "p"} | {field: "half \ud83d"})
