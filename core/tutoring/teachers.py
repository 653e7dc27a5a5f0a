"""Who teaches: a persona for each kind of subject, and what a level means for it.

These are presets like the others: a workspace that has a persona of the same name is taught by that one.
"""

from __future__ import annotations

from enum import StrEnum

from core.persona import Persona
from core.presets import teachers


class Subject(StrEnum):
    """What kind of thing is taught; each has a teacher of its own."""

    MATHEMATICS = "mathematics"
    PROGRAMMING = "programming"
    LANGUAGE = "language"
    FACTS = "facts"
    ESSAY = "essay"


class Level(StrEnum):
    """Whom it is taught to."""

    CHILD = "child"
    SECONDARY = "secondary"
    UNIVERSITY = "university"
    ADULT = "adult"
    PROFESSIONAL = "professional"


_GUIDANCE: dict[Level, str] = {
    Level.CHILD: (
        "a child of about 7 to 11 years. Very short sentences, everyday words, things to count and to see; "
        "examples from "
        "home, play and animals. One step a message. Mistakes are normal, and said so. Nothing frightening"
    ),
    Level.SECONDARY: (
        "a pupil of about 11 to 18 years. School terms with their meaning, examples from daily life and media, step by "
        "step; respect instead of childishness. Exams are on their mind: show how an answer is written down"
    ),
    Level.UNIVERSITY: (
        "a student. Exact terms and definitions, reasons and limits of methods, sources to read on; expect them "
        "to carry "
        "out longer arguments themselves"
    ),
    Level.ADULT: (
        "an adult who is new to this and learns besides other duties. Plain words, no school tone, examples from work "
        "and home; use what they know already, and say what it is good for"
    ),
    Level.PROFESSIONAL: (
        "a professional who wants to use it at work soon. Straight to the point, realistic cases, trade-offs and "
        "common "
        "failures; the terms of the trade without explaining the basics"
    ),
}


def level_guidance(level: Level) -> str:
    """Whom the level means, and how to speak with them."""
    return _GUIDANCE[level]


def teacher(subject: Subject) -> Persona:
    """The persona that teaches subjects of that kind, where a workspace has none of its own."""
    return teachers()[subject.value]
