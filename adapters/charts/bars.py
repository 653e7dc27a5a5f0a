"""A bar chart as a PNG: names on the left, bars, figures behind them. Pure.

It brings its own light background, so it reads the same on a dark and on a light one. The sizes suit the width at
which both platforms show a picture in a chat, which is about half of what it has.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from adapters.charts.lettering import Words, column, words
from core.chart import Bar

Color = tuple[int, int, int]

BACK: Color = (250, 250, 248)
INK: Color = (27, 31, 36)
FILL: Color = (31, 98, 184)
EDGE: Color = (208, 212, 218)
"""Of the picture and of the line where bars begin."""

WIDTH = 1_000
MARGIN = 36
TITLE_SIZE, TITLE_HEIGHT = 32, 64
TEXT_SIZE, ROW = 25, 44
GAP = 16
"""Between a name, its bar and its figure."""
NAMES_MOST, FIGURES_MOST = 360, 260
SHORTEST = 3
"""Pixels of a bar that stands for little, but not for nothing."""
MOST_ROWS = 60
"""More would be a picture that nobody can read; the last row says how many there are."""
NOTHING = "Nothing was used."


def bar_chart(title: str, bars: Sequence[Bar]) -> bytes:
    """A PNG with a row for each bar, in the order given. A sentence stands there where there is none."""
    shown = [*bars] if len(bars) <= MOST_ROWS else [*bars[: MOST_ROWS - 1], _more(len(bars) - MOST_ROWS + 1)]
    height = 2 * MARGIN + TITLE_HEIGHT + ROW * max(1, len(shown))
    picture = Image.new("RGB", (WIDTH, height), BACK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH - 1, height - 1), outline=EDGE)
    write(pen, MARGIN, MARGIN + TITLE_HEIGHT // 2 - GAP, words(title, TITLE_SIZE, WIDTH - 2 * MARGIN))
    if shown:
        _rows(pen, shown)
    else:
        write(pen, MARGIN, MARGIN + TITLE_HEIGHT + ROW // 2, words(NOTHING, TEXT_SIZE, WIDTH - 2 * MARGIN))
    return as_png(picture)


def _rows(pen: ImageDraw.ImageDraw, bars: Sequence[Bar]) -> None:
    names = column([bar.name for bar in bars], TEXT_SIZE, NAMES_MOST)
    figures = column([bar.told for bar in bars], TEXT_SIZE, FIGURES_MOST)
    begins = MARGIN + round(max(name.width for name in names)) + GAP
    ends = WIDTH - MARGIN - round(max(figure.width for figure in figures)) - GAP
    most = max(1, *(bar.amount for bar in bars))
    top = MARGIN + TITLE_HEIGHT
    pen.line((begins, top, begins, top + ROW * len(bars)), fill=EDGE, width=2)
    for number, (bar, name, figure) in enumerate(zip(bars, names, figures, strict=True)):
        middle = top + ROW * number + ROW // 2
        length = max(SHORTEST, round((ends - begins) * bar.amount / most)) if bar.amount > 0 else 0
        write(pen, begins - GAP - name.width, middle, name)
        if length:
            pen.rectangle((begins, middle - ROW // 3, begins + length, middle + ROW // 3), fill=FILL)
        write(pen, begins + length + GAP, middle, figure)


def write(pen: ImageDraw.ImageDraw, left: float, middle: float, said: Words) -> None:
    """The words stand there, with their middle at that height."""
    # Names that are read from the right stand after their numbers all the same.
    direction = "ltr" if said.font.layout_engine == ImageFont.Layout.RAQM else None
    pen.text((left, middle), said.text, font=said.font, fill=INK, anchor="lm", direction=direction)


def _more(count: int) -> Bar:
    return Bar(name=f"{count:,} more", amount=0, told="")


def as_png(picture: Image.Image) -> bytes:
    """With few colors, since that is what it has: a fifth of the bytes."""
    written = io.BytesIO()
    picture.quantize(64).save(written, "PNG", optimize=True)
    return written.getvalue()
