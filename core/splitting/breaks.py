"""Where a text that is too long is cut: the places a reader would choose, from best to worst."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from core.markdown.blocks import Line, Role, block_prefix, quote_prefix, read_lines
from core.markdown.inline import read_inline
from core.splitting.frames import LINK_PATIENCE, is_closing_begun
from core.splitting.graphemes import boundary_before

HALF = 0.5
"""A good place is taken when the part is at least so full; else the next kind of place is looked for."""
TENTH = 0.1


class Rank(IntEnum):
    """How good a place is. The smaller, the better."""

    PARAGRAPH = 0
    LINE = 1
    """Between items of a list, rows of a table, lines of code."""
    INNER = 2
    """A line break within a paragraph or a list item, or between the cells of a row."""
    SENTENCE = 3
    WORD = 4


@dataclass(frozen=True, slots=True)
class _Place:
    position: int
    rank: Rank


_GAP = re.compile(r"[ \t]*\n[ \t>]*|[ \t]+|(?<=[。！？；，、])(?=\S)")
_SENTENCE_END = re.compile(r"""[.!?…。！？；:;]["'”’»)\]*_`~]*\Z""")
_MARKS = re.compile(r"[\s*_~>#+-]*(?:\d{1,9}[.)]\s+)?[\s*_~]*(?:(?:`{3,}[^`\n]*|~{3,}[^\n]*)\n\s*)?")
_DELIMITERS = re.compile(r"[-:| \t>]*\Z")


def best_break(window: str, base: int) -> int:
    """Where to cut: behind `base`, and before the window's last character, which is the first one too many."""
    cut = _place(window, base)
    content = _over_space(window, cut)
    return content if content - cut > (len(window) - base) // 4 else cut


def _place(window: str, base: int) -> int:
    lines = read_lines(window)
    first = _first_content(window, base)
    places = [place for place in _line_places(window, lines) if place.position > first]
    chosen = _chosen(places, base, len(window))
    if chosen is not None:
        return chosen
    row = _row_start(window, lines)
    if row is not None and row > first:
        return row
    atoms: list[tuple[int, int]] = []
    for block in _blocks(lines):
        if block[2] is Role.TABLE_HEADER and block[1] < len(window):
            continue  # rows follow, and would be none without it
        places += (place for place in _inner_places(window, block, atoms) if place.position > first)
    chosen = _chosen(places, base, len(window))
    if chosen is not None:
        return chosen
    return _last_resort(window, places, atoms, first)


def _first_content(window: str, base: int) -> int:
    """Behind the blanks and marks at the beginning, which would be nothing by themselves."""
    found = _MARKS.match(window, base)
    return min(found.end() if found else base, len(window) - 2)


def _chosen(places: list[_Place], base: int, end: int) -> int | None:
    """The last place of the best kind that leaves the part well filled."""
    least = base + (end - base) * HALF
    for rank in Rank:
        fitting = [place.position for place in places if place.rank is rank and least <= place.position < end]
        if fitting:
            return max(fitting)
    return None


def _last_resort(window: str, places: list[_Place], atoms: list[tuple[int, int]], first: int) -> int:
    """One long word, or a link that does not fit beside what stands before it."""
    end = len(window) - 1
    atom = next((atom for atom in atoms if atom[0] < end < atom[1]), None)
    hard = boundary_before(window, end if atom is None or atom[0] <= first else atom[0], first)
    earlier = max((place.position for place in places if place.position <= end), default=0)
    if atom is not None and hard < end:
        return max(hard, earlier)
    return earlier if earlier - first > (end - first) * TENTH else _line_start(window, _over_space(window, hard), first)


def _over_space(window: str, position: int) -> int:
    while position < len(window) - 1 and window[position].isspace():
        position += 1
    return position


def _line_start(window: str, position: int, first: int) -> int:
    """The position, or that of its line where only indentation is between."""
    line = window.rfind("\n", 0, position) + 1
    return line if line > first and not window[line:position].strip() else position


# ── between lines ──


def _line_places(window: str, lines: list[Line]) -> Iterator[_Place]:
    before: Line | None = None
    apart = False
    for line in lines:
        if not window[line.start : line.end].strip(" \t\n>"):
            apart = True
            continue
        if before is not None:
            rank = _rank(window, before, line, apart)
            if rank is not None:
                yield _Place(line.start, rank)
        before, apart = line, False


def _rank(window: str, before: Line, line: Line, apart: bool) -> Rank | None:
    content = window[line.start : line.end]
    if line.role in (Role.TABLE_DELIMITERS, Role.FENCE_CLOSES) or before.role in (
        Role.FENCE_OPENS,
        Role.TABLE_DELIMITERS,
    ):
        return None
    if line.role is Role.CODE:
        return None if line.fence and is_closing_begun(content, line.fence) else Rank.LINE
    if line.role is Role.TABLE_ROW:
        return Rank.LINE
    if _DELIMITERS.match(content.rstrip("\n")) and "|" in window[before.start : before.end]:
        return None
    if before.role is Role.HEADING:
        return Rank.WORD
    return _block_rank(content, line, apart)


def _block_rank(content: str, line: Line, apart: bool) -> Rank:
    bare = content[len(content) - len(content.lstrip("> ")) :] if content.lstrip().startswith(">") else content
    nested = len(bare) - len(bare.lstrip()) >= 2
    if nested or not (line.begins or apart):
        return Rank.INNER
    if line.role is Role.ITEM or (line.role is Role.FENCE_OPENS and not apart):
        return Rank.LINE
    return Rank.PARAGRAPH


def _row_start(window: str, lines: list[Line]) -> int | None:
    """Where the row begins in which the window ends; the table itself, where no row stands before it. A row that is
    too long for any message is cut when it is the first of one."""
    last = next(number for number in range(len(lines) - 1, -1, -1) if lines[number].end > lines[number].start)
    line = lines[last]
    if line.role is Role.TABLE_ROW and lines[last - 1].role is Role.TABLE_ROW:
        return line.start
    if line.header is not None:
        return line.header[0]
    delimiters = last and _DELIMITERS.match(window[line.start : line.end].rstrip("\n"))
    heading = lines[last - 1] if delimiters else line
    bare = window[heading.start : heading.end].lstrip(" \t>")
    return heading.start if heading.role is Role.TEXT and bare.startswith("|") else None


# ── within lines ──


def _blocks(lines: list[Line]) -> Iterator[tuple[int, int, Role]]:
    """Start, end and role of each stretch that is read as one paragraph."""
    start, role = 0, lines[0].role
    for line in lines:
        alone = line.role in (Role.CODE, Role.TABLE_ROW)
        if line.start and (line.begins or alone):
            yield start, line.start, role
            start, role = line.start, line.role
    yield start, lines[-1].end, role


def _inner_places(window: str, block: tuple[int, int, Role], atoms: list[tuple[int, int]]) -> Iterator[_Place]:
    start, end, role = block
    text = window[start:end]
    spans = [] if role in (Role.CODE, Role.FENCE_OPENS) else _atoms(text)
    atoms.extend((start + begin, start + stop) for begin, stop in spans)
    prefix = block_prefix(text)
    reach = iter(spans)
    span = next(reach, None)
    for gap in _GAP.finditer(text, len(quote_prefix(text))):
        while span is not None and span[1] <= gap.start():
            span = next(reach, None)
        if role is Role.TABLE_ROW and not text[: gap.start()].strip("| \t>"):
            continue
        inside = span is not None and span[0] < gap.end() and gap.start() < span[1]
        if inside or gap.end() <= prefix or start + gap.end() >= len(window):
            continue
        yield _Place(start + gap.end(), _inner_rank(text, gap.start(), role))


def _inner_rank(text: str, end: int, role: Role) -> Rank:
    if role is Role.TABLE_ROW and text[end - 1 : end] == "|":
        return Rank.INNER
    sentence = role is not Role.CODE and _SENTENCE_END.search(text, max(0, end - 12), end)
    return Rank.SENTENCE if sentence else Rank.WORD


def _atoms(text: str) -> list[tuple[int, int]]:
    """What must not be cut, without what lies inside another, in order."""
    found = read_inline(text, block_prefix(text), patience=LINK_PATIENCE)
    spans = list(found.atoms)
    if found.unfinished is not None:
        spans.append((found.unfinished.start, len(text) + 1))
    outer: list[tuple[int, int]] = []
    for span in spans:
        while outer and outer[-1][0] >= span[0]:
            outer.pop()
        outer.append(span)
    return outer
