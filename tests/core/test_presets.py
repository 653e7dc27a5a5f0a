"""The personas that come with Parley: complete, of a length that leaves room, and all different."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from adapters.chat_completions.tokens import load_counter
from core.context import divide
from core.conversation import Platform
from core.persona import Persona
from core.persona_document import read, written
from core.persona_file import dumped, loaded
from core.presets import FILES, TEACHERS, presets, teachers
from core.prompting import PlaceNames, problems_of, ready, setting_of

NAMES = PlaceNames(workspace="Wanderlust Ltd", channel="support-emea", time_zone="Europe/Berlin")
SETTING = setting_of(NAMES, platform=Platform.SLACK, user="Ann", now=datetime(2026, 11, 23, 9, tzinfo=UTC))
SMALL_WINDOW = 8_192

each = pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)


def test_they_are_the_eight_that_are_promised() -> None:
    """In the order in which people are offered them; no file of the folder is left out."""
    assert [preset.name for preset in presets()] == [
        "General assistant",
        "Customer support",
        "Tutor",
        "Translator",
        "Code reviewer",
        "Writing editor",
        "Meeting summariser",
        "Brainstorming partner",
    ]
    there = {file.name for file in files("core.presets").iterdir() if file.name.endswith(".toml")}
    assert there == {f"{name}.toml" for name in FILES}


@each
def test_each_is_complete(preset: Persona) -> None:
    """It says what it is for, greets, and passes the checks that any persona passes, in a file too."""
    assert preset.description
    assert preset.welcome
    assert not preset.model, "the operator's model is used: no other one need be there"
    assert read(written(preset)) == preset
    assert loaded(dumped([preset])) == (preset,)


@each
def test_each_is_worked_out(preset: Persona) -> None:
    """A prompt of a page, which tells what to do when unsure, what never to do, how to write, how to speak with several
    people, and shows an example."""
    assert 250 <= len(preset.prompt.split()) <= 700
    text = preset.prompt.lower()
    for part in ("not sure", "never", "markdown", "author's name", "# an example", "instruction"):
        assert part in text or (part == "markdown" and "fenced" in text), part


@each
async def test_each_leaves_room_in_a_small_window(preset: Persona) -> None:
    """Filled in, it takes less than a quarter of 8,192 tokens, and half the window is left for the conversation."""
    counter = await load_counter("gpt-6-luna")
    persona = ready(preset, SETTING)
    assert counter.count(persona.prompt) < SMALL_WINDOW / 4
    room = divide(SMALL_WINDOW, persona, summary_tokens=0, counter=counter)
    assert room.history > SMALL_WINDOW * 0.4


@each
def test_each_is_filled_in(preset: Persona) -> None:
    """No variable is unknown, and nothing in braces is left that was not meant."""
    assert problems_of(preset.prompt) == []
    prompt = ready(preset, SETTING).prompt
    assert "{workspace}" not in prompt
    assert "Wanderlust Ltd" in prompt
    assert "support-emea" in prompt


def test_they_are_distinct() -> None:
    """No two have the same name, description or welcome, and hardly a line of one prompt stands in another."""
    for one, other in itertools.combinations(presets(), 2):
        assert one.description != other.description
        assert one.welcome != other.welcome
        lines, others = (
            {line for line in preset.prompt.splitlines() if len(line.split()) > 4 and not line.startswith("#")}
            for preset in (one, other)
        )
        assert len(lines & others) <= 1, lines & others


def test_a_translation_keeps_placeholders() -> None:
    """Doubled braces are for the model to read as single ones."""
    translator = next(preset for preset in presets() if preset.name == "Translator")
    assert "such as %s or {name}" in ready(translator, SETTING).prompt


# ── who teaches ──

teaching = pytest.mark.parametrize("preset", teachers().values(), ids=lambda preset: preset.name)


def test_there_is_a_teacher_for_each_kind_of_subject() -> None:
    """By the name under which a workspace can have one of its own; no file of the folder is left out."""
    assert [preset.name for preset in teachers().values()] == [f"Tutor: {name}" for name in TEACHERS]
    there = {file.name for file in files("core.presets.teachers").iterdir() if file.name.endswith(".toml")}
    assert there == {f"{name}.toml" for name in TEACHERS}


@teaching
def test_each_teacher_is_worked_out(preset: Persona) -> None:
    """It says how to explain, what to ask and what to do about mistakes, within a page, and passes every check."""
    assert 220 <= len(preset.prompt.split()) <= 450
    for part in ("# How you explain", "# Questions worth asking", "# When something is", "# How you write"):
        assert part in preset.prompt, part
    assert problems_of(preset.prompt) == []
    assert not preset.model
    assert read(written(preset)) == preset
    assert loaded(dumped([preset])) == (preset,)
