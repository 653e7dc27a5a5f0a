"""Markdown in Discord's dialect and back."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.markup import RULE, ZERO_WIDTH, to_discord
from adapters.discord.names import Names, mentioned_ids, to_markdown, without_address
from core.markdown import readable

SHOWN = [
    ("**bold** *it* ~~gone~~ `code`", "**bold** *it* ~~gone~~ `code`"),
    ("__bold__ and __init__.py's `__init__`", "**bold** and **init**.py's `__init__`"),
    ("# One\n### Three\n#### Four **deep**\n###### Six ##", "# One\n### Three\n**Four deep**\n**Six**"),
    ("---", RULE),
    ("* * *", RULE),
    ("- [ ] open\n- [x] done\n+ plus\n  1) one", "- ☐ open\n- ☑ done\n- plus\n  1. one"),
    ("- a\n  - b\n    - c", "- a\n  - b\n    - c"),
    ("[docs](https://a.b/c)", "[docs](<https://a.b/c>)"),
    ('[docs](<https://a.b/c> "Title")', "[docs](<https://a.b/c>)"),
    ("[wiki](https://a.b/c_(d))", "[wiki](<https://a.b/c_(d)>)"),
    ("[https://a.b](https://a.b)", "<https://a.b>"),
    ("[https://bank.com](https://evil.com)", "<https://bank.com> (<https://evil.com>)"),
    ("[file](docs/a.md) [part](#x)", "file (docs/a.md) part"),
    ("![a cat](https://a.b/cat.png)", "[a cat](<https://a.b/cat.png>)"),
    ("![](https://a.b/cat.png)", "<https://a.b/cat.png>"),
    ("[![build](https://a.b/i.svg)](https://ci)", "[build](<https://ci>)"),
    ("see https://a.b/c?d=e, (https://f.g/h).", "see <https://a.b/c?d=e>, (<https://f.g/h>)."),
    ("<https://a.b>", "<https://a.b>"),
    ("if a || b || c", "if a \\|\\| b \\|\\| c"),
    ("`a || b`", "`a || b`"),
    (">>> all\n> > two", "> all\n> two"),
    ("-# small", "\\-# small"),
    ("one<br>two\\", "one\ntwo"),
    ("</b> 1 < 2 <#include>", "</b> 1 < 2 <#include>"),
    ("~~~python title=x\nprint()\n~~~", "```python\nprint()\n```"),
    ("````\n```\n````", f"```\n`{ZERO_WIDTH}``\n```"),
    ("1. x\n   ```sh\n   ls\n   ```", "1. x\n   ```sh\n   ls\n   ```"),
]


@pytest.mark.parametrize(("markdown", "shown"), SHOWN)
def test_dialect(markdown: str, shown: str) -> None:
    """What Discord does not know is put in a way it does; what it knows is left alone."""
    assert to_discord(markdown) == shown


def test_tables_become_columns() -> None:
    """Discord knows no tables, so they are drawn in a code block, where marks would be read as text."""
    table = "| **Name** | n |\n|---|--:|\n| `a_b` | 1 |\n| [x](https://a.b) | 22 |"
    drawn = to_discord(f"Look:\n\n{table}\n\nDone")
    assert drawn.startswith("Look:\n\n```\n")
    assert drawn.endswith("\n```\n\nDone")
    lines = drawn.split("```\n")[1].splitlines()
    assert lines[0].split() == ["Name", "│", "n"]
    assert lines[2].split() == ["a_b", "│", "1"]
    assert "https://a.b" in lines[3]
    assert len({line.find("│") for line in (lines[0], lines[2], lines[3])}) == 1


def test_wide_tables_become_lists() -> None:
    """A table wider than the window would be torn into unreadable lines, so each row becomes an item."""
    long = "word " * 20
    assert to_discord(f"| Name | What | Why |\n|---|---|---|\n| a | {long}| b |") == (
        f"- **a**\n  - What: {long.strip()}\n  - Why: b"
    )


@pytest.mark.parametrize(
    "mention", ["@everyone", "@here", "<@123>", "<@!123>", "<@&9>", "<#5>", "</ask:7>", "<id:home>"]
)
def test_mentions_are_text(mention: str) -> None:
    """What the model writes forges no mention; people still read what it meant."""
    for text in (
        mention,
        f"hi {mention}!",
        f"\\{mention}",
        f"**{mention}**",
        f"# {mention}",
        f"[x{mention}](https://a.b)",
    ):
        shown = to_discord(text)
        assert mention not in shown
        assert mention in shown.replace(ZERO_WIDTH, "")


@given(st.text(alphabet="ab @everyone<>#123*_~|[]()!-.\\\n:/hps ", max_size=80))
def test_no_text_pings(text: str) -> None:
    """Whatever is written, outside of code nothing is left that Discord would read as a mention."""
    assert not re.search(r"@(everyone|here)\b|<@[!&]?\d+>|<#\d+>", to_discord(text))


@pytest.mark.parametrize("mention", ["@everyone", "@here", "<@123>", "<@&123>", "<#123>"])
def test_formulas_mention_nobody(mention: str) -> None:
    """What is written as a formula is read before it is made harmless."""
    shown = readable(f"$x = {mention}$")
    assert "$" not in shown
    assert not re.search(r"@(everyone|here)\b|<@[!&]?\d+>|<#\d+>", to_discord(shown))


def test_formulas() -> None:
    """They are text by then, in which no star is one of Discord's marks."""
    assert to_discord(readable(r"$\frac{a}{b} \cdot x*y*z$ and **$y_1$**")) == "a/b · x∗y∗z and **y₁**"
    assert "||" not in to_discord(readable("$||x|| = 1$"))


@given(st.text(max_size=400).filter(lambda text: "|" not in text and "](" not in text))
def test_no_word_is_lost(text: str) -> None:
    """No text breaks the translation, and every word of it is still there."""
    words = re.compile(r"[a-z]{3,}")
    assert words.findall(to_discord(text)) == words.findall(text)


@given(st.text(alphabet="abc @everyone |<>*_\n", max_size=120).filter(lambda text: "`" not in text))
def test_code_keeps_every_character(code: str) -> None:
    """In a code block nothing is changed: people copy it."""
    assert to_discord(f"```\n{code}\n```") == f"```\n{code}\n```"


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "`",
        " __a b",
        "![](",
        "[a](",
        "<@",
        "https://",
        "\\",
        "[[a](b",
        "*a",
        "|",
        "- ",
        "> ",
        "# ",
        "_ ",
        "` ",
        "``a`",
    ],
)
def test_time_grows_with_length_only(piece: str) -> None:
    """A hundred thousand characters, however odd, are translated in a moment."""
    began = time.perf_counter()
    to_discord(piece * (100_000 // len(piece)))
    to_discord("https://a" + ")" * 50_000 + " (" + "(" * 20_000)
    assert time.perf_counter() - began < 2


def test_ids_become_names() -> None:
    """The model reads names where the wire carries ids; unknown ones say so."""
    names = Names(users={"1": "Ann"}, roles={"2": "Admins"}, channels={"3": "general"})
    text = "<@1> <@!1> <@9> <@&2> <#3> <a:wave:55> </ask:66> <t:0:R> `<@1>`"
    assert to_markdown(text, names) == ("@Ann @Ann @someone @Admins #general :wave: /ask 1970-01-01 00:00 UTC `<@1>`")
    assert to_markdown("<t:999999999999>", Names()) == "999999999999"
    assert mentioned_ids("<@&2> <#3> <@1> `<#4>`") == {"2", "3"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@1> hello", "hello"),
        ("<@!1>, hello", "hello"),
        ("<@1> <@1>: hello", "hello"),
        ("hello <@1>", "hello"),
        ("are you there <@1>?", "are you there?"),
        ("tell <@2> about <@1> today", "tell <@2> about <@1> today"),
        ("<@1>", ""),
        ("hello", "hello"),
    ],
)
def test_calling_the_bot_is_no_part_of_the_question(text: str, left: str) -> None:
    """Its name is taken off the beginning and the end; in the middle of a sentence it is a word."""
    assert without_address(text, frozenset({"<@1>", "<@!1>"})) == left
