"""How something grew over time, as a PNG: a row for each thing, with its name, its line and a figure. Pure.

Rows stand one above the other over the same time, so that no colour has to be told from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from adapters.charts.bars import (
    BACK,
    EDGE,
    FILL,
    GAP,
    MARGIN,
    MOST_ROWS,
    TEXT_SIZE,
    TITLE_HEIGHT,
    TITLE_SIZE,
    WIDTH,
    Color,
    as_png,
    write,
)
from adapters.charts.lettering import column, words
from core.chart import Track

ROW = 68
PLOT = 52
"""Height of a line's place in its row."""
NAMES_MOST, FIGURES_MOST = 330, 250
FOOT = 40
GOAL: Color = (184, 92, 0)
"""Of the line from which something counts as reached."""
NOTHING = "Nothing was answered yet."
SHORTEST = timedelta(hours=1)


def track_chart(title: str, tracks: Sequence[Track], *, goal: float) -> bytes:
    """A PNG with a row for each track, in the order given. A sentence stands there where there is none."""
    shown = tracks[:MOST_ROWS]
    height = 2 * MARGIN + TITLE_HEIGHT + ROW * max(1, len(shown)) + FOOT
    picture = Image.new("RGB", (WIDTH, height), BACK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH - 1, height - 1), outline=EDGE)
    write(pen, MARGIN, MARGIN + TITLE_HEIGHT // 2 - GAP, words(title, TITLE_SIZE, WIDTH - 2 * MARGIN))
    moments = [at for track in shown for at, _ in track.points]
    if moments:
        _rows(pen, shown, goal, min(moments), max(moments))
    else:
        write(pen, MARGIN, MARGIN + TITLE_HEIGHT + ROW // 2, words(NOTHING, TEXT_SIZE, WIDTH - 2 * MARGIN))
    return as_png(picture)


def _rows(pen: ImageDraw.ImageDraw, tracks: Sequence[Track], goal: float, first: datetime, last: datetime) -> None:
    names = column([track.name for track in tracks], TEXT_SIZE, NAMES_MOST)
    figures = column([track.told for track in tracks], TEXT_SIZE, FIGURES_MOST)
    left = MARGIN + round(max(name.width for name in names)) + GAP
    right = WIDTH - MARGIN - round(max(figure.width for figure in figures)) - GAP
    span = max(last - first, SHORTEST)

    def across(at: datetime) -> float:
        return left + (right - left) * ((at - first) / span)

    for number, (track, name, figure) in enumerate(zip(tracks, names, figures, strict=True)):
        top = MARGIN + TITLE_HEIGHT + ROW * number
        bottom = top + PLOT
        middle = (top + bottom) // 2
        write(pen, left - GAP - name.width, middle, name)
        pen.rectangle((left, top, right, bottom), outline=EDGE)
        _dashed(pen, left, right, bottom - goal * PLOT)
        _line(pen, [(across(at), bottom - part * PLOT) for at, part in track.points], right)
        write(pen, right + GAP, middle, figure)
    below = MARGIN + TITLE_HEIGHT + ROW * len(tracks) + FOOT // 2
    write(pen, left, below, words(_day(first), TEXT_SIZE - 5, 200))
    if last - first >= timedelta(days=1):
        day = words(_day(last), TEXT_SIZE - 5, 200)
        write(pen, right - day.width, below, day)


def _line(pen: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], right: float) -> None:
    """Steps: what was known stays as it was until the next answer."""
    if not points:
        return
    corners: list[tuple[float, float]] = []
    for (x, y), (after, _) in zip(points, [*points[1:], (right, 0.0)], strict=True):
        corners += [(x, y), (after, y)]
    pen.line(corners, fill=FILL, width=4)
    for x, y in points:
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=FILL)


def _dashed(pen: ImageDraw.ImageDraw, left: float, right: float, y: float) -> None:
    x = left
    while x < right:
        pen.line((x, y, min(x + 8, right), y), fill=GOAL, width=2)
        x += 16


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"
