"""Markdown on its way to Slack and back."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.blocks import LONGEST_TEXT, body_of
from adapters.slack.markup import for_stream, to_markdown, to_mrkdwn
from adapters.slack.names import named_users, without_address
from adapters.slack.names import to_markdown as from_slack
from core.markdown import readable
from core.ports import Draft

PING = re.compile(r"<(?:@|!|#)")
WORDS = st.text(alphabet=st.sampled_from("ab *_~`<>&|@!#-[]()\n."), max_size=80)

TABLE = "| a | b |\n|---|--:|\n| **1** | 22 |"


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**bold** and *slanted* and _too_", "*bold* and _slanted_ and _too_"),
        ("~~gone~~ `a < b`", "~gone~ `a &lt; b`"),
        ("[a page](https://example.org/?a=1&b=2)", "<https://example.org/?a=1&amp;b=2|a page>"),
        ("![cat](https://example.org/c.png)", "<https://example.org/c.png|cat>"),
        ("## A *title* ##", "*A _title_*"),
        ("- one\n  * two\n- [x] done", "• one\n  • two\n• ☑ done"),
        ("> said", "> said"),
        ("> > said twice", "> said twice"),
        ("**in _three ~~ways~~_ at once**", "*in _three ~ways~_ at once*"),
        ("---", "─" * 12),
        ("```python\na < b\n```", "```\na &lt; b\n```"),
        ("~~~\n**raw**\n~~~", "```\n**raw**\n```"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("a<br>b", "a\nb"),
        (r"\*not bold\*", "*not bold*"),
        ("[x](javascript:alert)", "x (javascript:alert)"),
        (TABLE, "```\na │  b\n──┼───\n1 │ 22\n```"),
    ],
)
def test_mrkdwn(markdown: str, mrkdwn: str) -> None:
    """What Slack's older dialect knows is said in it, and the rest stays readable."""
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**bold** & `a < b`", "**bold** &amp; `a &lt; b`"),
        ("> quote -> end", "> quote -> end"),
        ("![cat](https://example.org/c.png)", "[cat](https://example.org/c.png)"),
        ("`![cat](x)`", "`![cat](x)`"),
        (TABLE, "```\na │  b\n──┼───\n1 │ 22\n```"),
    ],
)
def test_markdown_blocks(markdown: str, shown: str) -> None:
    """Slack reads Markdown itself, so only tables, pictures and what could call somebody are changed."""
    assert to_markdown(markdown) == shown


@pytest.mark.parametrize(
    ("slack", "markdown"),
    [
        ("*bold* _slanted_ ~gone~", "**bold** _slanted_ ~~gone~~"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("<@U1> and <@U2|bob> and <@U3>", "@Ann and @bob and @someone"),
        ("<#C1|help> <#C2|>", "#help #channel"),
        ("<!here> <!subteam^S1|@crew> <!subteam^S1> <!date^1^{date}|May 1>", "@here @crew @subteam May 1"),
        ("<https://a.example/x_y_z>", "https://a.example/x_y_z"),
        ("<https://a.example|the *page*>", "[the *page*](https://a.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<http://a.example|a.example>", "http://a.example"),
        ("`*raw* &lt; <https://a.example>`", "`*raw* < https://a.example`"),
        ("```*raw*\n&lt;```", "```*raw*\n<```"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("a\x00b\r\nc\u2028d", "ab\ncd"),
        ("unclosed <@U1", "unclosed <@U1"),
    ],
)
def test_from_slack(slack: str, markdown: str) -> None:
    """What people type becomes Markdown with names in it, and code stays as it was."""
    assert from_slack(slack, {"U1": "Ann"}) == markdown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@B> hello", "hello"),
        ("<@B>: <@B|parley>, hello", "hello"),
        ("hello <@B>?", "hello?"),
        ("what does <@B> do", "what does <@B> do"),
        ("<@B>", ""),
        ("<@C> hello", "<@C> hello"),
    ],
)
def test_address(text: str, left: str) -> None:
    """A mention that merely calls the bot is no part of the question; one within the sentence is."""
    assert without_address(text, "B") == left


def test_named_users() -> None:
    """People named in code are not meant."""
    assert named_users("<@U1> `<@U2>` <@W3|x> <@U1>") == ("U1", "W3")


@given(WORDS)
def test_nothing_calls(text: str) -> None:
    """Whatever a model writes, nothing in it is one of Slack's tokens that calls somebody or links to a place."""
    assert not PING.search(to_mrkdwn(text))
    assert "<" not in to_markdown(text)
    assert "<" not in for_stream(text)


@pytest.mark.parametrize("call", ["<@U1>", "<!channel>", "<!here|x>"])
def test_formulas_call_nobody(call: str) -> None:
    """What is written as a formula is read before it is made harmless."""
    shown = readable(f"$x = {call}$")
    assert "$" not in shown
    assert not PING.search(to_mrkdwn(shown))
    assert "<" not in to_markdown(shown) + for_stream(shown)


def test_formulas() -> None:
    """They are text by then, whose signs are escaped like any other."""
    shown = readable(r"$\frac{a}{b} \lt x^2$ and **$y_1$**")
    assert to_mrkdwn(shown) == "a/b &lt; x² and *y₁*"
    assert to_markdown(shown) == "a/b &lt; x² and **y₁**"


@given(WORDS, WORDS)
def test_streams_only_grow(before: str, after: str) -> None:
    """What was sent of a stream is the beginning of what will be sent."""
    assert for_stream(before + after) == for_stream(before) + for_stream(after)


@pytest.mark.parametrize(
    "text",
    [
        "`" * 50_000,
        "*a" * 50_000,
        "[" * 50_000,
        "<@" * 50_000,
        " " * 100_000,
        "~~" * 50_000,
        "_a " * 40_000,
        "**" + "a_" * 20,
        "**" + "a_" * 50_000,
        "__" + "a_" * 50_000,
        "**" + "a__" * 30_000,
        "**" + "snake_case_name " * 6_000 + "`code`**",
        "> " * 5_000,
        "_" * 3_000 + "a" + "_" * 3_000,
    ],
)
def test_long_oddities(text: str) -> None:
    """Texts that are hard for patterns, or made of marks within marks, are read in a short time in either direction."""
    began = time.monotonic()
    from_slack(without_address(text, "B"), {})
    named_users(text)
    body = body_of(Draft(text=text[:12_000]))
    assert len(body["text"]) <= LONGEST_TEXT
    assert time.monotonic() - began < 2
