"""What a person is told whose question does not even wait, because too many do."""

from __future__ import annotations

from core.interaction import Answer
from core.store import Shed, Whose


def told(result: object) -> Answer | None:
    """What whoever asked is told of what became of it: something only where it was shed."""
    return Answer(text=crowded(result)) if isinstance(result, Shed) else None


def crowded(shed: Shed) -> str:
    """How many wait, whose they are, and what to do."""
    if shed.whose is Whose.PERSON:
        return f"You have {shed.waiting:,} questions waiting already. Please ask again once some are answered."
    return f"I have {shed.waiting:,} questions waiting already. Please ask again in a few minutes."
