"""What is being asked of whom, and what came of it: the values that answering hands to the engine."""

from __future__ import annotations

from dataclasses import dataclass

from core.endings import TurnEnd
from core.errors import ModelError
from core.quota.price import Price
from core.turn import Usage
from core.voices import Voice

NOTHING = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is being asked of whom."""

    voice: Voice
    prompt_tokens: int = 0
    """Of the request that is under way, counted here for streams that end without figures; 0 while none is."""
    before: Usage = NOTHING
    """What it took so far: to make the conversation fit, and in rounds that ended with calls of tools."""
    kept: int = 0
    """Characters of the answer that belong to rounds before: their messages are stored already."""
    price: Price | None = None
    """Of the model; None where nobody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How the model's part of a turn ended."""

    end: TurnEnd
    usage: Usage | None = None
    """The provider's own figures of the last round, where it sent some."""
    error: ModelError | None = None
    """What failed on the model's side, also where another model answered in the end."""
    asking: Asking | None = None
    """What was asked of whom; None where it did not come to that."""
    private: tuple[str, ...] = ()
    """What the asker alone should read."""
    silent: bool = False
    """No word of an answer had come when it ended."""
