"""What may be shown of Markdown that is still being written."""

from core.markdown.unfinished import well_formed

__all__ = ["well_formed"]
