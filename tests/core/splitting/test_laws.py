"""What holds for every text, however odd."""

from hypothesis import example, given
from hypothesis import strategies as st

from core.markdown.fences import fence_after
from core.splitting import Opening, seal, split, take
from core.splitting.graphemes import is_boundary

PROSE = ["word ", "Word. ", "longer words here ", "\n", "\n\n", "# Heading\n", "> quoted\n", "> ", "x" * 50, " " * 30]
CODE = ["```", "```py\n", "\n```\n", "~~~\n", "````\n", "   ```js\n", "      ```\n", "`", "\t"]
MARKS = ["**", "*", "_", "~~", "[text](http://example.com/a)", "[", "](", ")", "&amp;", "\\", "$$x_1$$", "\\(y\\)"]
SHAPES = ["| a | b |\n|---|---|\n", "| 1 | 2 |\n", "|", "- item\n", "  - nested\n", "1. one\n", "<@U123>", "<:wave:12>"]
SIGNS = ["👩\u200d👩\u200d👧", "🇫🇷🇩🇪", "e\u0301", "👍🏽", "日本語。"]
PIECES = st.sampled_from(PROSE + CODE + MARKS + SHAPES + SIGNS)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)
LIMITS = st.integers(min_value=40, max_value=300)


def open_fence(text: str) -> bool:
    """Whether the text leaves a fence open."""
    fence = None
    for line in text.split("\n"):
        fence = fence_after(line, fence)
    return fence is not None


def escaped_length(text: str) -> int:
    """A measure under which some characters count more than others."""
    return sum(5 if character in "<>&" else 2 if ord(character) > 0xFFFF else 1 for character in text)


@given(text=TEXTS, limit=LIMITS)
def test_parts_join_to_the_text(text: str, limit: int) -> None:
    """Nothing is lost or doubled: the raw slices are contiguous and whole, and no part is blank."""
    parts = split(text, limit=limit, measure=len)
    assert "".join(text[part.start : part.end] for part in parts) == (text if text.strip() else "")
    for part in parts:
        assert text[part.start : part.end].strip()
        assert part.shown.strip()


@given(text=TEXTS, limit=LIMITS)
def test_each_part_fits(text: str, limit: int) -> None:
    """What is shown is never longer than the limit, as the platform counts, and leaves no fence open."""
    for measure in (len, escaped_length):
        for part in split(text, limit=limit, measure=measure):
            assert measure(part.shown) <= limit
            assert not open_fence(part.shown)


@given(text=TEXTS, limit=LIMITS, data=st.data())
def test_full_parts_stay_as_they_are(text: str, limit: int, data: st.DataObject) -> None:
    """While the text grows, a part that was full is never cut elsewhere."""
    whole = split(text, limit=limit, measure=len)
    length = data.draw(st.integers(min_value=0, max_value=len(text)))
    beginning = split(text[:length], limit=limit, measure=len)
    assert beginning[:-1] == whole[: len(beginning) - 1] if beginning else True


@given(text=TEXTS, limit=LIMITS)
def test_graphemes_stay_whole(text: str, limit: int) -> None:
    """No visible character is torn apart."""
    for part in split(text, limit=limit, measure=len):
        assert is_boundary(text, part.end)


@given(text=TEXTS, limit=LIMITS)
def test_taking_step_by_step_is_splitting(text: str, limit: int) -> None:
    """The parts that a growing reply takes are the parts of the whole text."""
    rest, opening, taken = text, Opening(), []
    while rest.strip():
        cut = take(rest, opening, limit=limit, measure=len)
        taken.append(cut.shown)
        assert cut.full or cut.end == len(rest)
        rest, opening = rest[cut.end :], cut.following
    assert taken == [part.shown for part in split(text, limit=limit, measure=len)]


@given(text=TEXTS)
@example(text="**bold ")
@example(text="```py\n")
@example(text="```\nx\n``")
def test_a_sealed_part_keeps_what_was_shown(text: str) -> None:
    """A message that can only grow is ended without taking a character back, and its code is closed."""
    cut = seal(text, Opening())
    assert cut.full
    assert cut.end == len(text)
    assert cut.shown.startswith(text.rstrip())
    assert not open_fence(cut.shown)
