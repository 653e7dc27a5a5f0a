"""Markdown that is still being written, made well formed for showing.

Only the last block can be unfinished. What is open there is closed (a fence, bold, code), a link without its end shows
as its text, and what means nothing yet is held back: a lone marker, half a mention or formula, a table without its
delimiter row or the row being written. So what people see only grows; nothing flickers. Finished text stays as it is.
The work is linear in the length of one message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.markdown.blocks import Line, Role, block_prefix, read_lines
from core.markdown.emphasis import Run, still_open
from core.markdown.fences import begins_closing, fence_after
from core.markdown.formulas import undecided
from core.markdown.inline import Inline, Kind, Unfinished, read_inline

_MARKERS = re.compile(r"(?:[ \t]*+>)*+[ \t]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+")
_MARKER = re.compile(r"(?:\d{1,4}[.)]?|#{1,6}|\[[ xX]?\]?|!)?\Z")
_DELIMITERS_BEGUN = re.compile(r"(?:[ \t]*>)*[-:| \t]*\Z")


def well_formed(text: str) -> str:
    """What may be shown of a text that goes on."""
    text = text[: undecided(text)]
    lines = read_lines(text)
    if len(lines) > 1 and text.endswith("\n"):
        del lines[-1]
    last = lines[-1]
    if last.role in (Role.CODE, Role.FENCE_OPENS):
        return _code_closed(text, lines)
    if last.role is Role.BLANK and text[last.start :].strip():
        return text[: last.start].rstrip()
    if last.role in (Role.FENCE_CLOSES, Role.BLANK):
        return text
    first = next(number for number in range(len(lines) - 1, -1, -1) if lines[number].begins or number == 0)
    return _block_closed(text, lines[first:])


# ── code ──


def _code_closed(text: str, lines: list[Line]) -> str:
    """An open fence is closed; one without any code is not shown yet."""
    opening = next(line for line in reversed(lines) if line.role is Role.FENCE_OPENS)
    fence = opening.fence
    assert fence is not None
    end = lines[-1].start if begins_closing(text[lines[-1].start :], fence) else len(text)
    if not text[opening.end : end].strip():
        return text[: opening.start].rstrip()
    return f"{text[:end].rstrip()}\n{fence.closing}"


# ── a paragraph, an item, a table ──


def _block_closed(text: str, lines: list[Line]) -> str:
    start = lines[0].start
    visible = _visible_end(text, lines)
    if visible < len(text):
        text = text[:visible].rstrip()
    if len(text) <= start:
        return text.rstrip()
    shown = text[start:] if lines[0].role is Role.TABLE_HEADER else _inline(text[start:])
    return text[:start] + shown if shown.strip() else text[:start].rstrip()


def _visible_end(text: str, lines: list[Line]) -> int:
    """Where the lines begin that are held back because they do not mean anything yet."""
    last = lines[-1]
    line, terminated = text[last.start : last.end], text.endswith("\n")
    before = lines[-2] if len(lines) > 1 else None
    if last.role is Role.TABLE_ROW and not terminated:
        return last.start
    if last.role is Role.TABLE_DELIMITERS and before is not None and not terminated:
        return before.start
    if before is not None and not terminated and _heads_table(text, before) and _DELIMITERS_BEGUN.match(line):
        return before.start
    alone = not terminated and _is_marker(line)
    return last.start if alone or _heads_table(text, last) else len(text)


def _is_marker(line: str) -> bool:
    """Whether the line so far is nothing but what may begin an item, a heading, a rule or a row of delimiters."""
    found = _MARKERS.match(line)
    bare = line[found.end() if found else 0 :].strip()
    return not bare.strip("-+=_*`~ ") or not bare.strip("-:| \t") or _MARKER.match(bare) is not None


def _heads_table(text: str, line: Line) -> bool:
    """Whether the line looks like a table's header whose delimiter row is still to come."""
    return line.role is Role.TEXT and text[line.start : line.end].lstrip(" \t>").startswith("|")


# ── inline ──


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEnd:
    """How a piece of a paragraph ends."""

    kept: str
    """Without a marker at its end that has nothing to mark."""
    openers: str
    """What is open, as it would be opened again."""
    closers: str


def _inline(block: str) -> str:
    start = block_prefix(block)
    found = read_inline(block, start, awaits_formulas=False)  # they are held back already
    kept, found = _without_unfinished(block, found)
    ended = open_end(kept, found)
    if ended.kept == block and not ended.closers:
        return block
    body = ended.kept.rstrip()
    return body + closing_marks(body, ended.closers) if len(body) > start or ended.closers else body[:start].rstrip()


def closing_marks(text: str, closers: str) -> str:
    """The closers, unless they would join other marks and open a fence, or lengthen a run of backticks."""
    line = text[text.rfind("\n") + 1 :] + closers
    joined = closers.startswith("`") and text[-1:] in ("`", "\n")
    return "" if joined or fence_after(line, None) is not None else closers


def _without_unfinished(block: str, found: Inline) -> tuple[str, Inline]:
    unfinished = found.unfinished
    match unfinished:
        case None | Unfinished(kind=Kind.CODE):
            return block, found
        case Unfinished(kind=Kind.LINK, start=start, text=(begin, end)):
            kept = block[:start] + block[begin:end]
            return kept, Inline(runs=_moved(found.runs, start, begin))
        case Unfinished(start=start):
            return block[:start], Inline(runs=[run for run in found.runs if run.end <= start])


def _moved(runs: list[Run], start: int, begin: int) -> list[Run]:
    """The runs behind a mark that is left out."""
    for run in runs:
        if run.start >= begin:
            run.start -= begin - start
            run.end -= begin - start
    return runs


def open_end(text: str, found: Inline) -> OpenEnd:
    """What is open at the end of a paragraph's beginning, and how to close it."""
    code = found.unfinished if found.unfinished and found.unfinished.kind is Kind.CODE else None
    kept, ticks = text, ""
    if code is not None:
        content = text[code.start + code.marks :].rstrip("` \t\n")
        if content.strip():
            kept, ticks = text[: code.start + code.marks] + content, "`" * code.marks
        else:
            kept = text[: code.start]
    kept, stack = _emphasis(kept, found.runs, at_end=not ticks)
    openers = "".join(run.mark * run.left for run in stack)
    return OpenEnd(kept=kept, openers=openers + ticks, closers=ticks + openers[::-1])


def _emphasis(text: str, runs: list[Run], *, at_end: bool) -> tuple[str, list[Run]]:
    last = runs.pop() if at_end and runs and runs[-1].end == len(text) else None
    stack = still_open(runs)
    if last is not None and not _completes(last, stack):
        text = text[: last.start]
    while at_end and stack and stack[-1].end >= len(text.rstrip()):
        text = text[: stack.pop().start]
    return text, stack


def _completes(run: Run, stack: list[Run]) -> bool:
    """Whether the run at the very end closes whole openers; if so they are taken from the stack."""
    left, depth = run.left, len(stack)
    while run.closes and depth and left and stack[depth - 1].mark == run.mark and stack[depth - 1].left <= left:
        left -= stack[depth - 1].left
        depth -= 1
    if left:
        return False
    del stack[depth:]
    return True
