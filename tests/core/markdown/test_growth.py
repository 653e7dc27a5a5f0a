"""What people see of an answer only grows, whatever the pieces in which it comes."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.markdown import well_formed

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LEAKS = re.compile(r"\*\*|~~|```|\]\(|\|")

WORDS = st.sampled_from(
    ["plain", "words", "here", "naïve", "日本", "1999", "x_y", "a-b", "end.", "Why?", "(so)", "it's"]
)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


LITTLE = st.one_of(
    PHRASES,
    PHRASES.map("*{}*".format),
    st.sampled_from(["`code`", "``a ` b``", "`*x*`", "&amp;", "<https://example.com>", "\\*", "<b>", "<@U123>"]),
)
GROUPS = st.lists(LITTLE, min_size=1, max_size=3).map(" ".join)
MARKED = st.one_of(
    GROUPS,
    GROUPS.map("**{}**".format),
    GROUPS.map("~~{}~~".format),
    PHRASES.map("***{}***".format),
    GROUPS.map("~~**{}**~~".format),
    GROUPS.map("[{}](https://example.com/a_(b)?c=d)".format),
    PHRASES.map("![{}](https://example.com/i.png)".format),
    PHRASES.map('**[{}](https://example.com "title")**'.format),
)
INLINE = st.lists(MARKED, min_size=1, max_size=4).map(" ".join)
CODE = st.lists(st.sampled_from(["x = 1", "", "  if **y**:", "`z`", "# no heading", "| a |"]), min_size=1, max_size=4)
ROWS = st.lists(st.tuples(INLINE, PHRASES), max_size=3)
BLOCKS = st.one_of(
    INLINE,
    INLINE.map("## {}".format),
    st.lists(INLINE, min_size=1, max_size=3).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(INLINE, min_size=1, max_size=3).map(lambda items: "\n".join(f"{i}. {x}" for i, x in enumerate(items, 1))),
    INLINE.map("> {}".format),
    CODE.map(lambda lines: "```py\n" + "\n".join(["c", *lines]) + "\n```"),
    ROWS.map(lambda rows: "\n".join(["| a | b |", "|---|--:|", *(f"| {one} | {two} |" for one, two in rows)])),
)
DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=4).map("\n\n".join)


def plain(markdown: str) -> str:
    """The words that a reader sees, without spaces."""
    return "".join("".join(map(_words, PARSER.parse(markdown))).split())


def _words(token: Token) -> str:
    if token.type == "image":
        return token.content
    if token.children:
        return "".join(map(_words, token.children))
    return token.content


@given(document=DOCUMENTS, data=st.data())
def test_shown_words_are_a_beginning_of_the_answer(document: str, data: st.DataObject) -> None:
    """Each prefix shows words of the answer, in order, and nothing that is not in it."""
    end = data.draw(st.integers(min_value=0, max_value=len(document)))
    shown = plain(well_formed(document[:end]))
    assert plain(document).startswith(shown)


@given(document=DOCUMENTS, data=st.data())
def test_shown_words_never_become_fewer(document: str, data: st.DataObject) -> None:
    """What was shown once stays while the answer grows."""
    ends = sorted(data.draw(st.lists(st.integers(min_value=0, max_value=len(document)), min_size=2, max_size=2)))
    earlier, later = (plain(well_formed(document[:end])) for end in ends)
    assert later.startswith(earlier)


@given(document=DOCUMENTS)
def test_finished_text_is_unchanged(document: str) -> None:
    """Where everything is closed and the last line ended, there is nothing to do."""
    assert well_formed(document + "\n\n") == document + "\n\n"


@given(document=DOCUMENTS)
def test_little_is_held_back(document: str) -> None:
    """At the end of each word of plain text outside of links and tables, all of it can be read."""
    held = len(plain(document)) - len(plain(well_formed(document)))
    last = document.rsplit("\n", 1)[-1]
    assert held <= len(last)


@given(text=st.text(alphabet="*_~`[]()!<>&|-#+ \n\\$ab1.:/@", max_size=120))
def test_any_text_can_be_shown(text: str) -> None:
    """However odd the text, the work ends, and what is shown is no longer than closing it needs."""
    assert len(well_formed(text)) <= 2 * len(text) + 8
