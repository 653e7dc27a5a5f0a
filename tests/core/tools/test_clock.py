"""The time in a zone, by whatever people call the zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tools.clock import clock, zone_meant
from core.tools.tool import Scene, ToolFailed


async def told(scene: Scene, **arguments: str) -> str:
    """What the tool says."""
    return (await clock().handler(scene, arguments)).text


async def test_in_the_askers_zone(scene: Scene) -> None:
    """For machines and in words, with the week and the distance from UTC."""
    assert await told(replace(scene, time_zone="Europe/Berlin")) == (
        "2026-03-01T13:30:00+01:00\nSunday, 1 March 2026, 13:30:00 in Europe/Berlin (CET, UTC+01:00), week 9 of 2026"
    )


async def test_summer_and_winter(scene: Scene) -> None:
    """The zone's own clock at that moment."""
    summer = replace(scene, now=datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    assert "14:00:00 in Europe/Berlin (CEST, UTC+02:00)" in await told(summer, time_zone="Europe/Berlin")
    assert "17:30:00 in Asia/Kolkata (IST, UTC+05:30)" in await told(summer, time_zone="Asia/Kolkata")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("Tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("UTC+2", "UTC+02:00"),
        ("-03:30", "UTC-03:30"),
    ],
)
def test_ways_to_name_a_zone(said: str, name: str) -> None:
    """Letters of any size, spaces, a city alone, an offset."""
    assert zone_meant(said)[0] == name


@pytest.mark.parametrize(
    ("said", "near"),
    [("Europe/Berlim", "Europe/Berlin"), ("Asia/Tokio", "Asia/Tokyo"), ("Mars/Olympus", "such as Europe/Berlin")],
)
async def test_an_unknown_zone(scene: Scene, said: str, near: str) -> None:
    """Comes back with names that are like it, where there are any."""
    with pytest.raises(ToolFailed, match=near):
        await told(scene, time_zone=said)


def named(said: str) -> str:
    """The zone's name, or why there is none."""
    try:
        return zone_meant(said)[0]
    except ToolFailed as failed:
        return str(failed)


@given(st.text(max_size=80) | st.sampled_from(["../../etc/passwd", "/etc/localtime", "UTC+99", "\x00", "Europe"]))
def test_any_name(said: str) -> None:
    """Is a zone or ToolFailed; no file is opened by a name that is none."""
    assert named(said)
