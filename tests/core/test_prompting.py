"""The system prompt as the model reads it: variables filled in, the way of answering spelled out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import ConversationKey, Platform
from core.persona import Length, Persona, Style
from core.prompting import (
    LONGEST_VALUE,
    PlaceNames,
    filled,
    has_variables,
    problems_of,
    ready,
    setting_of,
    system_prompt,
)

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
BERLIN = PlaceNames(workspace="Wanderlust", channel="general", time_zone="Europe/Berlin")
SETTING = setting_of(BERLIN, platform=Platform.SLACK, user="Ann", now=NOW)


def test_every_variable_is_filled_in() -> None:
    """The date is that of the place, which may be tomorrow's in London."""
    prompt = "{user} in {channel} of {workspace} on {platform}, {date} ({time_zone})"
    assert filled(prompt, SETTING) == "Ann in general of Wanderlust on Slack, Tuesday, 24 November 2026 (Europe/Berlin)"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "\x00", "x" * 5_000])
def test_a_time_zone_that_nobody_knows_is_utc(zone: str) -> None:
    """Whatever a platform names, the turn is answered."""
    names = PlaceNames(workspace="w", channel="c", time_zone=zone)
    setting = setting_of(names, platform=Platform.DISCORD, user="Ann", now=NOW)
    assert filled("{date} {time_zone} {platform}", setting) == "Monday, 23 November 2026 UTC Discord"


def test_where_nothing_is_known_ids_stand() -> None:
    """Without the platform's help the prompt is still whole."""
    key = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="1.5")
    assert PlaceNames.of(key) == PlaceNames(workspace="T1", channel="C1", time_zone="UTC")


@given(st.text())
def test_a_name_is_one_short_line(name: str) -> None:
    """Nobody brings a line of their own into the prompt by naming a channel, nor a variable."""
    names = PlaceNames(workspace="w", channel=name)
    prompt = filled("[{channel}]", setting_of(names, platform=Platform.SLACK, user="Ann", now=NOW))
    assert len(prompt.splitlines()) == 1
    assert len(prompt) <= LONGEST_VALUE + 2


@given(st.text(alphabet="{}ab_ \n", max_size=30))
def test_braces_that_mean_nothing_stay(text: str) -> None:
    """A prompt without a variable is what it was, but for doubled braces."""
    assert filled(text, SETTING) == text.replace("{{", "{").replace("}}", "}") or "{" in text.replace("{{", "")


def test_what_must_be_asked_of_the_platform() -> None:
    """Only a prompt with a variable needs names; doubled braces are none."""
    assert has_variables("in {channel}")
    assert not has_variables("in {{channel}} and {other} and {")


def test_an_unknown_variable_is_told_with_those_that_are_known() -> None:
    """The sentence names both, and how to write braces that shall stay."""
    (problem,) = problems_of("{usr} {user} {{kept}}")
    assert "{usr}" in problem
    assert "{workspace}" in problem
    assert problems_of("{user} {{kept}} {1} {}") == []


def test_the_way_of_answering_is_spelled_out_once() -> None:
    """Made ready, a persona's prompt is what the model reads, and making it so again changes nothing."""
    persona = Persona(prompt="Help {user}.", style=Style(length=Length.BRIEF, language="German"))
    made = ready(persona, SETTING)
    assert made.prompt == system_prompt(persona, SETTING)
    assert made.prompt.startswith("Help Ann.\n\nKeep answers short")
    assert "Always answer in German" in made.prompt
    assert ready(made, SETTING) == made
