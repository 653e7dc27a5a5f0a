"""The picture of how something grew: a row each, everything in its place."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from adapters.charts.bars import FILL, MARGIN, TITLE_HEIGHT, WIDTH
from adapters.charts.pictures import Pictures
from adapters.charts.tracks import PLOT, ROW, track_chart
from core.chart import Track

BEGAN = datetime(2026, 11, 1, 9, tzinfo=UTC)


def track(*parts: float, name: str = "Add fractions", days: int = 1) -> Track:
    """One that grew by these steps."""
    points = tuple((BEGAN + timedelta(days=days * number), part) for number, part in enumerate(parts))
    return Track(name=name, points=points, told=f"{parts[-1]:.0%}" if parts else "not begun")


def seen(*tracks: Track) -> Image.Image:
    """The picture as somebody's screen decodes it."""
    return Image.open(io.BytesIO(track_chart("sums", tracks, goal=0.85))).convert("RGB")


def height_of(picture: Image.Image, row: int, x: int) -> float | None:
    """How high the line of that row is at that place, as a part of one."""
    top = MARGIN + TITLE_HEIGHT + ROW * row
    marked = [y for y in range(top, top + PLOT + 1) if _near(picture.getpixel((x, y)))]
    return None if not marked else 1 - (min(marked) + 4 - top) / PLOT  # a dot has a radius


def _near(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 16 for one, other in zip(pixel, FILL, strict=True))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_a_line_is_as_high_as_what_it_stands_for(part: float) -> None:
    """At its end, where it stands now."""
    picture = seen(track(0.2, part))
    found = [height for x in range(WIDTH - 1, 0, -1) if (height := height_of(picture, 0, x)) is not None]
    assert abs(found[0] - part) < 0.08


def test_each_thing_has_its_row() -> None:
    """Also one of which nothing is known, and one with a single answer."""
    picture = seen(track(0.2, 0.9), Track(name="Later", points=(), told="not begun"), track(0.4))
    rows = [any(height_of(picture, row, x) is not None for x in range(WIDTH)) for row in range(3)]
    assert rows == [True, False, True]


@pytest.mark.parametrize("tracks", [(), (Track(name="a", points=(), told=""),)])
def test_nothing_is_a_picture_too(tracks: tuple[Track, ...]) -> None:
    """That says so."""
    assert seen(*tracks).width == WIDTH


@pytest.mark.parametrize("name", ["x" * 300, "日本語の分数", "", "a\nb"])
def test_odd_names_are_drawn(name: str) -> None:
    """However long, and in whatever letters."""
    assert seen(track(0.5, 0.6, name=name)).height > ROW


async def test_it_is_drawn_beside_the_loop() -> None:
    """The same picture."""
    assert await Pictures().track_chart("sums", [track(0.1, 0.3)], goal=0.85) == track_chart(
        "sums", [track(0.1, 0.3)], goal=0.85
    )
