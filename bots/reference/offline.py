"""Whether a built site loads anything from another host: `python -m bots.reference.offline build/site`.

Links that a reader follows may lead anywhere. What a browser fetches by itself may not: scripts, styles, fonts,
pictures, frames and what styles import.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

FOREIGN = re.compile(r"(?:https?:)?//", re.IGNORECASE)
LINKS_ONLY = frozenset({"canonical", "prev", "next", "alternate", "license", "author"})
"""Kinds of `<link>` that a browser does not fetch."""
_IN_STYLES = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


class Loads(HTMLParser):
    """Collects what a page loads from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        values = {name: value or "" for name, value in attrs}
        fetched = [values.get("src", ""), values.get("poster", ""), *values.get("srcset", "").split(",")]
        if tag == "link" and not set(values.get("rel", "").lower().split()) & LINKS_ONLY:
            fetched.append(values.get("href", ""))
        if tag == "object":
            fetched.append(values.get("data", ""))
        self.found += [place for place in map(str.strip, fetched) if FOREIGN.match(place)]
        self.found += _IN_STYLES.findall(values.get("style", ""))


def loads(site: Path) -> Iterator[tuple[Path, str]]:
    """Each file, with an address elsewhere that a browser would load for it."""
    for file in sorted(site.rglob("*")):
        if file.suffix == ".html":
            page = Loads()
            text = file.read_text(encoding="utf-8")
            page.feed(text)
            styles = _IN_STYLES.findall("".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.S)))
            yield from ((file, place) for place in [*page.found, *styles])
        elif file.suffix == ".css":
            yield from ((file, place) for place in _IN_STYLES.findall(file.read_text(encoding="utf-8")))


def main(site: Path) -> int:
    """0 where the site stands alone."""
    if not (site / "index.html").exists():
        sys.stderr.write(f"{site} is no built site\n")
        return 1
    found = list(loads(site))
    for file, place in found:
        sys.stderr.write(f"{file.relative_to(site)} loads {place}\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
