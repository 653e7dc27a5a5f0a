"""What kind of document came, in which letters, and how it is called. Pure."""

from __future__ import annotations

import codecs
import html
import re
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote

HTML = "text/html"
HEAD = 200_000
"""Bytes of a page in which its title is looked for."""
LONGEST_TITLE = 300
_TITLE = re.compile(r"<title(?:\s[^>]{0,300})?>", re.IGNORECASE)
_TITLE_END = re.compile(r"</title", re.IGNORECASE)
_READABLE = frozenset(
    {
        "application/pdf",
        "application/xhtml+xml",
        "application/xml",
        "application/json",
        "application/ld+json",
        "application/javascript",
        "application/x-yaml",
        "application/yaml",
        "application/toml",
    }
)
_ENDINGS = {
    HTML: ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/csv": ".csv",
    "text/markdown": ".md",
}


def kind_of(content_type: str) -> str:
    """The media type in small letters, without parameters; that of a page where nothing is said."""
    return content_type.partition(";")[0].strip().lower() or HTML


def readable(kind: str) -> bool:
    """Whether there is text in it."""
    return kind.startswith("text/") or kind in _READABLE or kind.endswith(("+json", "+xml"))


def charset_of(content_type: str) -> str:
    """The letters that the server says it is written in, by the name that Python has for them; empty where it says none
    that is known."""
    header = Message()
    header["content-type"] = content_type
    said = header.get_param("charset", "")
    try:
        return codecs.lookup(said).name if isinstance(said, str) and said else ""
    except (LookupError, ValueError):
        return ""


def recoded(content: bytes, kind: str, charset: str) -> bytes:
    """Text in UTF-8, where the server says in what else it is written: its word counts more than the page's."""
    if kind == "application/pdf" or charset in ("", "utf-8"):
        return content
    try:
        return content.decode(charset, "replace").encode()
    except (LookupError, UnicodeError):  # a codec that is none of text
        return content


def name_of(path: str, kind: str) -> str:
    """How a file of it would be called, with the ending that its kind has."""
    stem = PurePosixPath(unquote(path)).name[:80] or "page"
    ending = _ENDINGS.get(kind, "")
    return stem if stem.lower().endswith(ending) else stem + ending


def title_of(content: bytes) -> str:
    """The title of an HTML page, in one line; empty where it has none."""
    # By two plain searches, whose time does not grow faster than the page, whatever is written in it.
    text = content[:HEAD].decode("utf-8", "replace")
    begin = _TITLE.search(text)
    end = _TITLE_END.search(text, begin.end()) if begin else None
    if begin is None or end is None:
        return ""
    return " ".join(html.unescape(text[begin.end() : end.start()]).split())[:LONGEST_TITLE]
