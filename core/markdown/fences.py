"""Fenced code: which fence is open after a line, and how it is closed and opened again."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPENING = re.compile(r"((?:[ \t]*>)*[ \t]*)((?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*)(`{3,}|~{3,})[ \t]*([^\n]*)")
_CLOSING = re.compile(r"(?:[ \t]*>)*[ \t]*(`{3,}|~{3,})[ \t]*$")

DEEPEST = 12
"""Characters of indentation and quote marks before a fence; beyond, it is taken for text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """An open fence."""

    prefix: str
    """What stands before it on its line: quote marks, spaces, and spaces in place of list markers."""
    marks: str
    info: str

    @property
    def opening(self) -> str:
        """The line that opens it again."""
        return f"{self.prefix}{self.marks}{self.info}\n"

    @property
    def closing(self) -> str:
        """The line that closes it."""
        return self.prefix + self.marks


def fence_after(line: str, fence: Fence | None) -> Fence | None:
    """The fence that is open after a whole line, given the one that was open before it."""
    if fence is not None:
        return None if closes(line, fence) else fence
    found = _OPENING.match(line)
    if found is None or (found[3][0] == "`" and "`" in found[4]):
        return None
    prefix = found[1] + " " * len(found[2])
    if len(prefix) > DEEPEST:
        return None
    return Fence(prefix=prefix, marks=found[3], info=found[4].rstrip())


def closes(line: str, fence: Fence) -> bool:
    """Whether the line ends the fence. Models indent it as they like, so any indentation counts."""
    found = _CLOSING.match(line)
    return found is not None and found[1][0] == fence.marks[0] and len(found[1]) >= len(fence.marks)


def begins_closing(line: str, fence: Fence) -> bool:
    """Whether the line may yet become the one that ends the fence."""
    rest = line.strip(" \t>")
    return 0 < len(rest) < len(fence.marks) and not rest.strip(fence.marks[0])


def open_fence(text: str) -> Fence | None:
    """The fence left open at the end of the text."""
    fence: Fence | None = None
    for line in text.split("\n"):
        fence = fence_after(line, fence)
    return fence
