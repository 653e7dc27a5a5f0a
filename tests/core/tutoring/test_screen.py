"""The screen before a tutor's prose: it holds back questions and secrets, and loses nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tutoring.screen import Screen


def shown(text: str, *, secret: str = "\0", pieces: int = 3) -> tuple[str, Screen]:
    """What passes of the text when it comes in pieces."""
    screen = Screen(gives_away=lambda sentence: secret in sentence)
    parts = [screen.feed(text[at : at + pieces]) for at in range(0, len(text), pieces)]
    return "".join([*parts, screen.flush()]), screen


@given(st.text(alphabet="ab .!\n", max_size=120), st.integers(1, 9))
def test_prose_without_questions_passes_whole(text: str, pieces: int) -> None:
    """Letter for letter, however it is cut into pieces."""
    assert shown(text, pieces=pieces)[0] == text


@given(st.text(alphabet="ab ?.!\n`", max_size=150), st.integers(1, 9), st.integers(1, 9))
def test_pieces_do_not_matter(text: str, one: int, other: int) -> None:
    """What is shown depends on the text alone."""
    assert shown(text, pieces=one)[0] == shown(text, pieces=other)[0]


@given(st.text(alphabet="ab ?.!\n", max_size=150), st.integers(1, 9))
def test_a_question_at_the_end_is_never_shown(text: str, pieces: int) -> None:
    """No paragraph that is shown ends with one."""
    found, _ = shown(text, pieces=pieces)
    for paragraph in found.split("\n"):
        last = paragraph.rstrip()
        assert not (last.endswith("?") and len(last) > 1 and not last[-2].isspace() and last[-2] != "?")


@pytest.mark.parametrize(
    ("text", "passes", "asked"),
    [
        ("Good. What is 3 + 4?", "Good. ", ["What is 3 + 4?"]),
        ("Why is that? Because light bends.", "Why is that? Because light bends.", []),
        ("Well done.\n\nWhat now? And then?\n\nSo it is.", "Well done.\n\n\n\nSo it is.", ["What now? And then?"]),
        ("In 3 + ? = 5 something is missing.", "In 3 + ? = 5 something is missing.", []),
        ("```\nif x?\n```\nSo.", "```\nif x?\n```\nSo.", []),
    ],
)
def test_questions_are_told_from_rhetoric(text: str, passes: str, asked: list[str]) -> None:
    """A question that ends its paragraph is meant for the learner."""
    found, screen = shown(text)
    assert found == passes
    assert screen.asked == asked


@given(
    st.lists(st.sampled_from(["Look here. ", "The key is 42. ", "Go on! ", "42\n", "\n"]), max_size=12),
    st.integers(1, 9),
)
def test_a_secret_is_never_shown(parts: list[str], pieces: int) -> None:
    """Its whole sentence is withheld, and the others are not."""
    found, screen = shown("".join(parts), secret="42", pieces=pieces)
    assert "42" not in found
    assert found.count("Look here.") == parts.count("Look here. ")
    assert (screen.withheld > 0) == ("42" in "".join(parts))
