"""Markdown as models write it, in Discord's dialect. Pure.

Discord reads much of Markdown and shows the rest as it stands, so only what it does not know is changed: tables,
deep headings, rules, task boxes, pictures, `~~~` fences. What it would read although nobody meant it is made harmless:
mentions, spoilers, previews of links. Code keeps every character. The way back is names.py.
"""

from __future__ import annotations

import re
from functools import lru_cache

from core.markdown.fences import Fence, fence_after
from core.tables import Table, aligned, display_width, replace_tables

ZERO_WIDTH = "\u200b"
RULE = "─" * 12
WIDEST_TABLE = 90
"""Columns beyond which Discord's window breaks the lines of a code block; such a table becomes a list."""

_LANGUAGE = re.compile(r"[\w+#.-]+")
_QUOTE = re.compile(r"[ \t]{0,3}>(?:[ \t]*>)*[ \t]?")
_RULE = re.compile(r" {0,3}(?:-[ \t]*){3,}$| {0,3}(?:\*[ \t]*){3,}$| {0,3}(?:_[ \t]*){3,}$")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)$")
_ITEM = re.compile(r"([ \t]*)(?:([-*+])|(\d{1,9})[.)])[ \t]+(?:\[([ xX])\][ \t]+)?(?=\S)")
# Quantifiers are possessive where they can be: a model may write anything, and the time must not grow with its square.
_CODE = r"(?<!`)(?P<ticks>`{1,8})(?!`).+?(?<!`)(?P=ticks)(?!`)"
_STRONG = re.compile(
    rf"(?P<kept>{_CODE}|https?://\S+)"
    r"|(?<![\w\\_])__(?=[^\s_])(?P<strong>(?:[^`_]|_(?!_)|`[^`]*`)++)(?<=[^\s_])__(?![\w_])"
)
_URL = r"<?(?P<{0}>[^\s<>()]*+(?:\([^\s<>()]*+\)[^\s<>()]*+)*+)>?(?:[ \t]++(?:\"[^\"]*+\"|'[^']*+'))?"
_LABEL = r"(?P<{0}>(?:[^\[\]\\]|\\.|\[[^\[\]]*+\])*+)"
_INLINE = re.compile(
    rf"(?P<code>{_CODE})"
    r"|\\?<(?P<mention>@[!&]?(?=\d)|#(?=\d)|/(?=[^<>:\n]++:\d)|id:)(?P<whom>[^<>\n]++)>"
    r"|\\?@(?P<crowd>everyone|here)\b"
    r"|(?P<escape>\\.)"
    r"|\[!\[" + _LABEL.format("badge") + r"\]\([^\s()]*\)\]\(" + _URL.format("badge_url") + r"\)"
    r"|!\[" + _LABEL.format("picture") + r"\]\(" + _URL.format("picture_url") + r"\)"
    r"|\[" + _LABEL.format("label") + r"\]\(" + _URL.format("url") + r"\)"
    r"|(?P<auto><https?://[^\s<>]+>)"
    r"|(?P<bare>https?://[^\s<>]+)"
    r"|(?P<newline><br[ \t]*/?>)"
    r"|(?P<spoiler>\|\|)"
)
_AFTER_URL = ".,:;!?'\"*_~"
_CELL_MARKS = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_CELL_CODE = re.compile(_CODE.replace("?P<ticks>", "").replace(".+?", "(.+?)").replace("(?P=ticks)", r"\1"))
_CELL_LINK = re.compile(r"!?\[" + _LABEL.format("label") + r"\]\(" + _URL.format("url") + r"\)")

REMEMBERED = 500
"""Lines whose text is kept: a growing message is written again and again, and all but its last line stay the same."""


def to_discord(markdown: str) -> str:
    """The text as Discord shows it best. It mentions nobody and unfurls nothing."""
    shown: list[str] = []
    fence: Fence | None = None
    for line in replace_tables(markdown, _drawn).split("\n"):
        before, fence = fence, fence_after(line, fence)
        if before is None and fence is not None:
            shown.append(_opening(line, fence))
        elif before is not None and fence is None:
            shown.append(before.prefix + "```")
        elif before is not None:
            shown.append(line.replace("```", f"`{ZERO_WIDTH}``"))
        else:
            shown.append(_prose(line))
    return "\n".join(shown)


def _opening(line: str, fence: Fence) -> str:
    """Discord knows one kind of fence, and one word behind it; further words would be shown as code."""
    language = _LANGUAGE.match(fence.info)
    return line[: line.index(fence.marks)] + "```" + (language.group() if language else "")


# ── lines ──


@lru_cache(maxsize=REMEMBERED)
def _prose(line: str) -> str:
    quote = _QUOTE.match(line)
    if quote is not None:
        return "> " + _block(line[quote.end() :])  # Discord knows quotes of one depth, and `>>>` would never end
    return _block(line)


def _block(line: str) -> str:
    if _RULE.match(line):
        return RULE
    heading = _HEADING.match(line)
    if heading is not None:
        return _heading(len(heading[1]), _inline(_without_closing(heading[2].rstrip())))
    item = _ITEM.match(line)
    if item is not None:
        return _marker(item) + _inline(line[item.end() :])
    if line.startswith("-# "):
        return "\\" + _inline(line)  # subtext is how our own notices look
    return _inline(line)


def _without_closing(title: str) -> str:
    """A heading may end with as many `#` as it likes."""
    bare = title.rstrip("#")
    return bare.rstrip() if bare.endswith((" ", "\t")) or not bare else title


def _heading(level: int, text: str) -> str:
    if level <= 3 or not text:
        return f"{'#' * level} {text}".rstrip()
    return f"**{text.replace('**', '')}**"


def _marker(item: re.Match[str]) -> str:
    indent, bullet, number, box = item.groups()
    marker = f"{number}. " if number else f"{'-' if bullet == '+' else bullet} "
    if box is not None:
        marker += "☐ " if box == " " else "☑ "
    return indent.replace("\t", "    ") + marker


# ── within a line ──


def _inline(text: str) -> str:
    if text.endswith("\\") and not text.endswith("\\\\"):
        text = text[:-1]  # Markdown's hard break; Discord breaks every line
    return _INLINE.sub(_replaced, _STRONG.sub(_strong, text))


def _strong(found: re.Match[str]) -> str:
    """Two underscores would underline."""
    return found["kept"] or f"**{found['strong']}**"


def _replaced(found: re.Match[str]) -> str:
    if found["code"] or found["escape"] or found["auto"]:
        return found.group()
    if found["mention"]:
        return f"<{found['mention']}{ZERO_WIDTH}{found['whom']}>"
    if found["crowd"]:
        return f"@{ZERO_WIDTH}{found['crowd']}"
    if found["bare"]:
        return _bare(found["bare"])
    if found["newline"]:
        return "\n"
    if found["spoiler"]:
        return "\\|\\|"
    for label, url in (("badge", "badge_url"), ("picture", "picture_url"), ("label", "url")):
        if found[url] is not None:
            return _link(found[label], found[url])
    raise AssertionError("a token without a rule")


def _link(label: str, url: str) -> str:
    label = _inline(label).strip()
    if not url.startswith(("https://", "http://")):
        return label if not url or url.startswith("#") else f"{label} ({_inline(url)})"
    if not label:
        return f"<{url}>"
    if "://" in label:  # Discord shows no link whose text is an address: it could lead elsewhere
        return f"<{url}>" if label.strip("<>") == url else f"{label} (<{url}>)"
    return f"[{label}](<{url}>)"


def _bare(url: str) -> str:
    """Angle brackets keep Discord from adding a preview."""
    address = url.rstrip(_AFTER_URL)
    surplus = address.count(")") - address.count("(")
    while surplus > 0 and address.endswith(")"):
        address, surplus = address[:-1].rstrip(_AFTER_URL), surplus - 1
    return f"<{address}>{url[len(address) :]}"


# ── tables ──


def _drawn(table: Table) -> str:
    rows = [[_cell(cell) for cell in row] for row in (table.header, *table.rows)]
    drawn = aligned(rows, table.alignments)
    if max(display_width(line) for line in drawn.split("\n")) > WIDEST_TABLE and table.rows:
        return _listed(table)
    return "```\n" + drawn.replace("```", f"`{ZERO_WIDTH}``") + "\n```"


def _cell(cell: str) -> str:
    """In a code block the marks of Markdown would be read as text."""
    cell = _CELL_LINK.sub(_cell_link, cell.replace("<br>", " "))
    code = _CELL_CODE.split(cell)
    return "".join(piece if place % 3 == 2 else _unmarked(piece) for place, piece in enumerate(code) if place % 3 != 1)


def _cell_link(found: re.Match[str]) -> str:
    label, url = found["label"], found["url"]
    return label if not url.startswith("http") or url in label else f"{label} {url}".strip()


def _unmarked(text: str) -> str:
    before = None
    while before != text:
        before, text = text, _CELL_MARKS.sub(lambda found: found[2] or found[3], text)
    return text


def _listed(table: Table) -> str:
    """Each row as a list item named by its first cell, with one line for each further cell."""
    lines: list[str] = []
    for row in table.rows:
        lines.append(f"- **{row[0].replace('**', '')}**")
        lines += [f"  - {name}: {cell}" for name, cell in zip(table.header[1:], row[1:], strict=True) if cell]
    return "\n".join(lines)
