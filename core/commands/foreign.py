"""Words that people or models chose, within sentences of ours: without any power over what stands around them. Pure."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """A name or a value on one line, without marks."""
    return "".join(letter if letter.isalnum() or letter in " .,-:;/+%#()'" else " " for letter in text).strip()


def coded(text: str) -> str:
    """The text on one line, exactly as it is."""
    line = " ".join(text.split())
    ticks = "`" * (_longest_run(line) + 1)
    edge = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{edge}{line}{edge}{ticks}" if line else "nothing"


def fenced(text: str, language: str = "") -> str:
    """The text as a block, exactly as it is."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def cut(text: str, most: int) -> str:
    """The text, or its beginning with a sign that it goes on."""
    return text if len(text) <= most else f"{text[: most - 2].rstrip()}\n…"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
