"""Markdown as models write it, while it is still being written; pure."""

from core.markdown.formulas import readable, undecided
from core.markdown.unfinished import well_formed

__all__ = ["readable", "undecided", "well_formed"]
