"""The picture that goes with figures: everything in its place, and to be read wherever it is shown."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from adapters.charts import bars as drawing
from adapters.charts.bars import BACK, EDGE, FILL, INK, MARGIN, ROW, TITLE_HEIGHT, WIDTH, bar_chart
from adapters.charts.pictures import Pictures
from core.chart import Bar

LONG = "Maximiliane von Hohenstein-Wartenburg zu Altenfels"


def rows(*amounts: int, name: str = "Ann") -> list[Bar]:
    return [Bar(name=f"{number}. {name}", amount=amount, told=f"{amount:,}") for number, amount in enumerate(amounts)]


def seen(bars: Sequence[Bar], title: str = "Tokens by person") -> Image.Image:
    """The picture as somebody's screen decodes it."""
    picture = Image.open(io.BytesIO(bar_chart(title, bars)))
    assert picture.format == "PNG"
    return picture.convert("RGB")


def lengths(picture: Image.Image, count: int) -> list[int]:
    """Pixels of each bar, along a line through the middle of its row."""
    middles = [MARGIN + TITLE_HEIGHT + ROW * number + ROW // 2 for number in range(count)]
    return [sum(_is_fill(picture.getpixel((x, y))) for x in range(WIDTH)) for y in middles]


def _is_fill(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 12 for one, other in zip(pixel, FILL, strict=True))


def is_clear(picture: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether nothing is drawn there."""
    found = picture.crop(box).getcolors()
    assert found is not None
    return len(found) == 1


@pytest.mark.parametrize("amounts", [(10, 5, 0), (1,), (0, 0), tuple(range(20, 0, -1)), (10**15, 1)])
def test_bars_are_as_long_as_their_amounts(amounts: tuple[int, ...]) -> None:
    """In proportion; what is little is still seen, and nothing has no bar."""
    bars = lengths(seen(rows(*amounts)), len(amounts))
    most = max(*amounts, 1)
    for amount, length in zip(amounts, bars, strict=True):
        assert (length > 0) is (amount > 0)
        assert abs(length - max(bars) * amount / most) <= drawing.SHORTEST + 1


@pytest.mark.parametrize("bars", [[], rows(1), rows(*range(20)), rows(5, 10**17, name=LONG), rows(1, name="")])
def test_nothing_touches_the_edge(bars: list[Bar]) -> None:
    """Whatever names and figures there are, the margin stays free."""
    picture = seen(bars, title=LONG * 3)
    for box in (
        (1, 1, MARGIN - 1, picture.height - 1),
        (WIDTH - MARGIN + 2, 1, WIDTH - 1, picture.height - 1),
        (1, 1, WIDTH - 1, MARGIN // 2),
        (1, picture.height - MARGIN + 1, WIDTH - 1, picture.height - 1),
    ):
        assert is_clear(picture, box), box


def test_a_picture_without_rows_says_so() -> None:
    """Instead of being empty."""
    picture = seen([])
    assert picture.height == 2 * MARGIN + TITLE_HEIGHT + ROW
    assert not is_clear(picture, (MARGIN, MARGIN + TITLE_HEIGHT, WIDTH - MARGIN, picture.height - MARGIN))


def test_more_than_can_be_read() -> None:
    """The picture stays of a size that platforms show."""
    assert seen(rows(*range(500))).height == seen(rows(*range(drawing.MOST_ROWS))).height


def test_it_is_read_on_any_background() -> None:
    """It brings its own: no part of it is see-through, and the contrasts are those of WCAG 2.2 (1.4.6 for words,
    1.4.11 for shapes)."""
    assert Image.open(io.BytesIO(bar_chart("Tokens", rows(1)))).info.get("transparency") is None
    assert _contrast(INK, BACK) >= 7
    assert _contrast(FILL, BACK) >= 3
    assert _contrast(EDGE, BACK) > 1


def _contrast(one: drawing.Color, other: drawing.Color) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: drawing.Color) -> float:
    parts = [part / 255 for part in color]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_for_a_running_process() -> None:
    """The same picture, drawn beside the event loop."""
    assert await Pictures().bar_chart("Tokens", rows(3, 2)) == bar_chart("Tokens", rows(3, 2))
