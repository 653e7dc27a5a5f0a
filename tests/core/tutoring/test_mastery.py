"""Laws of mastery: what is right never lowers it, what is wrong never raises it, and help alone never reaches it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tutoring.grading import RIGHT_FROM
from core.tutoring.mastery import BEGIN, LEAST, MASTERED_FROM, MOST, Evidence, Kind, estimates, mastery, moved
from core.tutoring.question import Form

CHANCES = {Form.CHOICE: (1 / 2, 1 / 3, 1 / 4, 1 / 6), Form.NUMBER: (0.05,), Form.TEXT: (0.1,)}
kinds = st.sampled_from(list(Kind))
estimate = st.floats(0, 1)


@st.composite
def answers(draw: st.DrawFn) -> Evidence:
    """Any answer that a session can hold."""
    form = draw(st.sampled_from(list(Form)))
    return Evidence(
        score=draw(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])),
        form=form,
        chance=draw(st.sampled_from(CHANCES[form])),
        hints=draw(st.integers(0, 4)),
        tries=draw(st.integers(1, 3)),
    )


helped = answers().filter(lambda one: one.help > 0 or one.score < RIGHT_FROM)


@given(estimate, answers())
def test_an_estimate_is_never_certain(before: float, answer: Evidence) -> None:
    """It stays within its bounds, so that any later answer can move it."""
    assert LEAST <= moved(before, answer) <= MOST


@given(estimate, answers())
def test_right_answers_never_lower_it(before: float, answer: Evidence) -> None:
    """However much help there was."""
    assert moved(before, replace(answer, score=1.0)) >= min(MOST, max(LEAST, before)) - 1e-12


@given(estimate, answers())
def test_wrong_answers_never_raise_it(before: float, answer: Evidence) -> None:
    """However improbable a guess was."""
    assert moved(before, replace(answer, score=0.0)) <= min(MOST, max(LEAST, before)) + 1e-12


@given(estimate, answers(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0]))
def test_a_better_answer_counts_for_more(before: float, answer: Evidence, one: float, other: float) -> None:
    """The more of it is right, the higher the estimate."""
    worse, better = sorted((one, other))
    assert moved(before, replace(answer, score=worse)) <= moved(before, replace(answer, score=better)) + 1e-12


@given(estimate, answers())
def test_help_lowers_what_a_right_answer_counts(before: float, answer: Evidence) -> None:
    """Each hint and each further try takes something."""
    right = replace(answer, score=1.0)
    assert moved(before, replace(right, hints=right.hints + 1)) <= moved(before, right) + 1e-12


@given(kinds, st.lists(helped, max_size=30))
def test_no_amount_of_help_is_mastery(kind: Kind, answered: list[Evidence]) -> None:
    """Without a right answer that had no help, nothing is mastered, however many there are."""
    assert not mastery(kind, answered).mastered


@given(kinds, answers())
def test_one_lucky_answer_is_not_mastery(kind: Kind, answer: Evidence) -> None:
    """Whatever it was."""
    assert not mastery(kind, [answer]).mastered


@given(kinds, st.lists(answers(), max_size=20))
def test_what_is_missing_is_told(kind: Kind, answered: list[Evidence]) -> None:
    """To people, wherever something is not mastered, and nowhere else; and what is mastered has an estimate to
    match."""
    found = mastery(kind, answered)
    assert bool(found.missing) != found.mastered
    if found.mastered:
        assert found.estimate >= MASTERED_FROM
        assert sum(one.unaided for one in answered) >= 2


@given(st.lists(answers(), max_size=12))
def test_the_estimate_is_the_last_of_its_history(answered: list[Evidence]) -> None:
    """The picture of progress and the decisions are drawn from the same numbers."""
    assert mastery(Kind.FACT, answered).estimate == (estimates(answered) or [BEGIN])[-1]


def right(form: Form = Form.NUMBER, **more: int) -> Evidence:
    """A right answer."""
    return Evidence(score=1.0, form=form, chance=CHANCES[form][-1], **more)


@pytest.mark.parametrize(
    ("kind", "answered"),
    [
        (Kind.FACT, [right(), right()]),
        (Kind.PROCEDURE, [right(), right(), right()]),
        (Kind.CONCEPT, [right(), right(Form.TEXT)]),
        (Kind.DESIGN, [right(Form.TEXT), right(Form.TEXT)]),
    ],
)
def test_each_kind_can_be_mastered(kind: Kind, answered: list[Evidence]) -> None:
    """By as many right answers without help as it takes, and not by one less."""
    assert mastery(kind, answered).mastered
    assert not mastery(kind, answered[:-1]).mastered


def test_a_concept_needs_words_of_ones_own() -> None:
    """Choosing rightly ten times shows something else."""
    found = mastery(Kind.CONCEPT, [right(Form.CHOICE)] * 10)
    assert not found.mastered
    assert "own words" in found.missing


def test_a_guess_counts_for_less_where_guessing_is_easy() -> None:
    """One of two choices says less than a number."""
    easy = Evidence(score=1.0, form=Form.CHOICE, chance=0.5)
    assert moved(BEGIN, easy) < moved(BEGIN, right())


def test_mastery_can_be_lost() -> None:
    """A review that goes wrong takes it away until it is right again."""
    learnt = [right(), right(), right()]
    assert not mastery(Kind.PROCEDURE, [*learnt, replace(right(), score=0.0)]).mastered
