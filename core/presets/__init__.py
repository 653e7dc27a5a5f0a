"""Personas that come with Parley, to be used as they are or copied and changed. Each is a TOML file in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from core.persona import Persona
from core.persona_file import loaded

FILES = (
    "general_assistant",
    "customer_support",
    "tutor",
    "translator",
    "code_reviewer",
    "writing_editor",
    "meeting_summariser",
    "brainstorming_partner",
)
"""In the order in which they are offered."""
TEACHERS = ("mathematics", "programming", "language", "facts", "essay")
"""The kinds of subjects for which there is one who teaches."""


@cache
def presets() -> tuple[Persona, ...]:
    """All of them. Raises PersonaInvalid only where a file of this folder was broken."""
    folder = files("core.presets")
    return tuple(
        persona for name in FILES for persona in loaded(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    )


@cache
def teachers() -> Mapping[str, Persona]:
    """Those who teach in tutoring sessions, by their kind of subject."""
    folder = files("core.presets.teachers")
    texts = {name: folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in TEACHERS}
    return {name: loaded(text)[0] for name, text in texts.items()}
