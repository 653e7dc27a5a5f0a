"""Questions: what a model drafts is read or refused, code grades what it can, and the key stays where it is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mentions import Mentioned, mention, unmarked
from core.tutoring.grading import Met, by_criteria, graded
from core.tutoring.numbers import decimal_text, number_of, numbers_in
from core.tutoring.plan import read_plan
from core.tutoring.question import Asked, BadQuestion, Form, gives_away, read_question

CHOICE: dict[str, Any] = {
    "question": "What is the capital of France?",
    "form": "choice",
    "choices": [
        {"text": "Lyon", "misconception": "largest after the capital"},
        {"text": "Paris", "misconception": ""},
        {"text": "Marseille"},
    ],
    "answer": "Paris",
    "hints": ["Think of a tower.", "It is Paris, of course.", "never reached"],
}
NUMBER: dict[str, Any] = {"question": "How much is a half and a quarter?", "form": "number", "answer": "3/4"}
TEXT: dict[str, Any] = {
    "question": "Why is the sky blue?",
    "form": "text",
    "answer": "Air scatters short waves of light more than long ones",
    "criteria": ["scattering", "short waves more than long ones"],
}


def made(document: dict[str, Any], **more: object) -> Asked:
    """The question of that draft."""
    return read_question({**document, **more}, seed=1)


# ── reading ──


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({}, "question"),
        ({**CHOICE, "answer": "Nice"}, "answer"),
        ({**CHOICE, "choices": ["Paris"]}, "choices"),
        ({**CHOICE, "choices": ["Paris", "paris"]}, "same"),
        ({**CHOICE, "question": "What is it? And where?"}, "one question"),
        ({**NUMBER, "answer": "a lot"}, "number"),
        ({**NUMBER, "form": "song"}, "form"),
        ({**TEXT, "criteria": []}, "criteria"),
        ({**TEXT, "question": "Is it so that air scatters short waves of light more than long ones"}, "own answer"),
    ],
)
def test_what_cannot_be_asked_is_refused(document: dict[str, Any], word: str) -> None:
    """With what is to be mended."""
    with pytest.raises(BadQuestion, match=word):
        read_question(document, seed=1)


@given(
    st.dictionaries(
        st.sampled_from([*CHOICE, "criteria", "tolerance", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=8,
    )
)
def test_any_draft_is_read_or_refused(document: dict[str, Any]) -> None:
    """Whatever a model puts there."""
    try:
        asked = read_question(document, seed=3)
    except BadQuestion:
        return
    assert asked.text
    assert asked.key


@pytest.mark.parametrize("document", [CHOICE, NUMBER, TEXT])
def test_the_key_is_in_nothing_that_is_written_down(document: dict[str, Any]) -> None:
    """Neither in the value's `repr` nor in the reason of a refusal."""
    asked = made(document)
    assert repr(asked).count(asked.key.removeprefix(f"{asked.key[:3]}")) <= 1  # the options themselves are shown
    for secret in (asked.answer, *asked.criteria, *asked.hints):
        if secret and asked.form is not Form.CHOICE:
            assert secret not in repr(asked)
    with pytest.raises(BadQuestion) as refused:
        made(document, question="")
    assert document["answer"] not in str(refused.value)


def test_no_sign_of_our_own_words_comes_through() -> None:
    """A model that writes the mark of a mention mentions nobody."""
    mark = mention(Mentioned.PERSON, "U1")
    asked = made(NUMBER, question=f"How much is it, {mark}?", explanation=mark)
    (aim,) = read_plan({"objectives": [{"title": f"Greet {mark}", "kind": "fact", "points": [mark]}]})
    for text in (asked.text, asked.explanation, aim.title, *aim.points):
        assert text == unmarked(text)


def test_hints_end_where_one_tells_the_answer() -> None:
    """What comes behind it is not trusted either."""
    assert made(CHOICE).hints == ("Think of a tower.",)


@given(st.permutations(CHOICE["choices"]), st.integers(0, 99))
def test_the_place_of_the_right_choice_tells_nothing(choices: list[Any], seed: int) -> None:
    """The order depends on the turn and not on the model's."""
    asked = read_question({**CHOICE, "choices": choices}, seed=seed)
    assert [one.text for one in asked.options] == [one.text for one in read_question(CHOICE, seed=seed).options]
    assert asked.options[asked.right].text == "Paris"
    assert not asked.options[asked.right].misconception


# ── grading by code ──


@pytest.mark.parametrize(
    "said",
    ["{letter}", "{letter})", "({letter})", "**{letter}**", "answer: {letter}", "paris", "{letter}. Paris", "PARIS!"],
)
def test_a_choice_is_read_however_it_is_written(said: str) -> None:
    """By letter or by word."""
    asked = made(CHOICE)
    grade = graded(asked, said.format(letter=asked.letters[asked.right]))
    assert grade is not None
    assert grade.right


@pytest.mark.parametrize("said", ["3 - 4", "{letter}. 3 - 4"])
def test_options_that_differ_in_a_sign(said: str) -> None:
    """Are told apart by it."""
    asked = made(CHOICE, choices=["3 + 4", "3 - 4"], answer="3 - 4", hints=[])
    grade = graded(asked, said.format(letter=asked.letters[asked.right]))
    assert grade is not None
    assert grade.right


def test_a_wrong_choice_names_what_stands_behind_it() -> None:
    """Its misconception."""
    grade = graded(made(CHOICE), "Lyon")
    assert grade is not None
    assert (grade.score, grade.misconception) == (0.0, "largest after the capital")


@pytest.mark.parametrize("said", ["I think it is Paris because of the tower", "Z", "", "what?", "A and B"])
def test_what_is_no_choice_is_not_graded(said: str) -> None:
    """Nobody loses their one try by a sentence."""
    assert graded(made(CHOICE), said) is None


@pytest.mark.parametrize(
    "said",
    [
        "3/4",
        "0.75",
        "0,75",
        "75%",
        "75 %",
        "x = 3/4",
        "1/2 + 1/4 = 3/4",
        "it is 0.75",
        "I think 3/4",
        "3/4 litres",
        "maybe 0.75?",
    ],
)
def test_a_number_is_read_however_it_is_written(said: str) -> None:
    """As a fraction, with either decimal mark, in per cent, at the end of a sum."""
    grade = graded(made(NUMBER), said)
    assert grade is not None
    assert grade.right


def test_what_is_meant_as_an_answer_is_looked_for() -> None:
    """Among other words, where it is known that there is one."""
    said = "I halved the half and then it must be 3/4 because of that"
    assert graded(made(NUMBER), said) is None
    grade = graded(made(NUMBER), said, meant=True)
    assert grade is not None
    assert grade.right
    chosen = graded(made(CHOICE), "I think it is Paris because of the tower", meant=True)
    assert chosen is not None
    assert chosen.right


@pytest.mark.parametrize("said", ["1/2", "-0.75", "4/3"])
def test_a_wrong_number_is_wrong(said: str) -> None:
    """By code, whatever a model thinks of it."""
    grade = graded(made(NUMBER), said)
    assert grade is not None
    assert grade.score == 0


@pytest.mark.parametrize(
    "said",
    [
        "no idea",
        "is it 1/2 or 3/4",
        "",
        "a half",
        "I do not get step 2",
        "why 3?",
        "give me 1 hint",
        "question 4 please",
    ],
)
def test_what_is_no_number_is_not_graded(said: str) -> None:
    """Two numbers are no answer either."""
    assert graded(made(NUMBER), said) is None


def test_criteria_make_a_grade() -> None:
    """Each counts alike; half of one is half."""
    assert by_criteria([Met.YES, Met.PARTLY]).score == 0.75
    assert not by_criteria([Met.YES, Met.NO]).right


@given(st.fractions(max_denominator=10_000))
def test_a_number_is_told_as_it_is_read(number: Fraction) -> None:
    """What people are told is the number itself, to the last digit."""
    assert number_of(decimal_text(number)) == number


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at_for_numbers(text: str) -> None:
    """However odd it is."""
    for meanings in numbers_in(text):
        assert meanings
    number_of(text)


# ── giving away ──


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (NUMBER, "So it is 3/4."),
        (NUMBER, "You should get 0.75 there."),
        (CHOICE, "Of course it is Paris."),
        (TEXT, "Because air scatters the short waves of the light far more than the long ones."),
    ],
)
def test_an_answer_given_away_is_seen(document: dict[str, Any], text: str) -> None:
    """In another writing too."""
    assert gives_away(text, made(document))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (NUMBER, "Think of 4 pieces of a cake."),
        (CHOICE, "Lyon, Paris and Marseille are large."),
        (TEXT, "What does light do in the air?"),
    ],
)
def test_talk_about_the_matter_is_no_secret(document: dict[str, Any], text: str) -> None:
    """Nobody could teach otherwise."""
    assert not gives_away(text, made(document))
