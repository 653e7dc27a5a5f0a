"""Which page is made by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.telemetry import reference as metrics
from bots.reference import commands, platforms, programs, settings

DOCS = Path(__file__).parents[2] / "docs"
PAGES: Mapping[str, Callable[[], str]] = {
    "metrics.md": metrics.page,
    "reference/commands.md": commands.page,
    "reference/settings.md": settings.page,
    "reference/platforms.md": platforms.page,
    "reference/programs.md": programs.page,
}
"""Below docs/ → what makes the page, in Markdown."""
