"""Plain text, source files, comma-separated values, notebooks and web pages."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from adapters.documents.program.encodings import decoded
from adapters.documents.program.gathering import Gathering, first_characters, span
from adapters.documents.program.refusal import EMPTY, Refused
from adapters.documents.program.tables import line

MOST_ROWS = 5_000
LARGEST_PAGE = 5_000_000
"""Characters of a web page whose tree is built."""


def plain(content: bytes, gathering: Gathering) -> None:
    """As it is."""
    _whole(decoded(content), gathering)


def _whole(text: str, gathering: Gathering) -> None:
    gathering.add(text)
    if len(text) > gathering.length:
        gathering.cut(first_characters(gathering.length, len(text)))


def rows(content: bytes, gathering: Gathering) -> None:
    """Row by row, whatever stands between the cells."""
    text = decoded(content)
    if not text.strip():
        raise Refused(EMPTY)
    csv.field_size_limit(10_000_000)
    count = 0
    try:
        for count, row in enumerate(csv.reader(StringIO(text), _dialect(text)), 1):
            if count > MOST_ROWS or gathering.over:
                break
            gathering.add(line(row, gathering))
    except csv.Error:  # a quotation mark that is never closed, and the like: then as plain text
        gathering.pieces.clear()
        gathering.length = 0
        _whole(text, gathering)
        return
    if count > MOST_ROWS or gathering.over:
        gathering.cut(f"rows from {count:,} on were left out, of about {max(text.count(chr(10)), count):,}")


def _dialect(text: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(text[:8_192], delimiters=",;\t|")
    except csv.Error:
        return csv.excel


def notebook(content: bytes, gathering: Gathering) -> None:
    """A Jupyter notebook's cells, without the pictures in their results."""
    text = decoded(content)
    try:
        cells = json.loads(text)["cells"]
        written = [_cell(cell) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        _whole(text, gathering)
        return
    for number, piece in enumerate(written, 1):
        if gathering.over:
            gathering.cut(span("cell", number, len(written)))
            return
        gathering.add(piece)


def _cell(cell: dict[str, Any]) -> str:
    source = _joined(cell["source"])
    if cell["cell_type"] != "code":
        return f"{source}\n\n"
    results = "".join(_result(output) for output in cell.get("outputs") or ())
    shown = f"Result:\n\n```\n{results.rstrip()}\n```\n\n" if results.strip() else ""
    return f"```python\n{source}\n```\n\n{shown}"


def _result(output: dict[str, Any]) -> str:
    return _joined(output.get("text") or (output.get("data") or {}).get("text/plain") or "")


def _joined(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


def page(content: bytes, gathering: Gathering) -> None:
    """A web page's own text as Markdown, without what stands around it."""
    text = decoded(content)
    if len(text) > LARGEST_PAGE:
        gathering.cut(first_characters(LARGEST_PAGE, len(text)))
        text = text[:LARGEST_PAGE]
    found = "\n\n".join(piece for piece in _readable(text) if piece)
    if not found.strip():
        raise Refused("it is a web page without any text.")
    _whole(found, gathering)


def _readable(text: str) -> Iterator[str]:
    """The title and the text; everything there is where no part of it stands out as the text."""
    import lxml.html
    import trafilatura

    try:
        # Bytes, because lxml refuses text that declares an encoding.
        tree = lxml.html.document_fromstring(
            text.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8", no_network=True)
        )
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        raise Refused("it is a web page without any text.") from None
    title = " ".join((tree.findtext(".//title") or "").split())
    main = trafilatura.extract(tree, output_format="markdown", include_tables=True, favor_recall=True) or ""
    if not main.strip():
        for gone in tree.xpath("//script | //style | //noscript | //template | //head"):
            gone.drop_tree()
        main = "\n".join(filter(None, (" ".join(one.split()) for one in tree.text_content().splitlines())))
    if title and title not in (line.lstrip("# ") for line in main.splitlines()[:5]):
        yield f"# {title}"
    yield main
