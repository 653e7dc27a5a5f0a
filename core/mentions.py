"""People, roles and channels in words of our own, which each platform shows by the names that its reader knows.

We keep ids. A text for people holds a mark, as for instants (moments.py), and the adapter puts the platform's own
mention in its place; nobody is called by it, since adapters forbid that. The text of a model's answer is never read for
marks. A mark does not belong into code, tables or files, where platforms show no mentions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

_OPENS, _CLOSES = "\ue5a2", "\ue5a3"
"""Of Unicode's private use: no keyboard has them, and no Markdown reads them."""


class Mentioned(StrEnum):
    """What is mentioned."""

    PERSON = "p"
    ROLE = "r"
    """A role on Discord, a user group on Slack."""
    CHANNEL = "c"


_MARK = re.compile(f"{_OPENS}([prc])([A-Za-z0-9]{{1,40}}){_CLOSES}")
_ID = re.compile(r"[A-Za-z0-9]{1,40}")


def mention(kind: Mentioned, id: str) -> str:
    """The mark of whom that id names; the id itself where it is none of a platform's."""
    return f"{_OPENS}{kind.value}{id}{_CLOSES}" if _ID.fullmatch(id) else id


def has_mentions(text: str) -> bool:
    """Whether there is a mark in it."""
    return _MARK.search(text) is not None


def rendered(text: str, show: Callable[[Mentioned, str], str]) -> str:
    """The text with what `show` makes of kind and id in place of each mark."""
    return _MARK.sub(lambda found: show(Mentioned(found[1]), found[2]), text)


def plain(text: str) -> str:
    """The text with ids, for where no platform shows mentions: files and the command line."""
    return rendered(text, lambda _, id: id)


def unmarked(text: str) -> str:
    """Words of others, without the signs that stand for people and instants in words of ours (also those of
    moments.py)."""
    return "".join(sign for sign in text if not "\ue5a0" <= sign <= "\ue5a3")
