"""The lines of a Markdown text, each with the part it plays. Enough to find where a block begins, what is code and
what is a table; it is no full parser, and reads what models write, including fences indented too far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from core.markdown.fences import Fence, closes, fence_after
from core.tables import is_table_start


class Role(Enum):
    """What a line is."""

    BLANK = auto()
    TEXT = auto()
    HEADING = auto()
    RULE = auto()
    ITEM = auto()
    FENCE_OPENS = auto()
    CODE = auto()
    FENCE_CLOSES = auto()
    TABLE_HEADER = auto()
    TABLE_DELIMITERS = auto()
    TABLE_ROW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line and the part it plays."""

    start: int
    end: int
    """After its line break, where it has one."""
    role: Role
    begins: bool
    """Whether a new block begins here, so that nothing inline reaches over from the line before."""
    fence: Fence | None = None
    """The fence open after it; for a closing line, the one it closes."""
    header: tuple[int, int] | None = None
    """Where the header and delimiter row of the table stand to which this row belongs."""


_QUOTE = re.compile(r"(?:[ \t]*>)*[ \t]*")
_PREFIX = re.compile(r"(?:[ \t]*>)*[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\](?=[ \t])[ \t]*)?|#{1,6}[ \t]+)*")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_APART = (Role.BLANK, Role.HEADING, Role.RULE, Role.FENCE_CLOSES)


def read_lines(text: str) -> list[Line]:
    """All lines of the text in order. The last one may be unfinished, and empty."""
    reader = _LineReader(text)
    return list(reader.read())


def quote_prefix(line: str) -> str:
    """The quote marks and indentation at the beginning of a line."""
    found = _QUOTE.match(line)
    return found[0] if found else ""


def block_prefix(line: str) -> int:
    """How many characters before a line's own text are quote marks, list markers and heading marks."""
    found = _PREFIX.match(line)
    return found.end() if found else 0


class _LineReader:
    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._fence: Fence | None = None
        self._header: tuple[int, int] | None = None
        self._before: Role = Role.BLANK
        self._quoted = False

    def read(self) -> Iterator[Line]:
        start = 0
        for number, content in enumerate(self._lines):
            last = number == len(self._lines) - 1
            end = start + len(content) + (0 if last else 1)
            yield self._line(number, content, start, end)
            start = end

    def _line(self, number: int, content: str, start: int, end: int) -> Line:
        if self._fence is not None:
            return self._code(content, start, end)
        opened = fence_after(content, None)
        if opened is not None:
            self._fence, self._header = opened, None
            return self._made(Role.FENCE_OPENS, start, end, begins=True, fence=opened)
        role = self._role(number, content)
        if role is Role.TABLE_HEADER:
            self._header = (start, end + len(self._lines[number + 1]) + 1)
        elif role not in (Role.TABLE_DELIMITERS, Role.TABLE_ROW):
            self._header = None
        quoted = content.lstrip().startswith(">")
        begins = self._begins(role) or (quoted and not self._quoted)
        self._quoted = quoted
        return self._made(role, start, end, begins=begins)

    def _made(self, role: Role, start: int, end: int, *, begins: bool, fence: Fence | None = None) -> Line:
        self._before = role
        return Line(start=start, end=end, role=role, begins=begins, fence=fence, header=self._header)

    def _code(self, content: str, start: int, end: int) -> Line:
        fence = self._fence
        assert fence is not None
        if closes(content, fence):
            self._fence = None
            return self._made(Role.FENCE_CLOSES, start, end, begins=False, fence=fence)
        return self._made(Role.CODE, start, end, begins=False, fence=fence)

    def _begins(self, role: Role) -> bool:
        if role is Role.TEXT:
            return self._before in _APART
        return role not in (Role.TABLE_DELIMITERS, Role.TABLE_ROW)

    def _role(self, number: int, content: str) -> Role:
        bare = content[len(quote_prefix(content)) :].rstrip()
        if not bare:
            return Role.BLANK
        if self._before is Role.TABLE_HEADER:
            return Role.TABLE_DELIMITERS
        if _HEADING.match(bare):
            return Role.HEADING
        if _RULE.match(bare):
            return Role.RULE
        if _ITEM.match(bare):
            return Role.ITEM
        if self._before in (Role.TABLE_DELIMITERS, Role.TABLE_ROW):
            return Role.TABLE_ROW
        return Role.TABLE_HEADER if self._heads_table(number, bare) else Role.TEXT

    def _heads_table(self, number: int, bare: str) -> bool:
        if "|" not in bare or number + 1 >= len(self._lines):
            return False
        below = self._lines[number + 1]
        return is_table_start(bare, below[len(quote_prefix(below)) :])
