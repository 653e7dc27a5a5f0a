"""One person at one terminal: what the adapter is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapters.console.places import Spot
from adapters.console.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where to draw, where the person is at first, and where files are put that Parley gives."""

    screen: Screen
    spot: Spot
    folder: Path
