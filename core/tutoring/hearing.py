"""What a learner's message was: an attempt, a wish, or something else. Pure values, and the words of the buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.tutoring.grading import Grade


class Intent(StrEnum):
    """What a message wants."""

    ATTEMPT = "attempt"
    """It answers the open question, well or badly."""
    HINT = "hint"
    STUCK = "stuck"
    ANSWER = "answer"
    """It demands the answer."""
    ASK = "ask"
    """It asks something about the matter."""
    READY = "ready"
    """It wants to go on."""
    QUIZ = "quiz"
    DIFFERENTLY = "differently"
    """It wants the explanation again, in another way."""
    PLAN = "plan"
    """It wants the plan changed."""
    TASK = "task"
    """It brings a task of its own."""
    CONTEST = "contest"
    """It says that the last grade is wrong."""
    RECAP = "recap"
    PAUSE = "pause"
    RESUME = "resume"
    DISTRESS = "distress"
    """Whoever wrote it needs people."""
    TALK = "talk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was made of a message."""

    intent: Intent
    grade: Grade | None = None
    """Of an attempt; of a contested answer the new one."""
    faulty: bool = False
    """The contested question is wrong itself."""
    said: str = field(default="", repr=False)
    """The attempt itself."""
    graded_work: bool = False
    """The learner says, or it stands there, that the work will be graded."""


PHRASES: Mapping[Intent, str] = {
    Intent.HINT: "Give me a hint, please.",
    Intent.STUCK: "I'm stuck.",
    Intent.QUIZ: "Quiz me, please.",
    Intent.DIFFERENTLY: "Please explain it differently.",
    Intent.RECAP: "What have we done so far?",
    Intent.PAUSE: "Let us pause here.",
    Intent.RESUME: "Let us go on.",
    Intent.READY: "I am ready.",
}
"""What stands in the conversation for a button that was pressed."""
_HELP = (
    "kill myself",
    "end my life",
    "want to die",
    "hurt myself",
    "self-harm",
    "suicide",
    "suicidal",
    "mich umbringen",
    "nicht mehr leben",
    "selbstmord",
    "me suicider",
    "suicidarme",
    "quitarme la vida",
)
"""What is never taken for an answer, even where no model reads it."""


def pressed(text: str) -> Intent | None:
    """Which button the words stand for."""
    return next((intent for intent, phrase in PHRASES.items() if phrase == text.strip()), None)


def in_danger(text: str) -> bool:
    """Whether the words speak of harm to oneself."""
    said = " ".join(text.casefold().split())
    return any(words in said for words in _HELP)
