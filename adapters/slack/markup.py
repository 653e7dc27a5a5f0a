"""Markdown as models write it, in Slack's two dialects. Pure. The way back is names.py.

Slack's `markdown` blocks and streams read real Markdown, so there only tables and pictures are changed, and `&` and
`<` are escaped, in code as well: that is what keeps foreign text from calling people or hiding links (slack.md,
section 10). `mrkdwn` is Slack's older dialect, for notices and for whatever shows no blocks, such as notifications.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from core.markdown.fences import Fence, fence_after
from core.tables import Table, aligned, display_width, replace_tables

RULE = "─" * 12
WIDEST_TABLE = 90
"""Columns beyond which Slack's window breaks the lines of a code block; such a table becomes a list."""
DEEPEST = 8
"""Marks within marks that are read; a text made of them alone would exhaust the stack."""

_CODE = r"(?<!`)(?P<ticks>`{1,8})(?!`).+?(?<!`)(?P=ticks)(?!`)"
_URL = r"<?(?P<{0}>[^\s<>()]*+(?:\([^\s<>()]*+\)[^\s<>()]*+)*+)>?(?:[ \t]++(?:\"[^\"]*+\"|'[^']*+'))?"
_LABEL = r"(?P<{0}>(?:[^\[\]\\]|\\.|\[[^\[\]]*+\])*+)"
_PICTURE = re.compile(rf"(?P<code>{_CODE})|!\[" + _LABEL.format("label") + r"\]\(" + _URL.format("url") + r"\)")
# No character may be read in two ways, and no mark within a word may open: a model may write anything, and with
# either the time would grow with the length's square, or double with each character.
_INLINE = re.compile(
    rf"(?P<code>{_CODE})"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!?\[" + _LABEL.format("label") + r"\]\(" + _URL.format("url") + r"\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|(?P<bare>https?://[^\s<>]+)"
    r"|(?P<newline><br[ \t]*/?>)"
    r"|(?P<bold>\*\*|(?<!\w)__)(?=\S)(?P<strong>(?:[^`*_\n]|\*(?!\*)|_(?:(?!_)|(?<=\w_)(?=_)))+?)(?<=\S)(?P=bold)(?!\w)"
    r"|~~(?=\S)(?P<struck>[^~\n]+?)(?<=\S)~~"
    r"|(?<![\w*])\*(?=[^\s*])(?P<slanted>[^*`\n]+?)(?<=[^\s*])\*(?![\w*])"
)
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$")
_ITEM = re.compile(r"([ \t]*)[-*+][ \t]+(?:\[([ xX])\][ \t]+)?(?=\S)")
_QUOTE = re.compile(r" {0,3}>(?:[ \t]*>)*[ \t]?")
_CELL_MARKS = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])|`([^`]+)`")
_CELL_LINK = re.compile(r"!?\[" + _LABEL.format("label") + r"\]\(" + _URL.format("url") + r"\)")

REMEMBERED = 500
"""Lines whose text is kept: a growing message is written again and again, and all but its last line stay the same."""


def escaped(text: str) -> str:
    """The text as Slack shows it character by character in mrkdwn; it calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def for_stream(markdown: str) -> str:
    """The text for a stream. What is made of a beginning is the beginning of what is made of the whole."""
    return markdown.replace("&", "&amp;").replace("<", "&lt;")  # `>` alone is harmless, and begins a quote


# ── blocks of Markdown ──


def to_markdown(markdown: str) -> str:
    """The text for a `markdown` block: its tables are drawn, and its pictures are links."""
    return _in_blocks(markdown, _drawn)


def length(markdown: str) -> int:
    """How long the text is for a `markdown` block, at most. It does not become shorter when a table goes on, though one
    that grows too wide becomes a list."""
    return len(_in_blocks(markdown, _longest))


def _in_blocks(markdown: str, table: Callable[[Table], str]) -> str:
    shown: list[str] = []
    fence: Fence | None = None
    for line in replace_tables(markdown, table).split("\n"):
        before, fence = fence, fence_after(line, fence)
        shown.append(line if before is not None or fence is not None else _PICTURE.sub(_linked, line))
    return for_stream("\n".join(shown))


def _linked(found: re.Match[str]) -> str:
    if found["code"]:
        return found.group()
    return f"[{found['label'] or found['url']}]({found['url']})"


# ── mrkdwn ──


def to_mrkdwn(markdown: str) -> str:
    """The text in Slack's own dialect. It calls nobody."""
    shown: list[str] = []
    fence: Fence | None = None
    for line in replace_tables(markdown, _drawn).split("\n"):
        before, fence = fence, fence_after(line, fence)
        if (before is None) != (fence is None):
            shown.append("```")  # Slack would show a language as code
        elif before is not None:
            shown.append(escaped(line))
        else:
            shown.append(_line(line))
    return "\n".join(shown)


@lru_cache(maxsize=REMEMBERED)
def _line(line: str) -> str:
    quote = _QUOTE.match(line)
    if quote is not None:
        return "> " + _line(line[quote.end() :])  # Slack knows quotes of one depth
    if _RULE.match(line):
        return RULE
    heading = _HEADING.match(line)
    if heading is not None:
        title = _inline(heading[1]).replace("*", "")
        return f"*{title}*" if title else ""
    item = _ITEM.match(line)
    if item is not None:
        box = {None: "", " ": "☐ "}.get(item[2], "☑ ")
        return f"{item[1]}• {box}" + _inline(line[item.end() :])
    return _inline(line)


def _inline(text: str, depth: int = DEEPEST) -> str:
    if not depth:
        return escaped(text)
    pieces, at = [], 0
    for found in _INLINE.finditer(text):
        pieces += [escaped(text[at : found.start()]), _replaced(found, depth - 1)]
        at = found.end()
    return "".join([*pieces, escaped(text[at:])])


def _replaced(found: re.Match[str], depth: int) -> str:
    if found["code"]:
        inner = found["code"].strip("`").strip()
        return f"`{escaped(inner)}`"
    if found["escaped"]:
        return escaped(found["escaped"])
    if found["newline"]:
        return "\n"
    if (address := found["auto"] or found["bare"]) is not None:
        return escaped(address)
    if found["strong"]:
        return f"*{_inline(found['strong'], depth)}*"
    if found["struck"]:
        return f"~{_inline(found['struck'], depth)}~"
    if found["slanted"]:
        return f"_{_inline(found['slanted'], depth)}_"
    return _link(found["label"], found["url"])


def _link(label: str, url: str) -> str:
    shown = escaped(label.strip()).replace("|", "¦")
    if not url.startswith(("https://", "http://")):
        return shown if not url or url.startswith("#") else f"{shown} ({escaped(url)})"
    address = escaped(url).replace("|", "%7C")
    return f"<{address}|{shown}>" if shown else f"<{address}>"


# ── tables ──


def _drawn(table: Table) -> str:
    lines = _aligned(table)
    if max(map(display_width, lines)) > WIDEST_TABLE and table.rows:
        return _listed(table)
    return _as_code(lines)


def _longest(table: Table) -> str:
    """Both ways only grow with the table, so the longer of them does; a line that is too wide counts as far as one
    may be."""
    drawn = _as_code([line[:WIDEST_TABLE] for line in _aligned(table)])
    return max(drawn, _listed(table), key=_sent_length) if table.rows else _as_code(_aligned(table))


def _sent_length(text: str) -> int:
    return len(for_stream(text))


def _aligned(table: Table) -> list[str]:
    rows = [[_cell(cell) for cell in row] for row in (table.header, *table.rows)]
    return aligned(rows, table.alignments).split("\n")


def _as_code(lines: list[str]) -> str:
    return "```\n" + "\n".join(lines).replace("```", "'''") + "\n```"


def _cell(cell: str) -> str:
    """In a code block the marks of Markdown would be read as text."""
    cell = _CELL_LINK.sub(lambda found: f"{found['label']} {found['url']}".strip(), cell.replace("<br>", " "))
    return _CELL_MARKS.sub(lambda found: found[2] or found[3] or found[4], cell)


def _listed(table: Table) -> str:
    """Each row as a list item named by its first cell, with one line for each further cell."""
    lines: list[str] = []
    for row in table.rows:
        lines.append(f"- **{row[0].replace('**', '')}**")
        lines += [f"  - {name}: {cell}" for name, cell in zip(table.header[1:], row[1:], strict=True) if cell]
    return "\n".join(lines)
