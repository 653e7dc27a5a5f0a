r"""LaTeX among Markdown becomes text that can be read; money, code and prose stay as they are."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markdown import readable, undecided, well_formed
from core.ports import Control, SurfaceLimits
from tests.core.markdown.test_growth import BLOCKS, PHRASES, plain
from tests.core.replies import ENDING, FREE, Scene, StrictSurface, scene, settled
from tests.core.test_reply_laws import GrowingSurface, chunks
from tests.doubles import ManualClock


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"$\frac{a}{b}$", "a/b"),
        (r"$\frac{a+b}{c}$", "(a+b)/c"),
        (r"so $\frac{1}{2}x$", "so (1/2)x"),
        ("$x^2$", "x²"),
        ("$x_i^{10}$", "xᵢ¹⁰"),
        ("$a^{n+q}$", "a^(n+q)"),
        (r"\(\alpha\)", "α"),
        (r"$\alpha \in \mathbb{R}$", "α ∈ ℝ"),
        (r"\[\sqrt{x}\]", "√x"),
        (r"$\sqrt{x+1}$ and $\sqrt[3]{8}$", "√(x+1) and ³√8"),
        (r"$$\sum_{i=1}^{n} i^2$$", "Σᵢ₌₁ⁿ i²"),
        (r"$\int_0^1 f(x) \, dx$", "∫₀¹ f(x) dx"),
        (r"$\int f(x) dx$", "∫ f(x) dx"),
        (r"$\lim_{x \to 0} \frac{\sin x}{x} = 1$", "lim_(x→0) (sin x)/x = 1"),
        (r"$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$", "(a, b; c, d)"),
        ("$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$", "a = b\nc = d"),
        (r"$\text{speed} = \frac{d}{t}$", "speed = d/t"),
        (r"$P(A \mid B) \le 1$", "P(A ∣ B) ≤ 1"),
        (r"$90^\circ$, $f'(x)$, $\vec{v}$", "90°, f′(x), v\u20d7"),
        (r"$\left( \frac{a}{b} \right)$", "( a/b )"),
        (r"$a*b*c$", "a∗b∗c"),
        (r"$\unknown{x}$", "unknownx"),
    ],
)
def test_notation(written: str, shown: str) -> None:
    """Fractions, powers, Greek, roots, sums, matrices and what surrounds them."""
    assert readable(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "between $5-$10 each",
        "it costs $5.",
        "$5 million, or 10$ more",
        "pay $20 (or $30) now",
        "US$ and A$ are two",
        "$HOME/$USER",
        "echo $PATH and $x",
        "`$x^2$` and ``\\(a\\)``",
        "```\n$x^2$\n```",
        "~~~tex\n\\[x^2\\]\n~~~\n",
        "\\[a note in brackets\\]",
        "\\$x^2\\$",
        "a $ b^2 $ c",
        "no $x^2 here\nand $ there",
        "$$\n\nnothing\n\n$$",
    ],
)
def test_what_is_no_formula_stays(text: str) -> None:
    """Money, variables, code and brackets are left alone."""
    assert readable(text) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("so $", "so"),
        ("so $x^", "so"),
        ("so $x^2$", "so"),
        ("so $x^2$ ", "so x² "),
        ("so \\(\\alp", "so"),
        ("so \\[\nx\n+ y", "so"),
        ("so $$x", "so"),
        ("- item\n- $x_", "- item"),
        ("for $5 an", "for $5 an"),
        ("for $5\n", "for $5\n"),
        ("`$x^2", "`$x^2`"),
        ("```\n$x^", "```\n$x^\n```"),
    ],
)
def test_an_unfinished_formula_is_held_back(written: str, shown: str) -> None:
    """It comes whole or not at all, but a price is shown as soon as a word follows it."""
    assert readable(well_formed(written)).rstrip() == shown.rstrip()


FORMULAS = st.sampled_from(
    [
        r"$x^2$",
        r"$\frac{a+b}{c}$",
        r"\(\alpha_{i}\)",
        r"$\text{if so}$",
        r"\[ \sum_{i=1}^n i \]",
        "$$\nx\n+ y\n$$",
        r"$a*b*c_1$",
        "$5",
        "`$a$`",
        "cost $5 or $6.",
    ]
)
SENTENCES = st.lists(st.one_of(FORMULAS, PHRASES), min_size=1, max_size=5).map(" ".join)
DOCUMENTS = st.lists(st.one_of(SENTENCES, BLOCKS), min_size=1, max_size=4).map("\n\n".join)


@given(document=DOCUMENTS, data=st.data())
def test_shown_words_are_a_beginning_of_the_answer(document: str, data: st.DataObject) -> None:
    """Each prefix shows the beginning of what the whole shows: no formula flickers, no mark of it leaks."""
    end = data.draw(st.integers(min_value=0, max_value=len(document)))
    shown = plain(readable(well_formed(document[:end])))
    assert plain(readable(document)).startswith(shown)


@given(document=DOCUMENTS, data=st.data())
def test_what_grows_is_never_taken_back(document: str, data: st.DataObject) -> None:
    """The same where every character counts, because text can only be added."""
    end = data.draw(st.integers(min_value=0, max_value=len(document)))
    assert readable(document).startswith(readable(document[:end], growing=True).rstrip())


ODD = st.text(alphabet="\\$[](){}^_ab1&.`\n -+|*<@", max_size=150)


@given(text=ODD)
def test_any_text_can_be_read(text: str) -> None:
    """The work ends whatever the text, which becomes no longer, and whose beginning can always be told."""
    assert len(readable(text)) <= len(text)
    assert 0 <= undecided(text) <= len(text)


COMMANDS = st.sampled_from(
    [
        *(r"\frac", r"\sqrt", r"\sqrt[", "]", "{", "}", "^", "_", r"\le", r"\sum", r"\sin", r"\begin{cases}"),
        *(r"\end{cases}", r"\binom", r"\\", "&", "x", "12", " ", r"\left.", r"\mathbb", r"\hat", r"\text{a b}"),
        *(r"\to", r"\not", "-", "+", "\n"),
    ]
)


@given(source=st.lists(COMMANDS, max_size=40).map("".join))
def test_any_notation_can_be_read(source: str) -> None:
    """Broken notation is shown as well as it goes, never longer than it was, and begins no list."""
    shown = readable(f"$${source}$$")
    assert len(shown) <= len(source) + 4
    if not shown.startswith("$$"):
        assert not any(line.startswith(("- ", "+ ")) for line in shown.split("\n"))


@pytest.mark.parametrize(
    "piece", ["$", "$$", "\\(", "\\[", "$a", "$a ", "{", "\\frac", "^", "$x$", "`$", "\\text{a ", "a$b"]
)
def test_the_work_is_linear(piece: str) -> None:
    """Text made to be slow is not: twenty times as much takes about twenty times as long, with room for noise."""
    small, large = (_quickest("so $$" + piece * (length // len(piece)) + "$$") for length in (2_000, 40_000))
    assert large < 0.2 + 60 * small


def _quickest(text: str) -> float:
    spent = []
    for _ in range(3):
        began = time.process_time()
        readable(text)
        undecided(text)
        spent.append(time.process_time() - began)
    return min(spent)


# ── in an answer ──

ANSWER = r"Given \(x^2\), for $5 and $10:" + "\n\n" + r"\[ \frac{a+b}{c} \]" + "\n\n" + "so $y_1$ it is. " * 20
SHOWN = "Given x², for $5 and $10:\n\n(a+b)/c\n\n" + "so y₁ it is. " * 20


@pytest.mark.parametrize("size", [1, 7, 50])
async def test_people_read_it_while_it_grows(size: int) -> None:
    """No draft shows LaTeX, each is the beginning of the next, and in the end all is there, over several messages."""
    place = scene(length=150)
    reply = place.reply()
    for piece in chunks(ANSWER, [size]):
        reply.add(piece)
        await settled()
    await reply.finish(ENDING)
    assert " ".join(place.texts).split() == SHOWN.split()
    for shown in place.surface.posts.values():
        growing = [draft for draft in shown.drafts if draft.controls == (Control.STOP,)]
        for before, after in itertools.pairwise(growing):
            assert after.text.startswith(before.text.rstrip())
    assert reply.text == ANSWER


@pytest.mark.parametrize("size", [1, 7, 50])
async def test_where_text_can_only_be_added(size: int) -> None:
    """A formula is added when it is whole, also where a message must end in between."""
    clock = ManualClock()
    place = Scene(surface=GrowingSurface(clock, length=150, lifetime=3.0), clock=clock)
    reply = place.reply()
    for piece in chunks(ANSWER, [size]):
        reply.add(piece)
        clock.advance(0.1)
        await settled()
    await reply.finish(ENDING)
    assert "".join("".join(place.texts).split()) == "".join(SHOWN.split())


async def test_the_file_holds_the_source() -> None:
    """Who opens it has a program that knows LaTeX, or wants to copy it."""
    surface = StrictSurface(limits=SurfaceLimits(length=150), budget=FREE)
    place = Scene(surface=surface, clock=ManualClock(), most=1)
    reply = place.reply()
    reply.add(ANSWER)
    await reply.finish(ENDING)
    assert list(surface.files.values()) == [ANSWER]
    assert surface.visible[0].text.startswith("Given x², for $5")
