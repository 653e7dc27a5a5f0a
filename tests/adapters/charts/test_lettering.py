"""Names in pictures: in letters that can be drawn, and no wider than their place."""

from __future__ import annotations

import pytest
from PIL import ImageFont

from adapters.charts import lettering
from adapters.charts.lettering import ELLIPSIS, LONGEST, Font, words


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any fonts, as a slim container is."""

    def built_in(size: int) -> tuple[Font, ...]:
        font = ImageFont.load_default(size)
        assert isinstance(font, Font)
        return (font,)

    monkeypatch.setattr(lettering, "fonts", built_in)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Lee", "Ann Lee"),
        ("José Müller", "Jose Muller"),
        ("№ 5", "No 5"),
        ("Дима", "????"),
        ("Bob \N{PARTY POPPER}\N{VARIATION SELECTOR-16}", "Bob ?"),
        ("two\nlines\x07", "two lines"),
        ("", ""),
    ],
)
def test_letters_that_no_font_has(name: str, shown: str) -> None:
    """Marks are left off, the rest is a question mark: never a box."""
    assert words(name, 20, 1_000).text == shown


def test_a_font_that_has_more() -> None:
    """Names in plain letters look the same on each machine; others are written in whichever font has most of them."""
    assert words("Ann", 20, 1_000).font is lettering.fonts(20)[0]
    said = words("José \N{PARTY POPPER}", 20, 1_000)
    able = [font for font in lettering.fonts(20)[1:] if bytes(font.getmask("é")) != bytes(font.getmask("\uffff"))]
    assert said.text.startswith("José" if able else "Jose")


@pytest.mark.parametrize("most", [0, 15, 80, 200.5])
def test_cut(most: float) -> None:
    """What is too wide ends with a sign that it goes on, and uses the room that there is."""
    said = words("Maximiliane von Hohenstein-Wartenburg", 20, most)
    assert said.text.endswith(ELLIPSIS)
    assert said.width <= most or said.text == ELLIPSIS
    assert said.width > most - 40


def test_what_fits_is_whole() -> None:
    """And nobody has to look at a name without an end."""
    assert words("Ann", 20, 1_000).text == "Ann"
    assert len(words("n" * 10**6, 20, 10**9).text) == LONGEST
