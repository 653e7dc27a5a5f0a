"""What the adapter needs of a terminal. `prompting.py` draws on one that somebody looks at, `streaming.py` writes plain
lines where output or input is a file or a pipe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from adapters.console.shown import Shown
from core.conversation import ConversationKey
from core.interaction import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that is asked of the person, such as a field of a form."""

    label: str
    default: str = ""
    several_lines: bool = False


Suggest = Callable[[str, str, str], Awaitable[tuple[Choice, ...]]]
"""Given a command's name, an option's name and what is typed so far of its value."""


class Interrupted(Exception):
    """The person broke off what was being asked (Ctrl-C)."""


class Screen(Protocol):
    """Where messages are drawn and lines are read."""

    def draw(self, shown: Shown) -> None:
        """The message is seen as it is now: in place while it grows, for good when it is whole."""
        ...

    def forget(self, message: str) -> None:
        """A growing message of that id is seen no more."""
        ...

    def status(self, key: ConversationKey, words: str) -> None:
        """What is being done for that conversation; nothing where empty."""
        ...

    def note(self, text: str) -> None:
        """A line of the terminal's own."""
        ...

    async def read(self, label: str) -> str | None:
        """The next line, asked for with that label; None when the person leaves."""
        ...

    async def ask(self, question: Question) -> str:
        """The answer. Raises Interrupted."""
        ...

    def on_interrupt(self, told: Callable[[], bool]) -> None:
        """`told` is called at Ctrl-C while a line is read, and says whether there was something to stop."""
        ...

    def suggest(self, suggested: Suggest) -> None:
        """Values of commands are proposed while one types, where that can be seen."""
        ...

    async def close(self) -> None:
        """Everything was written, and the terminal is as it was."""
        ...
