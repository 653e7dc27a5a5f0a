"""Who teaches what, and what a level means."""

from __future__ import annotations

import itertools

import pytest

from core.tutoring.teachers import Level, Subject, level_guidance, teacher


@pytest.mark.parametrize("subject", Subject)
def test_every_kind_of_subject_has_its_teacher(subject: Subject) -> None:
    """By the name under which a workspace may have its own; read once."""
    assert teacher(subject).name == f"Tutor: {subject}"
    assert teacher(subject) is teacher(subject)


def test_no_two_teachers_teach_alike() -> None:
    """Each prompt has its own didactics: hardly a line of one stands in another."""
    for one, other in itertools.combinations(Subject, 2):
        lines, others = (
            {line for line in teacher(subject).prompt.splitlines() if len(line.split()) > 4} for subject in (one, other)
        )
        assert len(lines & others) <= 1, lines & others


@pytest.mark.parametrize("subject", Subject)
def test_a_teacher_leaves_to_the_engine_what_is_the_engines(subject: Subject) -> None:
    """It neither counts hints nor decides what is mastered, and names no tool."""
    prompt = teacher(subject).prompt.lower()
    assert not [word for word in ("mastered", "mastery", "tool", "hint ladder", "number of hints") if word in prompt]


@pytest.mark.parametrize("level", Level)
def test_every_level_has_guidance(level: Level) -> None:
    """A sentence or two, on one line: it stands in a list of what the session is."""
    said = level_guidance(level)
    assert 20 <= len(said.split()) <= 60
    assert "\n" not in said


def test_no_two_levels_are_guided_alike() -> None:
    """A child is not taught like a professional."""
    assert len({level_guidance(level) for level in Level}) == len(Level)
