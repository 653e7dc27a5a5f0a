"""What a message of a reply shows, and what messages of a place may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.interaction import Button


class Control(StrEnum):
    """A button under a reply."""

    STOP = "stop"
    TRY_AGAIN = "try_again"
    ANSWER_AGAIN = "answer_again"
    """The question was edited after it was answered."""
    CONTINUE = "continue"
    """The answer reached its length limit."""


CONTROL_LABELS: Mapping[Control, str] = {
    Control.STOP: "Stop",
    Control.TRY_AGAIN: "Try again",
    Control.ANSWER_AGAIN: "Answer the edited question",
    Control.CONTINUE: "Go on",
}


class TaskState(StrEnum):
    """How far something is that a reply waits for."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that is done for an answer while people wait, such as reading a web page."""

    id: str
    title: str
    """At most 200 characters."""
    state: TaskState = TaskState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one message of a reply shall show."""

    text: str
    """Well-formed Markdown of the model. Foreign: it must ping nobody."""
    notice: str = ""
    """A sentence of our own under it, set apart (`stopped`, `cut`, an error)."""
    controls: tuple[Control, ...] = ()
    turn: int = 0
    """Carried by the controls, so that a click finds its turn after a restart."""
    tasks: tuple[Task, ...] = ()
    """What is being done for it, on surfaces whose messages grow; others say it in the notice."""
    buttons: tuple[Button, ...] = ()
    """Of a feature, below the controls: at most 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What stands under a finished answer."""

    notice: str = ""
    controls: tuple[Control, ...] = ()
    buttons: tuple[Button, ...] = ()


class Call(StrEnum):
    """Which of a platform's budgets a write draws on."""

    OPEN = "open"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceLimits:
    """What a message of one reply may be."""

    length: int
    """Longest message, in the units of `measure`."""
    grows: bool = False
    """Text can only be added (Slack's own streaming), and the platform itself shows unfinished Markdown well."""
    lifetime: float | None = None
    """Seconds after which a growing message takes no more text and the next one must begin."""
    working_every: float = 8.0
    """Seconds after which the platform forgets that we are at work."""
