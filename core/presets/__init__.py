"""Personas that come with Parley, to be used as they are or copied and changed. Each is a TOML file in this folder."""

from __future__ import annotations

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


@cache
def presets() -> tuple[Persona, ...]:
    """All of them. Raises PersonaInvalid only where a file of this folder was broken."""
    folder = files("core.presets")
    return tuple(
        persona for name in FILES for persona in loaded(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    )
