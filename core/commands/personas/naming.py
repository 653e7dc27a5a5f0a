"""Which persona somebody means. Pure.

Names may have several words, and on Slack a command is one line of them; so the longest name with which the words begin
is meant, and what follows is left to the verb.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from core.commands.foreign import coded
from core.interaction import Choice

Named = TypeVar("Named")
MOST_SUGGESTED = 25


def folded(name: str) -> str:
    """The name as names are compared."""
    return " ".join(name.split()).casefold()


class Known(Generic[Named]):
    """Things by their names."""

    def __init__(self, things: Iterable[tuple[str, Named]]) -> None:
        self._things = {folded(name): (name, thing) for name, thing in things}

    def __bool__(self) -> bool:
        return bool(self._things)

    @property
    def names(self) -> list[str]:
        """The names as they are written."""
        return [name for name, _ in self._things.values()]

    def meant(self, words: str) -> tuple[Named, str] | None:
        """What the words begin with, and the words that are left; none where they begin with no name."""
        parts = words.split()
        for count in range(len(parts), 0, -1):
            found = self._things.get(folded(" ".join(parts[:count])))
            if found is not None:
                return found[1], after(words, count)
        return None

    def near(self, words: str) -> list[str]:
        """Names that were perhaps meant."""
        close = difflib.get_close_matches(folded(words), self._things, n=3)
        return [self._things[name][0] for name in close]


def after(words: str, count: int) -> str:
    """What is left behind that many words, with its lines as they are."""
    parts = words.strip().split(maxsplit=count)
    return parts[count] if len(parts) > count else ""


def unknown(words: str, known: Known[Named]) -> str:
    """That nobody is called so, and who there is."""
    if not words.strip():
        return "Name a persona behind it; `/persona list` shows them."
    near = known.near(words)
    if near:
        return f"There is no persona called {coded(words)}. Is it {' or '.join(f'**{name}**' for name in near)}?"
    return f"There is no persona called {coded(words)}. `/persona list` shows those that there are."


def suggested(names: Sequence[str], typed: str) -> tuple[Choice, ...]:
    """The names that fit what is typed, those that begin so first."""
    begun = folded(typed)
    fitting = [name for name in names if begun in folded(name)]
    fitting.sort(key=lambda name: (not folded(name).startswith(begun), folded(name)))
    return tuple(Choice(value=name, label=name) for name in fitting[:MOST_SUGGESTED])
