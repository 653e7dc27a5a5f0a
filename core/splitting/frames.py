"""What a part needs around it: what it leaves open is closed at its end and opened again where the next one begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.markdown.blocks import Line, Role, block_prefix, quote_prefix, read_lines
from core.markdown.emphasis import Run, still_open
from core.markdown.fences import Fence, begins_closing, closes, fence_after, open_fence
from core.markdown.inline import Inline, Kind, read_inline
from core.markdown.unfinished import closing_marks
from core.tables import CELL_END

LINK_PATIENCE = 500
"""Characters after a lone bracket within which a link's end is still expected, when a cut is looked for."""
DEEPEST_CLOSING = 3
"""Spaces before a closing fence, beyond those of its opening line, that every platform accepts."""
LONGEST_INFO = 40

_BLANK_BEGINNING = re.compile(r"(?:[ \t]*\n)*(?:[ \t]{40,})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A part as it is shown, and how the next one begins."""

    shown: str
    following: str


def closed(whole: str, *, padded: bool = False) -> str:
    """The text without blank ends, its open fence closed. Padded, no line that closes a fence is less indented than
    the one that opens it: so measured, a text never becomes shorter when it goes on."""
    if beginning := _BLANK_BEGINNING.match(whole):
        whole = whole[beginning.end() :]
    whole = whole.rstrip()
    if "```" not in whole and "~~~" not in whole:
        return whole
    return _fences_closed(whole.split("\n"), padded)


def _fences_closed(lines: list[str], padded: bool) -> str:
    fence: Fence | None = None
    opened = 0
    for number, line in enumerate(lines):
        before, fence = fence, fence_after(line, fence)
        if before is None and fence is not None:
            opened = number
        if before is not None and fence is None:
            lines[number] = _closing_line(line, before, padded)
    if fence is None:
        return "\n".join(lines)
    if begins_closing(lines[-1], fence):
        del lines[-1]
    if opened == len(lines) - 1 and padded:
        return "\n".join(lines)
    return "\n".join([*lines, fence.closing])


def without_empty_code(whole: str) -> str:
    """The text without code at its very end of which only the fence is there; alone, it loses its marks."""
    bare = whole.rstrip()
    lines = read_lines(bare)
    last = lines[-1]
    if last.role is Role.CODE and last.fence and begins_closing(bare[last.start :], last.fence):
        last = lines[-2]
    if last.role is not Role.FENCE_OPENS:
        return whole
    return bare[: last.start].rstrip() or bare.lstrip(" \t>`~") or whole


def _closing_line(line: str, fence: Fence, padded: bool) -> str:
    bare = line.lstrip(" \t>")
    deeper = len(line) - len(bare) - len(fence.prefix)
    return fence.prefix + bare if deeper > DEEPEST_CLOSING or (padded and deeper < 0) else line


def framed(whole: str, upcoming: str) -> Frame:
    """The part that ends between `whole` and `upcoming`."""
    lines = read_lines(whole + upcoming)
    here = next(number for number, line in enumerate(lines) if line.end > len(whole) or number == len(lines) - 1)
    line = lines[here]
    before = lines[here - 1] if here and line.start == len(whole) else line
    if (fence := _open_fence(before)) is not None:
        return Frame(shown=closed(without_empty_code(whole)), following=_opening(fence))
    if line.role is Role.TABLE_ROW and line.header is not None:
        header = whole[slice(*line.header)]
        if line.start == len(whole):
            return Frame(shown=closed(whole), following=header)
        return _within_row(_within_block(whole, upcoming, lines[: here + 1]), header, whole[line.start :])
    if line.start == len(whole) and line.begins:
        return Frame(shown=closed(whole), following="")
    return _within_block(whole, upcoming, lines[: here + 1])


def _within_row(cut: Frame, header: str, row: str) -> Frame:
    """A row that is longer than a message: what is left of it stands in its columns below the header again."""
    bare = row[len(quote_prefix(row)) :]
    pipes = len(CELL_END.findall(bare))
    before = pipes - bare.startswith("|")
    shown = cut.shown if CELL_END.search(cut.shown[-2:]) else f"{cut.shown} |"
    return Frame(shown=shown, following=f"{header}{quote_prefix(row)}|{' |' * before} {cut.following.lstrip('> ')}")


def _open_fence(line: Line) -> Fence | None:
    return line.fence if line.role in (Role.CODE, Role.FENCE_OPENS) else None


def _opening(fence: Fence) -> str:
    """The fence as it is opened again: indented as far as it can be without its list around it."""
    quote = fence.prefix if ">" in fence.prefix else ""
    spaces = "" if quote or len(fence.prefix) > DEEPEST_CLOSING else fence.prefix
    info = fence.info if len(fence.info) <= LONGEST_INFO else ""
    return f"{quote}{spaces}{fence.marks}{info}\n"


def _within_block(whole: str, upcoming: str, lines: list[Line]) -> Frame:
    start = next((line.start for line in reversed(lines) if line.begins and line.start < len(whole)), 0)
    block = whole[start:]
    found = read_inline(block + upcoming, block_prefix(block), patience=LINK_PATIENCE)
    ticks = _open_code(block + upcoming, found, len(block))
    stack = still_open([run for run in found.runs if run.end <= len(block)])
    openers = "".join(run.mark * run.left for run in stack)
    kept = _without_last_openers(block.rstrip(), stack)
    closers = "".join(run.mark * run.left for run in reversed(stack))
    quote = quote_prefix(block) if whole[-1:] != "\n" and block.lstrip().startswith(">") else ""
    body = closed(whole[:start] + kept)
    ending = closing_marks(body, ticks + closers)
    return Frame(shown=body + ending, following=quote + openers + ticks)


def _without_last_openers(block: str, stack: list[Run]) -> str:
    """Marks at the very end open what the next part begins with."""
    kept = block
    while stack and stack[-1].end >= len(kept):
        kept = kept[: stack[-1].start].rstrip()
        stack.pop()
    return kept or block


def _open_code(block: str, found: Inline, end: int) -> str:
    """The backticks of the code span that goes on over the cut."""
    pending = found.unfinished
    if pending is not None and pending.kind is Kind.CODE and pending.start + pending.marks < end:
        return "`" * pending.marks
    for start, stop in found.atoms:
        if start < end < stop and block[start] == "`":
            marks = len(block) - start - len(block[start:].lstrip("`"))
            return "`" * marks if start + marks < end < stop - marks else ""
    return ""


def sealed(whole: str) -> Frame:
    """A part that ends here in any case and keeps every character it has, also a fence without any code: people see
    them already."""
    frame, bare = framed(whole, ""), whole.rstrip()
    if frame.shown.startswith(bare):
        return Frame(shown=whole if frame.shown == bare else frame.shown, following=frame.following)
    fence = open_fence(bare)
    return Frame(shown=f"{bare}\n{fence.closing}" if fence else whole, following=frame.following)


def is_closing_begun(content: str, fence: Fence) -> bool:
    """Whether a line of code is, or may become, the end of the fence."""
    return closes(content, fence) or begins_closing(content, fence)
