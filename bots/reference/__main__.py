"""Writes every page that is made from declarations: `python -m bots.reference`."""

from __future__ import annotations

from bots.reference.pages import DOCS, PAGES

if __name__ == "__main__":
    for place, made in PAGES.items():
        (DOCS / place).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / place).write_text(made(), encoding="utf-8")
